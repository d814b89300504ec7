"""The real Lambda handler in a process of its own, invoked as Lambda invokes it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from uuid import uuid4

TIMEOUT = 50.0
"""Seconds: the time limit of an invocation, as in the template."""
_REPORT = "report: "
_INHERITED = ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "TZ")
ISOLATED = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
}
"""Keeps the user's own AWS account out of it; the keys are not real."""


class FunctionError(Exception):
    """The function ended without a report; the text has its last log line."""


class InvocationContext:
    """The part of Lambda's context that the handler uses."""

    def __init__(self) -> None:
        """Start the time limit."""
        self.aws_request_id = uuid4().hex
        self._end = time.monotonic() + TIMEOUT

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds left of this invocation."""
        return max(0, int((self._end - time.monotonic()) * 1000))


class Function:
    """A warm function: one process for all invocations."""

    def __init__(self, process: "subprocess.Popen[str]", log: Path) -> None:
        """*log* is the file to which *process* logs."""
        self._process = process
        self._log = log

    def invoke(self) -> Mapping[str, object]:
        """Run one sync and return its report. Raises FunctionError."""
        stdin, stdout = _pipes(self._process)
        try:
            stdin.write("{}\n")
            stdin.flush()
            line = stdout.readline()
        except OSError:
            line = ""
        if not line.startswith(_REPORT):
            last = self._log.read_text().strip().splitlines()[-1:]
            raise FunctionError(f"The function ended: {' '.join(last)}")
        report = json.loads(line.removeprefix(_REPORT))
        if not isinstance(report, dict):
            raise FunctionError("The function's report is not an object.")
        return report


def _pipes(process: "subprocess.Popen[str]") -> tuple[IO[str], IO[str]]:
    if process.stdin is None or process.stdout is None:
        raise FunctionError("The function was started without pipes.")
    return process.stdin, process.stdout


@contextmanager
def function(environment: Mapping[str, str], log: Path) -> Iterator[Function]:
    """Run the function's process until the context ends; logs go to *log*."""
    inherited = os.environ  # noqa: TID251  # what any child needs
    with (
        log.open("w") as output,
        subprocess.Popen(  # noqa: S603  # this very module
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            text=True,
            # Ctrl-C is for the demonstration, which then ends this.
            start_new_session=True,
            cwd=Path(__file__).parent.parent,
            env={
                **{name: inherited[name] for name in _INHERITED if name in inherited},
                **ISOLATED,
                **environment,
            },
        ) as process,
    ):
        try:
            yield Function(process, log)
        finally:
            stdin, _ = _pipes(process)
            stdin.close()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()


def main() -> int:
    """Invoke the handler once for each line on stdin, the event as JSON."""
    from lambda_fn.handler import handler

    # The function's stdout is its log; reports go to a copy of it.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        report = handler(json.loads(line), InvocationContext())
        answers.write(f"{_REPORT}{json.dumps(report)}\n")
        answers.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())

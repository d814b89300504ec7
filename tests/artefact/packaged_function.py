"""The package as Lambda runs it: AWS's emulator and runtime client around it."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, cast

import httpx
import psutil

from benchmarks import packaged
from simulator.demo.dynamodb import free_port
from simulator.desktop.waiting import until
from tests.artefact import emulator

_EVENT = {
    "version": "1.0",
    "schedule": "arn:aws:scheduler:eu-west-1:123456789012:schedule/default/Tick",
    "time": "2026-01-02T03:04:05Z",
}
"""What the scheduler sends; nothing in it is used."""


class FunctionReport(TypedDict):
    """The fields of a sync's report that tests read."""

    sync: str
    complete: bool
    error: str
    changes: int
    feeds_changed: int
    api_calls: int
    duration_ms: float
    key_rejected: bool


class _Metric(TypedDict):
    Name: str


class _Directive(TypedDict):
    Namespace: str
    Dimensions: list[list[str]]
    Metrics: list[_Metric]


class _Metadata(TypedDict):
    CloudWatchMetrics: list[_Directive]


class MetricLine(TypedDict):
    _aws: _Metadata
    service: str
    Complete: list[float]
    Open: list[float]
    KeyRejected: list[float]


"""A log line in CloudWatch's embedded metric format: the fields that tests read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A function that can be invoked."""

    url: str
    process: "subprocess.Popen[bytes]"
    log: Path

    def invoke(self) -> FunctionReport:
        """Invoke it with a tick of the schedule; return what it answers."""
        answer = httpx.post(self.url, json=_EVENT, timeout=60).json()
        assert isinstance(answer, dict), answer
        return cast("FunctionReport", answer)

    @property
    def runtime(self) -> psutil.Process:
        """The process that the handler runs in."""
        (child,) = psutil.Process(self.process.pid).children()
        return child

    @property
    def printed(self) -> str:
        """All that the function and the emulator printed so far."""
        return self.log.read_text()

    def lines(self) -> list[dict[str, object]]:
        """What the function printed, line by line: logs and metrics are JSON."""
        return [
            json.loads(line)
            for line in self.printed.splitlines()
            if line.startswith("{")
        ]


@contextmanager
def running(
    package: Path, log: Path, settings: Mapping[str, str], *, timeout: int = 50
) -> Iterator[Function]:
    """Run *package* with *settings* and nothing of this environment."""
    _, interpreter = packaged.python()
    port, api = free_port(), free_port()
    environment = {
        "PATH": "/usr/bin:/bin",
        "LAMBDA_TASK_ROOT": str(package),
        "LAMBDA_RUNTIME_DIR": str(packaged.runtime()),
        "_HANDLER": "lambda_fn.handler.handler",
        "AWS_LAMBDA_FUNCTION_NAME": "Sync",
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(timeout),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        **settings,
    }
    command = [
        str(emulator.emulator()),
        "--runtime-interface-emulator-address",
        f"127.0.0.1:{port}",
        "--runtime-api-address",
        f"127.0.0.1:{api}",
        str(interpreter),
        *("-I", "-S", "-B"),
        str(Path(__file__).with_name("boot.py")),
    ]
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command,
            cwd=package,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        parent = psutil.Process(process.pid)
        until(lambda: _listens(parent, port))
        try:
            yield Function(
                url=f"http://127.0.0.1:{port}/2015-03-31/functions/function/invocations",
                process=process,
                log=log,
            )
        finally:
            for child in [*parent.children(recursive=True), parent]:
                child.kill()


def _listens(process: psutil.Process, port: int) -> bool:
    return any(
        connection.laddr.port == port and connection.status == psutil.CONN_LISTEN
        for connection in process.net_connections("inet")
    )

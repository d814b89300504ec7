"""
A deployment from beginning to end, on this machine: `make rehearse`.

A real `sam build` and `sam deploy` to ministack, which enforces the function's role;
the schedule ticks; an incident of the simulator ends in the deployed table and is read
with the command line. No account, no network but for package registries.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from infra.package.build import HERE, PYTHON, interpreter
from infra.tools.install import ToolError, program, tool
from simulator.api.server import serve
from simulator.demo.dynamodb import emulator, environment
from simulator.world.people import TEAM_KEY
from simulator.world.world import World

ROOT = Path(__file__).resolve().parents[1]
STACK = "incident-tray-rehearsal"
TEAM = "ops"
INCIDENT = "Checkout is down"
_TICK = 150.0
"""Seconds: a schedule of one minute, and a sync; twice that where much else runs."""


class RehearsalError(Exception):
    """A step failed; the text has its output."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """A simulated AWS, a simulated Coralogix, and the tools to deploy with."""

    folder: Path
    port: int
    base_url: str
    world: World
    python: str
    """The version that the emulator runs functions on."""

    @property
    def build(self) -> Path:
        """The folder of the build."""
        return self.folder / "aws" / "build"

    def sam(self, *arguments: str) -> str:
        """Run `sam`; return its output. Raises RehearsalError."""
        return _run([str(program("sam", "sam")), *arguments], self.settings())

    def deploy(self, **parameters: str) -> str:
        """Deploy what was built, with *parameters* in addition to the defaults."""
        values = {
            "Team": TEAM,
            "CoralogixRegion": "eu1",
            "CoralogixBaseUrl": self.base_url,
            "Architecture": HERE,
            "Runtime": f"python{self.python}",
            **parameters,
        }
        return self.sam(
            "deploy",
            f"--template-file={self.build / 'template.yaml'}",
            f"--stack-name={STACK}",
            "--resolve-s3",
            "--capabilities",
            "CAPABILITY_NAMED_IAM",
            "CAPABILITY_AUTO_EXPAND",
            "--no-confirm-changeset",
            "--no-fail-on-empty-changeset",
            "--parameter-overrides",
            *(f"{name}={value}" for name, value in values.items()),
        )

    def outputs(self) -> Mapping[str, str]:
        """Return the outputs of the stack."""
        text = self.sam("list", "stack-outputs", "--stack-name", STACK, "--output=json")
        rows = json.loads(text[text.index("[") :])
        return {row["OutputKey"]: row["OutputValue"] for row in rows}

    def aws(self, *arguments: str) -> str:
        """Run `aws`; return what it prints. Raises RehearsalError."""
        return _run([str(program("aws", "aws")), *arguments], self.settings())

    def tray(self, table: str, *arguments: str) -> str:
        """Run `incident-tray` on *table*; return what it prints."""
        command = [sys.executable, "-m", "tray_app.cli.main", *arguments]
        return _run(command, {**self.settings(), "TABLE_NAME": table})

    def settings(self) -> dict[str, str]:
        """Return the environment of a program that reaches this cloud."""
        return {
            **environment(self.port),
            "HOME": str(self.folder),
            "INCIDENT_TRAY_HOME": str(self.folder / "home"),
            "SAM_CLI_TELEMETRY": "0",
            "FUNCTION_PYTHON": self.python,
            "FUNCTION_PLATFORM": HERE,
        }


def put_key(sky: Rehearsal, secret: str, key: str) -> None:
    """Set the secret's value, as the runbook does."""
    arguments = ["--secret-id", secret, "--secret-string", key]
    sky.aws("secretsmanager", "put-secret-value", *arguments)


def invoke(sky: Rehearsal, function: str) -> Mapping[str, object]:
    """Run the function once; return its report."""
    answer = sky.folder / "answer.json"
    sky.aws("lambda", "invoke", "--function-name", function, str(answer))
    report: Mapping[str, object] = json.loads(answer.read_text())
    return report


def changes(sky: Rehearsal, table: str, feed: str) -> Sequence[Mapping[str, object]]:
    """Read a feed with the tray's own command."""
    lines = sky.tray(table, "feed", feed, "--json").splitlines()
    return [json.loads(line) for line in lines]


def names(rows: Sequence[Mapping[str, object]]) -> list[str]:
    """Return the names of the incidents in *rows* of a feed."""
    afters = [row["after"] for row in rows]
    return [str(after["name"]) for after in afters if isinstance(after, dict)]


def eventually(condition: Callable[[], bool], seconds: float = _TICK) -> bool:
    """Wait until *condition* is true; False after *seconds*."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(1)
    return True


@contextmanager
def cloud(folder: Path) -> Iterator[Rehearsal]:
    """Start the simulated AWS and Coralogix, with files below *folder*."""
    tool("sam")
    emulator_python = tool("ministack") / "bin" / "python"
    python = PYTHON if interpreter(PYTHON) else _version()
    world = World(seed=1, users=3, open=5, rate=0.0, now=_now())
    with serve(world) as running, emulator({"AUTH": "true"}, emulator_python) as port:
        yield Rehearsal(
            folder=folder,
            port=port,
            base_url=running.base_url,
            world=world,
            python=python,
        )


def remove(sky: Rehearsal) -> str:
    """Remove the stack; return the name of the table that stays."""
    table = sky.outputs()["TableName"]
    for step in ("delete-stack", "wait stack-delete-complete"):
        sky.aws("cloudformation", *step.split(), "--stack-name", STACK)
    return table


def main() -> int:
    """Rehearse and print the steps; return the exit code."""
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as folder:
        try:
            with cloud(Path(folder)) as sky:
                rehearse(sky, print)
        except (RehearsalError, ToolError) as error:
            print(f"rehearse.py: {error}", file=sys.stderr)
            return 1
    return 0


def rehearse(sky: Rehearsal, say: Callable[[str], None]) -> None:
    """Run every step once. Raises RehearsalError at the first that fails."""
    sky.sam("build", "--build-dir", str(sky.build))
    say("built")
    sky.deploy()
    outputs = sky.outputs()
    say(f"created {STACK}: table {outputs['TableName']}")
    _must("No changes to deploy" in sky.deploy(), "an update with no change is none")
    say("updated with no change")
    table, function = outputs["TableName"], outputs["FunctionName"]
    report = invoke(sky, function)
    _must(not report["complete"], f"a sync without a key completed: {report}")
    say(f"without a key: {report['error']}")
    put_key(sky, outputs["SecretArn"], TEAM_KEY)
    person = sky.world.users[0]
    sky.tray(table, "admin", "users", "add", person.uid, "--id", person.email)
    report = invoke(sky, function)
    _must(report["complete"] is True, f"the sync did not complete: {report}")
    say(f"invoked: {report['open']} open, {report['write_units']:g} write units")
    sky.world.open_incident(name=INCIDENT, assignees=[person.email])
    say("an incident opened; waiting for the schedule")
    for feed in (f"TEAM#{TEAM}", f"USER#{person.uid}"):
        is_read = eventually(lambda f=feed: INCIDENT in names(changes(sky, table, f)))  # type: ignore[misc]  # the loop's own feed
        _must(is_read, f"the schedule brought nothing to {feed}")
        say(f"read from {feed}: {INCIDENT}")


def _must(true: object, otherwise: str) -> None:
    if not true:
        raise RehearsalError(otherwise)


def _version() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  # a rehearsal happens now


def _run(command: Sequence[str], settings: Mapping[str, str]) -> str:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}  # noqa: TID251  # a child's environment
    result = subprocess.run(
        command,
        cwd=ROOT,
        env={**inherited, **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        output = (result.stdout + result.stderr).strip()
        raise RehearsalError(f"{' '.join(command[:4])} failed:\n{output[-4000:]}")
    return result.stdout + result.stderr


if __name__ == "__main__":
    sys.exit(main())

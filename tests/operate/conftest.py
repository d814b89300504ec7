"""An account that is not there, and the command line on it."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import boto3
import pytest
from moto import mock_aws

from tray_app.cli.main import main

REGION = "eu-west-1"
TABLE = "feeds"


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> Sequence[str]:
        return self.out.splitlines()


Command = Callable[..., CommandResult]


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pretend to be AWS, for everything in this process."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    settings: Mapping[str, str] = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "TABLE_NAME": TABLE,
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    # It remembers the credentials that it found first.
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    with mock_aws():
        yield


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run `incident-tray` with arguments, in this process."""

    def run(*arguments: str) -> CommandResult:
        try:
            code = main(arguments)
        except SystemExit as end:
            code = int(str(end.code))
        captured = capsys.readouterr()
        return CommandResult(code, captured.out, captured.err)

    return run


@pytest.fixture
def table(command: Command) -> str:
    """Make the table with the command that is there for it."""
    assert command("admin", "table", "create").lines == ["created"]
    return TABLE

"""What fails before the tray is seen: one line where a person looks, and in the log."""

import sqlite3
import threading
from pathlib import Path

import pytest

from tray_app.cli.main import main
from tray_app.desktop import keychain
from tray_app.desktop.keychain import SystemKeychain
from tray_app.ledger.file import LedgerDamagedError, LedgerError
from tray_app.ledger.ledger import Ledger
from tray_app.model.ports import KeychainError


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INCIDENT_TRAY_HOME", f"{tmp_path}")
    return tmp_path


@pytest.mark.parametrize(
    "text", [b"unknown = 1\n", b"uid = \n", b"", b"\xff\xfe"], ids=repr
)
def test_the_log_says_why_a_tray_did_not_start(
    home: Path, text: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "settings.toml").write_bytes(text)

    assert main(["run"]) == 2

    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1
    log = (home / "logs" / "incident-tray.log").read_text(encoding="utf-8")
    assert error.partition(": ")[2].strip()[-20:] in log


def test_a_home_of_no_user_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INCIDENT_TRAY_HOME", "~nosuchuser/x")

    assert main(["status"]) == 2

    assert "INCIDENT_TRAY_HOME" in capsys.readouterr().err


def test_a_ledger_of_a_newer_version_is_refused_and_left_alone(home: Path) -> None:
    Ledger(home / "ledger.db").close()
    db = sqlite3.connect(home / "ledger.db")
    db.execute("PRAGMA user_version = 2")
    db.close()

    with pytest.raises(LedgerError, match="newer version") as refused:
        Ledger(home / "ledger.db")

    assert not isinstance(refused.value, LedgerDamagedError)
    assert [path.name for path in home.glob("*damaged*")] == []


def test_damage_that_is_no_text_is_damage(home: Path) -> None:
    path = home / "ledger.db"
    Ledger(path).close()
    path.write_bytes(path.read_bytes().replace(b"WITHOUT ROWID", b"WITHOUT RO\xd7ID"))

    with pytest.raises(LedgerDamagedError):
        Ledger(path)


def test_a_keychain_that_never_answers_is_an_error_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hangs = threading.Event()

    def read(_: SystemKeychain) -> str | None:
        hangs.wait()
        return None

    monkeypatch.setattr(keychain, "ANSWER", 0.01)
    monkeypatch.setattr(SystemKeychain, "_read", read)

    with pytest.raises(KeychainError, match="No answer from the keychain"):
        SystemKeychain().key()
    hangs.set()

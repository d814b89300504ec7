"""`doctor`: what a tray needs of the table, and of this machine."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import keyring
import pytest
from keyring.backends import null

from incidents.feeds import User
from incidents.models import UserId
from incidents.stores.dynamodb.client import dynamodb_client
from incidents.stores.dynamodb.store import DynamoDBStore
from incidents.sync.run import Sync, SyncSettings
from tests.operate.conftest import TABLE, Command
from tests.tray.desk import Clock
from tests.tray.world import Account

SETTINGS = f'uid = "alice"\nteam = "ops"\ntable = "{TABLE}"\n'


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a machine without a desktop, a keychain or a key."""
    monkeypatch.setenv("INCIDENT_TRAY_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
    monkeypatch.delenv("INCIDENT_TRAY_API_KEY", raising=False)
    monkeypatch.setattr(keyring, "get_keyring", null.Keyring)
    (tmp_path / "settings.toml").write_text(SETTINGS)


def _findings(command: Command) -> dict[str, tuple[str, str]]:
    result = command("doctor", "--json")
    findings = map(json.loads, result.lines)
    return {
        finding["what"]: (finding["state"], finding["text"]) for finding in findings
    }


def _synced(*, ago: timedelta = timedelta(), interval: int = 1) -> None:
    """Leave behind what a sync leaves."""
    store = DynamoDBStore(dynamodb_client(), TABLE)
    store.add_user(User(uid="alice", ids=frozenset({UserId("a@b.c")})))
    clock = Clock(datetime.now(UTC) - ago)
    Sync(
        source=Account(seed=1, clock=clock),
        store=store,
        registry=store,
        settings=SyncSettings(
            team="ops", workers=1, interval=timedelta(minutes=interval)
        ),
        clock=clock,
    ).run("1")


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(
    ("minutes", "interval", "state"),
    [(3, 1, "ok"), (4, 1, "wrong"), (14, 5, "ok"), (16, 5, "wrong")],
)
def test_a_table_is_as_well_as_its_sync_s_interval_says(
    command: Command, minutes: int, interval: int, state: str
) -> None:
    _synced(ago=timedelta(minutes=minutes, seconds=10), interval=interval)

    expected = (state, f"feeds reflects Coralogix of {minutes} min ago")
    assert _findings(command)["table"] == expected


@pytest.mark.usefixtures("table")
def test_a_feed_that_is_missing_is_named(command: Command, tmp_path: Path) -> None:
    _synced()
    (tmp_path / "settings.toml").write_text(SETTINGS.replace("alice", "bob"))

    state, text = _findings(command)["table"]

    assert state == "wrong"
    assert "there is no feed USER#bob yet" in text


@pytest.mark.usefixtures("table")
def test_a_table_that_no_sync_has_written_to_says_so(
    command: Command, tmp_path: Path
) -> None:
    (tmp_path / "settings.toml").write_text(f'uid = ""\ntable = "{TABLE}"')

    findings = _findings(command)

    assert findings["table"] == ("wrong", "no sync has completed yet")
    assert findings["settings"][0] == "wrong"
    assert "Say who you are" in findings["settings"][1]


def test_what_this_machine_lacks_comes_with_what_to_do(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    findings = _findings(command)
    assert findings["table"][0] == "wrong"
    assert "feeds" in findings["table"][1]
    assert findings["keychain"][0] == "wrong"
    assert "or set INCIDENT_TRAY_API_KEY" in findings["keychain"][1]
    assert findings["tray"] == (
        "wrong",
        "it does not run: start it with `incident-tray run`",
    )
    assert findings["notifications"][0] == findings["panel"][0] == "wrong"

    monkeypatch.setenv("INCIDENT_TRAY_API_KEY", "cxup_x")
    (tmp_path / "settings.toml").unlink()
    findings = _findings(command)
    assert findings["keychain"] == ("ok", "the key is in INCIDENT_TRAY_API_KEY")
    assert findings["settings"][0] == "unknown"
    assert "`incident-tray setup`" in findings["settings"][1]


def test_each_mistake_in_the_settings_stands_below_the_first(
    command: Command, tmp_path: Path
) -> None:
    (tmp_path / "settings.toml").write_text("nope = 1\nuid = 3\n")

    first, second, third, *_ = command("doctor").lines

    assert first.startswith("✗ settings: ")
    assert second.startswith("  ")
    assert third.startswith("✗ tray: ")

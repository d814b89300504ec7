"""`feed`: a table's feed, printed as text whatever it holds."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from incidents.stores.dynamodb.client import dynamodb_client
from incidents.stores.dynamodb.store import DynamoDBStore
from incidents.sync.run import Sync, SyncSettings
from tests.operate.conftest import TABLE, Command
from tests.tray.desk import Clock
from tests.tray.world import Account

HOSTILE = "<b>x</b>\t\x1b[31m\u202egnp\r\n---"


@pytest.fixture
def feed(table: str) -> str:
    """A team feed with one change, all of whose text attacks who shows it."""
    clock = Clock(datetime.now(UTC))
    account = Account(seed=1, clock=clock)
    store = DynamoDBStore(dynamodb_client(), table)
    settings = SyncSettings(team="ops", workers=1)
    sync = Sync(
        source=account, store=store, registry=store, settings=settings, clock=clock
    )
    sync.run("1")
    account.start(name=HOSTILE, severity=HOSTILE, status=f"triggered{HOSTILE}")
    sync.run("2")
    return "TEAM#ops"


@pytest.mark.parametrize("flags", [[], ["--state"]])
def test_a_feed_is_lines_of_columns_or_of_json(
    command: Command, feed: str, flags: list[str]
) -> None:
    result = command("feed", feed, *flags)
    assert (result.code, result.err) == (0, "")
    (line,) = result.lines
    assert line.count("\t") == 4
    assert line.endswith("\t<b>x</b> [31mgnp ---")
    assert line.replace("\t", "").isprintable()

    (change,) = map(json.loads, command("feed", feed, "--json", *flags).lines)
    assert change["feed"] == feed
    assert (change if flags else change["after"])["name"] == HOSTILE


@pytest.mark.parametrize("name", ["USER#", "TEAM#*", "USER#a b", "user#a", "", "x"])
def test_what_names_no_feed_is_refused(command: Command, name: str) -> None:
    result = command("feed", name)

    assert (result.code, result.out) == (2, "")
    assert "is no feed: " in result.err


@pytest.mark.usefixtures("table")
def test_a_name_in_the_registry_is_text(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(f'uid,ids,name\nalice,a@b.c,"{HOSTILE}"\n')
    command("admin", "users", "import", str(file))

    assert command("admin", "users", "list").lines == [
        "alice\ta@b.c\t<b>x</b> [31mgnp ---"
    ]


def test_the_client_asks_for_no_region_before_the_table_has_a_name(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TABLE_NAME")
    monkeypatch.delenv("AWS_DEFAULT_REGION")

    assert "No table" in command("feed", "USER#a").err
    assert "No region" in command("feed", "USER#a", "--table", TABLE).err

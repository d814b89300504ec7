"""`incident-tray feed` and `run`: what they print, and what they say of mistakes."""

import argparse
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from incidents.errors import SettingsError, StoreError
from incidents.feeds import FeedId
from tests.tray.desk import ADA, MINUTE, NOW, TEAM, Clock
from tests.tray.world import Account, Writer
from tray_app.app import compose
from tray_app.cli import doctor, run_feed
from tray_app.cli.run_feed import as_json, changes, settings_of
from tray_app.desktop.instance import claim
from tray_app.ledger.journal import Journal
from tray_app.settings import paths
from tray_app.settings.settings import Coralogix, Settings
from tray_app.settings.template import template


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    """A feed with three changes after its baseline."""
    account = Account(seed=1, clock=Clock(datetime.now(UTC)))
    writer = Writer(tmp_path / "feeds.db", account)
    writer.sync()
    for severity in ("critical", "error", "info"):
        account.clock.now += MINUTE
        account.start(severity=severity, assignees=(ADA,))
        writer.sync()
    yield writer
    writer.store.close()


def parsed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    run_feed.register(parser.add_subparsers())
    return parser.parse_args(arguments)


def test_the_changes_of_a_feed_come_in_order_after_where_one_stands(
    writer: Writer,
) -> None:
    assert [row.seq for row in changes(writer.store, TEAM, None)] == [1, 2, 3]
    assert [row.seq for row in changes(writer.store, TEAM, 2)] == [3]
    assert list(changes(writer.store, TEAM, 9)) == []


def test_a_change_is_one_json_object_in_our_words(writer: Writer) -> None:
    (row, *_) = changes(writer.store, TEAM, 0)

    plain = json.loads(json.dumps(as_json(TEAM, row)))

    assert plain["feed"] == "TEAM#ops"
    assert plain["seq"] == 1
    assert plain["kinds"] == ["opened"]
    assert plain["before"] is None
    after = {key: plain["after"][key] for key in ("severity", "status", "muted")}
    assert after == {"severity": "critical", "status": "triggered", "muted": False}
    assert plain["after"]["assignees"] == ["ada@example.com"]


def test_a_feed_that_does_not_exist_is_said_to_be_missing(writer: Writer) -> None:
    with pytest.raises(StoreError, match="no feed USER#nobody"):
        list(changes(writer.store, FeedId("USER#nobody"), None))


def test_a_name_that_is_no_feed_is_refused() -> None:
    args = parsed("feed", "nonsense", "--table", "incidents")

    with pytest.raises(SettingsError, match="USER#uid or TEAM#team"):
        args.run(args)


def test_what_is_given_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('uid = "file"\nteam = "ops"\npoll_seconds = 30\n')
    monkeypatch.setenv("INCIDENT_TRAY_CONFIG", str(file))
    monkeypatch.setenv("TABLE_NAME", "named")

    found = settings_of(parsed("run", "--uid", "ada", "--poll", "5"))

    assert (found.uid, found.team, found.poll_seconds) == ("ada", "ops", 5)
    assert (found.table, found.mode) == ("named", "team")
    with pytest.raises(SettingsError, match="poll_seconds"):
        settings_of(parsed("run", "--poll", "0"))


def test_whose_feeds_are_followed_follows_from_the_settings() -> None:
    team = Settings(uid="ada", team="ops")
    solo = Settings(uid="ada", mode="solo")

    assert compose.feeds_of(team) == ("USER#ada", "TEAM#ops")
    assert compose.feeds_of(Settings(uid="ada")) == ("USER#ada",)
    assert compose.feeds_of(solo) == ("USER#ada", "TEAM#solo")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (Settings(), "--uid UID"),
        (Settings(uid="ada", mode="solo"), r"coralogix\.region or base_url"),
    ],
)
def test_what_is_missing_is_said_before_anything_runs(
    settings: Settings, said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        compose.run(settings)


def test_the_doctor_goes_by_what_the_tray_that_runs_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(paths.HOME, str(tmp_path))
    given = Settings(uid="ada", mode="solo", coralogix=Coralogix(region="eu1"))
    journal = Journal(paths.ledger_file(), NOW)
    journal.put("settings", template(given, explained=False))
    journal.close()
    instance = claim(paths.runtime_folder(), lambda: None, lambda: None)
    assert instance is not None

    assert doctor.effective(Settings(uid="file")) == given
    instance.release()
    assert doctor.effective(Settings(uid="file")) == Settings(uid="file")

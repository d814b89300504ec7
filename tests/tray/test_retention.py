"""For how long changes are kept is the sync's to say; readers go by what it says."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from incidents.follow import ResyncReason
from tests.tray.desk import TEAM, Clock, Desk
from tests.tray.world import Account, Writer
from tray_app.cli import run_feed
from tray_app.feed.poller import PollRequest, look

DAYS = 7


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    """A feed of a sync that keeps changes for a week, with one ten days old."""
    begin = datetime.now(UTC) - timedelta(days=10)  # commands run now
    account = Account(seed=1, clock=Clock(begin))
    writer = Writer(tmp_path / "f.db", account, retention=timedelta(days=DAYS))
    writer.sync()
    account.start(name="old")
    writer.sync()
    account.clock.now += timedelta(days=10)
    account.start(name="new")
    writer.sync()
    yield writer
    writer.store.close()


def test_the_sync_says_it_in_its_status(writer: Writer) -> None:
    assert writer.store.status().retention == timedelta(days=DAYS)


@pytest.mark.parametrize("status", [True, False])
def test_a_tray_that_was_away_for_longer_begins_anew(
    writer: Writer, tmp_path: Path, *, status: bool
) -> None:
    head = writer.store.head(TEAM)
    assert head is not None
    desk = Desk(path=tmp_path / "l.db", clock=writer.account.clock)
    desk.app.tick()
    desk.answer(writer.store)
    known = desk.app.places[TEAM].position
    assert known is not None
    assert desk.app.state.freshness.retention == timedelta(days=DAYS)
    desk.journal.close()
    now = writer.account.clock.now
    ask = PollRequest(
        positions={TEAM: replace(known, cursor=0)},
        heads=True,
        status=status,
        retention=timedelta(days=30) if status else timedelta(days=DAYS),
    )

    (read,) = look(writer.store, ask, now).feeds.values()

    assert read.reason is ResyncReason.EXPIRED


def test_the_feed_command_walks_what_is_kept(
    writer: Writer, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = list(run_feed.changes(writer.store, TEAM, 0))

    assert [row.change.incident.name for row in rows] == ["new"]
    assert "changes up to 1 have expired" in capsys.readouterr().err

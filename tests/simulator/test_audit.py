"""What is lost or told twice is counted: the comparison can fail."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from incidents.changes import Change
from incidents.coralogix.incidents.incident_row import read_rows
from incidents.diff import diff
from incidents.feeds import FeedId, FeedRow, FeedState, Head, SyncStatus, team_feed
from simulator.api.control import truth
from simulator.demo.audit import Audit, compare
from simulator.world.world import World
from tray_app.ledger.ledger import Ledger

FEED = team_feed("checkout")
NOW = datetime(2026, 1, 5, tzinfo=UTC)
NOTHING = Audit(lost=0, duplicates=0)


class Rows:
    """A feed of three changes; the rest of a reader is not used."""

    def __init__(self, changes: Sequence[Change]) -> None:
        self._rows = [
            FeedRow(seq=n, epoch="e", change=change)
            for n, change in enumerate(changes, 1)
        ]

    def rows(
        self, feed: FeedId, after: int, *, limit: int = 100, strong: bool = False
    ) -> Sequence[FeedRow]:
        assert (feed, strong) == (FEED, True)
        return self._rows[after : after + min(limit, 2)]

    def status(self) -> SyncStatus:
        raise AssertionError("a tally reads rows alone")

    def head(self, feed: FeedId) -> Head | None:
        raise AssertionError(f"a tally reads rows alone, not {feed}")

    def state(self, feed: FeedId) -> FeedState:
        raise AssertionError(f"a tally reads rows alone, not {feed}")


@pytest.fixture
def reader() -> Rows:
    rows = truth(World(open=3))["incidents"]
    assert isinstance(rows, list)
    incidents = read_rows(rows).incidents
    return Rows(diff({}, incidents, {}, observed_at=NOW))


def ledger(folder: Path, seqs: Sequence[int], state: str = "shown") -> Path:
    """A ledger that has told the changes *seqs*."""
    path = folder / "ledger.db"
    with Ledger(path) as ledger_, ledger_.writing() as db:
        for seq in seqs:
            db.execute(
                "INSERT INTO change VALUES (?, 'e', ?, 'id', 'at', '', '', 'told', '')",
                (FEED, seq),
            )
            if state:
                db.execute(
                    "INSERT INTO told (told, key, at, title, body, state, reason)"
                    " VALUES (?, 'key', 'at', 'title', '', ?, '')",
                    (f"{FEED}:{seq}", state),
                )
    return path


def stable_ids(*seqs: int) -> list[str]:
    return [f"{FEED}:{seq}" for seq in seqs]


def test_a_reader_that_told_everything_once_lost_nothing(
    reader: Rows, tmp_path: Path
) -> None:
    path = ledger(tmp_path, [1, 2, 3])

    assert compare(reader, {FEED: 0}, path, stable_ids(1, 2, 3)) == NOTHING
    assert compare(reader, {FEED: 0}, path) == NOTHING


def test_what_came_before_the_reader_is_not_lost(reader: Rows, tmp_path: Path) -> None:
    path = ledger(tmp_path, [3])

    assert compare(reader, {FEED: 2}, path, stable_ids(3)) == NOTHING


def test_a_change_without_an_entry_is_lost(reader: Rows, tmp_path: Path) -> None:
    audit = compare(reader, {FEED: 0}, ledger(tmp_path, [1, 3]), stable_ids(1, 3))

    assert audit == Audit(lost=1, duplicates=0)


@pytest.mark.parametrize("state", ["", "waiting"])
def test_an_entry_that_was_never_told_is_lost(
    reader: Rows, tmp_path: Path, state: str
) -> None:
    path = ledger(tmp_path, [1, 2, 3], state)

    assert compare(reader, {FEED: 0}, path, []).lost == 3


def test_what_the_desktop_never_got_is_lost(reader: Rows, tmp_path: Path) -> None:
    path = ledger(tmp_path, [1, 2, 3])

    assert compare(reader, {FEED: 0}, path, stable_ids(1, 2)) == Audit(
        lost=1, duplicates=0
    )


def test_what_came_twice_and_what_no_feed_holds_is_counted(
    reader: Rows, tmp_path: Path
) -> None:
    path = ledger(tmp_path, [1, 2, 3, 4])
    audit = compare(reader, {FEED: 0}, path, stable_ids(1, 2, 2, 3, 4))

    assert audit == Audit(lost=0, duplicates=2)

"""The syncs of a schedule, and the environment of its readers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from random import Random

from incidents.feeds import FeedId, expired
from incidents.follow import Position
from incidents.ports import Clock
from incidents.sync.run import SyncCache
from tests.simulation.faulty_store import FaultyStore
from tests.simulation.reader import Findings, Reader
from tests.simulation.stepped_thread import SteppedThread
from tests.simulation.table import RETENTION, Crash, RequestFault, Table

START = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
LIFETIME = timedelta(minutes=8)
"""The longest age of a running sync, as for every Lambda."""


class ScheduleKind(Enum):
    """Which faults a schedule has, and so how soon feeds must be correct again."""

    ALONE = auto()
    """All faults but overlapping syncs: correct after the next complete sync."""
    TOGETHER = auto()
    """Overlaps without faults of the store: correct after the next complete sync."""
    WILD = auto()
    """All faults at once: correct at the latest after the hourly comparison."""


@dataclass(slots=True)
class SyncProcess:
    """A process that runs one sync at a time, with a cache from one to the next."""

    actor: SteppedThread
    warm: SyncCache = field(default_factory=SyncCache)
    is_ending: bool = False
    began: datetime = START


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderEnvironment:
    """The faults of readers, and the truth about the feeds that they read."""

    table: Table
    rng: Random
    interleave: Callable[[], None]
    """Resumes a sync in the middle of a read."""
    has_faults: Callable[[], bool]
    clock: Clock

    def reader(self, name: str, findings: Findings, *feeds: FeedId) -> Reader:
        """Create a reader of *feeds*."""
        return Reader(
            name=name,
            feeds=feeds,
            store=FaultyStore(
                table=self.table, gate=self.gate, misses_rows=self.is_query_incomplete
            ),
            findings=findings,
            crash_here=self.maybe_crash,
            is_expired=self.is_expired,
            is_restored=self.is_restored,
        )

    def gate(self, _request: str, /, *, writes: bool) -> RequestFault:
        """Resume a sync, or return a fault. A `RequestGate`."""
        if writes:
            raise AssertionError("a reader never writes")
        if self.has_faults():
            self.interleave()
            if self.rng.random() < 0.03:
                return RequestFault.THROTTLED
        return RequestFault.NONE

    def is_query_incomplete(self) -> bool:
        """Whether a query misses rows of a commit at the same time."""
        return self.has_faults() and self.rng.random() < 0.25

    def maybe_crash(self) -> None:
        """Crash at random."""
        if self.has_faults() and self.rng.random() < 0.05:
            raise Crash

    def is_expired(self, feed: FeedId, cursor: int) -> bool:
        """Whether the row after *cursor* is deleted or past its time to live."""
        row = self.table.rows.get(feed, {}).get(cursor + 1)
        if row is None:
            return True
        return expired(row.change.observed_at.date(), self.clock(), RETENTION)

    def is_restored(self, position: Position, feed: FeedId) -> bool:
        """Whether the feed was recreated since *position*."""
        head = self.table.heads.get(feed)
        return head is not None and head.epoch != position.epoch

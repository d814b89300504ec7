"""Who takes part in a schedule, and what readers meet in it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from random import Random

from incidents.feeds import FeedId, expired
from incidents.follow import Position
from incidents.ports import Clock
from incidents.sync.run import SyncCache
from tests.simulation.baton import Actor
from tests.simulation.double import DoubleStore
from tests.simulation.reader import Findings, Reader
from tests.simulation.table import RETENTION, Crash, Fault, Table

START = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
LIFETIME = timedelta(minutes=8)
"""A sync that is older than this soon ends, as every Lambda does."""


class Kind(Enum):
    """What is allowed to go wrong, and so how soon all must be well again."""

    ALONE = auto()
    """Anything but overlaps: the next complete sync mends all."""
    TOGETHER = auto()
    """Overlaps, and no faults of the store: the next complete sync mends all."""
    WILD = auto()
    """Anything at once: mended at the latest by the hourly comparison."""


@dataclass(slots=True)
class Process:
    """A place where syncs run, one at a time, warm from one to the next."""

    actor: Actor
    warm: SyncCache = field(default_factory=SyncCache)
    doomed: bool = False
    began: datetime = START


@dataclass(frozen=True, slots=True, kw_only=True)
class Meets:
    """What happens to readers, and what is true of the feeds they read."""

    table: Table
    chance: Random
    interleave: Callable[[], None]
    """Lets a sync go on in the middle of a read."""
    is_troubled: Callable[[], bool]
    clock: Clock

    def reader(self, name: str, findings: Findings, *feeds: FeedId) -> Reader:
        """Make a reader of *feeds*."""
        return Reader(
            name=name,
            feeds=feeds,
            store=DoubleStore(table=self.table, gate=self.gate, shy=self.is_shy),
            findings=findings,
            crash_here=self.maybe_crash,
            is_expired=self.is_expired,
            is_restored=self.is_restored,
        )

    def gate(self, _request: str, /, *, writes: bool) -> Fault:
        """Let a sync in between, or fail. A `Gate`."""
        if writes:
            raise AssertionError("a reader never writes")
        if self.is_troubled():
            self.interleave()
            if self.chance.random() < 0.03:
                return Fault.THROTTLED
        return Fault.NONE

    def is_shy(self) -> bool:
        """Whether a query misses rows of a commit that it races."""
        return self.is_troubled() and self.chance.random() < 0.25

    def maybe_crash(self) -> None:
        """End the process, at times."""
        if self.is_troubled() and self.chance.random() < 0.05:
            raise Crash

    def is_expired(self, feed: FeedId, cursor: int) -> bool:
        """Whether what follows *cursor* is gone or past its time."""
        row = self.table.rows.get(feed, {}).get(cursor + 1)
        if row is None:
            return True
        return expired(row.change.observed_at.date(), self.clock(), RETENTION)

    def is_restored(self, position: Position, feed: FeedId) -> bool:
        """Whether the feed was made anew since."""
        head = self.table.heads.get(feed)
        return head is not None and head.epoch != position.epoch

"""A reader: a disk that survives crashes, and a screen that shows by stable id."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from incidents.diff import replay
from incidents.errors import StoreError
from incidents.feeds import FeedId, FeedRow, expired
from incidents.follow import Advanced, Position, Resynced, ResyncReason, check, follow
from incidents.models import Incident, IncidentId
from incidents.ports import FeedReader
from tests.simulation.table import RETENTION

INTERVAL = timedelta(minutes=1)
Told = tuple[FeedId, str, int]
"""Feed, epoch and sequence: the stable id of a notification."""


@dataclass(slots=True)
class Disk:
    """What a transaction makes durable: all of it, or none (ADR 0019)."""

    positions: dict[FeedId, Position] = field(default_factory=dict)
    incidents: dict[FeedId, dict[IncidentId, Incident]] = field(default_factory=dict)
    pending: dict[Told, FeedRow] = field(default_factory=dict)
    """Accepted, and not known to be on the screen."""
    told: dict[FeedId, list[int]] = field(default_factory=dict)
    """Since the last beginning, which came after the sequence `began`."""
    began: dict[FeedId, int] = field(default_factory=dict)


@dataclass(slots=True)
class Findings:
    """What must not happen, counted."""

    lost: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    wrong_removals: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Reader:
    """Follows feeds, tells each change, and remembers it in the right order."""

    name: str
    feeds: tuple[FeedId, ...]
    store: FeedReader
    findings: Findings
    crash_here: Callable[[], None]
    """May raise: the process ends here."""
    is_expired: Callable[[FeedId, int], bool]
    """Whether what follows a cursor is past its time to live, in truth."""
    is_restored: Callable[[Position, FeedId], bool]
    """Whether the feed was made anew since, in truth."""
    disk: Disk = field(default_factory=Disk)
    checked: dict[FeedId, datetime] = field(default_factory=dict)
    """In memory only: a new process asks the head first."""
    screen: set[Told] = field(default_factory=set)
    twice: set[Told] = field(default_factory=set)
    """Shown just before a crash: the same notification may be shown over itself."""

    def restart(self) -> None:
        """Begin a new process over the same disk."""
        self.checked.clear()
        self.twice.update(self.disk.pending)

    def lose_disk(self) -> None:
        """Begin a new process over an empty disk."""
        self.disk = Disk()
        self.restart()

    def tick(self, now: datetime) -> bool:
        """Take one step along each feed; say whether there is more right away."""
        self._show()
        more = [self._step(feed, now) for feed in self.feeds]
        return any(more)

    def _step(self, feed: FeedId, now: datetime) -> bool:
        disk = self.disk
        position = disk.positions.get(feed)
        try:
            found = None
            if position and now - self.checked.get(feed, now - INTERVAL) >= INTERVAL:
                found = check(self.store, feed, position, now=now)
                self.checked[feed] = now
            step = found or follow(self.store, feed, position, now=now, limit=5)
        except StoreError:
            return False
        if isinstance(step, Resynced):
            self._begin(feed, step)
            return True
        if isinstance(step, Advanced):
            self._accept(feed, step, now)
            return step.more
        return False

    def _accept(self, feed: FeedId, step: Advanced, now: datetime) -> None:
        self.crash_here()
        disk, before = self.disk, self.disk.positions[feed]
        for expected, row in enumerate(step.rows, before.cursor + 1):
            if row.seq != expected:
                self.findings.gaps.append(f"{self.name} {feed}: {row.seq}")
            if row.epoch != before.epoch:
                self.findings.lost.append(f"{self.name} {feed}: of another feed: {row}")
            if expired(row.change.observed_at.date(), now, RETENTION):
                self.findings.repeated.append(f"{self.name} {feed}: too old: {row}")
        # One transaction: changes, who is to be told of them, and the cursor.
        disk.incidents[feed] = replay(
            disk.incidents[feed], [row.change for row in step.rows]
        )
        disk.pending |= {(feed, row.epoch, row.seq): row for row in step.rows}
        disk.told[feed] += [row.seq for row in step.rows]
        disk.positions[feed] = step.position
        self.crash_here()
        self._show()

    def _show(self) -> None:
        for key in list(self.disk.pending):
            if key in self.screen and key not in self.twice:
                self.findings.repeated.append(f"{self.name}: {key}")
            self.screen.add(key)
            self.crash_here()
            del self.disk.pending[key]

    def _begin(self, feed: FeedId, step: Resynced) -> None:
        disk, before = self.disk, self.disk.positions.get(feed)
        allowed = {
            ResyncReason.FIRST: before is None,
            ResyncReason.EXPIRED: bool(before and self.is_expired(feed, before.cursor)),
            ResyncReason.RESTORED: bool(before and self.is_restored(before, feed)),
            ResyncReason.LOST: False,
        }
        if not allowed[step.reason]:
            self.findings.lost.append(f"{self.name} {feed}: {step.reason} {before}")
        self.settle(feed)
        self.crash_here()
        disk.positions[feed] = step.position
        disk.incidents[feed] = dict(step.state.incidents)
        disk.began[feed] = step.position.cursor
        disk.told[feed] = []

    def settle(self, feed: FeedId) -> None:
        """Check that everything from the beginning to the cursor was told, once."""
        position = self.disk.positions.get(feed)
        if position is None:
            return
        told = self.disk.told[feed]
        due = range(self.disk.began[feed] + 1, position.cursor + 1)
        if set(due) - set(told):
            self.findings.lost.append(f"{self.name} {feed}: {told} of {due}")
        if len(told) != len(set(told)):
            self.findings.repeated.append(f"{self.name} {feed}: {told}")
        for seq in told:
            key = (feed, position.epoch, seq)
            if key not in self.screen and key not in self.disk.pending:
                self.findings.lost.append(f"{self.name}: {key} was not shown")

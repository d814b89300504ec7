"""A reader: a disk that survives crashes, and a screen by stable id."""

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
NotificationKey = tuple[FeedId, str, int]
"""Feed, epoch and sequence: the stable id of a notification."""


@dataclass(slots=True)
class Disk:
    """The durable state; each transaction is atomic (ADR 0019)."""

    positions: dict[FeedId, Position] = field(default_factory=dict)
    incidents: dict[FeedId, dict[IncidentId, Incident]] = field(default_factory=dict)
    pending: dict[NotificationKey, FeedRow] = field(default_factory=dict)
    """Accepted rows that are not known to be on the screen."""
    notified: dict[FeedId, list[int]] = field(default_factory=dict)
    """The sequences notified since the baseline."""
    baseline_seq: dict[FeedId, int] = field(default_factory=dict)
    """The sequence of the baseline of each feed."""


@dataclass(slots=True)
class Findings:
    """Violations of the promise, by kind."""

    lost: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    wrong_removals: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Reader:
    """Follows feeds and notifies each change, storing its state in the right order."""

    name: str
    feeds: tuple[FeedId, ...]
    store: FeedReader
    findings: Findings
    crash_here: Callable[[], None]
    """May raise Crash."""
    is_expired: Callable[[FeedId, int], bool]
    """Whether the row after a cursor is really past its time to live."""
    is_restored: Callable[[Position, FeedId], bool]
    """Whether the feed was really recreated since a position."""
    disk: Disk = field(default_factory=Disk)
    checked: dict[FeedId, datetime] = field(default_factory=dict)
    """In memory only: a new process reads the head first."""
    screen: set[NotificationKey] = field(default_factory=set)
    may_repeat: set[NotificationKey] = field(default_factory=set)
    """Shown just before a crash: the same notification may replace itself."""

    def restart(self) -> None:
        """Start a new process on the same disk."""
        self.checked.clear()
        self.may_repeat.update(self.disk.pending)

    def lose_disk(self) -> None:
        """Start a new process on an empty disk."""
        self.disk = Disk()
        self.restart()

    def tick(self, now: datetime) -> bool:
        """Take one step along each feed; return whether there is more to read."""
        self._show()
        more = [self._step(feed, now) for feed in self.feeds]
        return any(more)

    def _step(self, feed: FeedId, now: datetime) -> bool:
        disk = self.disk
        position = disk.positions.get(feed)
        try:
            checked_step = None
            if position and now - self.checked.get(feed, now - INTERVAL) >= INTERVAL:
                checked_step = check(self.store, feed, position, now=now)
                self.checked[feed] = now
            step = checked_step or follow(self.store, feed, position, now=now, limit=5)
        except StoreError:
            return False
        if isinstance(step, Resynced):
            self._resync(feed, step)
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
        # One transaction: changes, pending notifications, and the cursor.
        disk.incidents[feed] = replay(
            disk.incidents[feed], [row.change for row in step.rows]
        )
        disk.pending |= {(feed, row.epoch, row.seq): row for row in step.rows}
        disk.notified[feed] += [row.seq for row in step.rows]
        disk.positions[feed] = step.position
        self.crash_here()
        self._show()

    def _show(self) -> None:
        for key in list(self.disk.pending):
            if key in self.screen and key not in self.may_repeat:
                self.findings.repeated.append(f"{self.name}: {key}")
            self.screen.add(key)
            self.crash_here()
            del self.disk.pending[key]

    def _resync(self, feed: FeedId, step: Resynced) -> None:
        disk, before = self.disk, self.disk.positions.get(feed)
        allowed = {
            ResyncReason.FIRST: before is None,
            ResyncReason.EXPIRED: bool(before and self.is_expired(feed, before.cursor)),
            ResyncReason.RESTORED: bool(before and self.is_restored(before, feed)),
            ResyncReason.LOST: False,
        }
        if not allowed[step.reason]:
            self.findings.lost.append(f"{self.name} {feed}: {step.reason} {before}")
        self.check_notified(feed)
        self.crash_here()
        disk.positions[feed] = step.position
        disk.incidents[feed] = dict(step.state.incidents)
        disk.baseline_seq[feed] = step.position.cursor
        disk.notified[feed] = []

    def check_notified(self, feed: FeedId) -> None:
        """Check that every change from the baseline to the cursor was notified once."""
        position = self.disk.positions.get(feed)
        if position is None:
            return
        notified = self.disk.notified[feed]
        expected_seqs = range(self.disk.baseline_seq[feed] + 1, position.cursor + 1)
        if set(expected_seqs) - set(notified):
            self.findings.lost.append(
                f"{self.name} {feed}: {notified} of {expected_seqs}"
            )
        if len(notified) != len(set(notified)):
            self.findings.repeated.append(f"{self.name} {feed}: {notified}")
        for seq in notified:
            key = (feed, position.epoch, seq)
            if key not in self.screen and key not in self.disk.pending:
                self.findings.lost.append(f"{self.name}: {key} was not shown")

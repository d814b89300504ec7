"""When to read the feeds: steadily, sooner after a failure, later after a sleep."""

from datetime import datetime, timedelta

from incidents.backoff import Backoff
from tray_app.actions.pending import HOLD, PATIENCE, SLOW
from tray_app.feed.poller import PollRequest
from tray_app.model.memory import Memory
from tray_app.model.state import ProblemKind, Stage, TrayState

TICK = timedelta(seconds=15)
GAP = timedelta(seconds=45)
"""A longer time between two ticks means that the machine has slept."""
SETTLE = timedelta(seconds=5)
"""How long the network may take to return after a sleep before we read."""
HEADS = timedelta(minutes=10)
"""How often the heads of the feeds are compared with the known ones."""
RETRIES = Backoff(first=5.0, longest=30.0)
"""Between a failed read and the next; without jitter, as each tray is alone."""
KEY_SEARCH = timedelta(seconds=30)
"""How often a missing key is looked for."""
HOPELESS = timedelta(minutes=1)
"""Between two reads while only a person can solve the problem."""
LOCKED = timedelta(minutes=5)
"""Between two tries of a locked keychain: the system asks the person each time."""
_SOLVED_BY_A_PERSON = (
    ProblemKind.SIGNED_OUT,
    ProblemKind.DENIED,
    ProblemKind.TABLE_MISSING,
    ProblemKind.KEY_REJECTED,
    ProblemKind.KEYCHAIN_MISSING,
)


class Timing:
    """When to read; the one place that knows how the last reads went."""

    def __init__(self, poll: timedelta) -> None:
        self._poll = poll
        self._next: datetime | None = None
        self._requested_at: datetime | None = None
        self._ticked: datetime | None = None
        self._status_at: datetime | None = None
        self._heads_at: datetime | None = None
        self._key_at: datetime | None = None
        self._failures = 0
        self._reconnect = False

    def slept(self, now: datetime) -> bool:
        """Note a tick; return True if the machine slept or its clock was set."""
        before, self._ticked = self._ticked, now
        if before is None or timedelta(0) <= now - before < GAP:
            return False
        self._next, self._requested_at = now + SETTLE, None
        self._status_at = self._heads_at = None
        self._failures, self._reconnect = 0, True
        return True

    def soon(self, now: datetime) -> None:
        """Read at the next chance."""
        self._next = now
        self._status_at = None

    def due(self, state: TrayState, now: datetime) -> PollRequest | None:
        """Return what to read, if it is time, and note that it was requested."""
        if self._requested_at is not None or (
            self._next is not None and now < self._next
        ):
            return None
        self._requested_at = now
        fresh = state.freshness
        status = (
            self._status_at is None
            or now - self._status_at >= fresh.interval
            or fresh.feed_is_old(now)
            or fresh.looks_skewed()
        )
        heads = self._heads_at is None or now - self._heads_at >= HEADS
        if heads:
            self._heads_at = now
        request = PollRequest(
            positions={}, heads=heads, status=status, reconnect=self._reconnect
        )
        self._reconnect = False
        return request

    def key_due(self, state: TrayState, now: datetime) -> bool:
        """
        Return whether to look for a missing key now, and note that it was.

        A locked keychain is not tried: the system may ask the person each time.
        """
        if state.trouble(ProblemKind.KEYCHAIN_MISSING) is None:
            self._key_at = None
            return False
        before, self._key_at = self._key_at, self._key_at or now
        if before is None or timedelta(0) <= now - before < KEY_SEARCH:
            return False
        self._key_at = now
        return True

    def answered(self, now: datetime, *, status: bool) -> None:
        """Note a read that succeeded."""
        self._requested_at, self._failures = None, 0
        self._next = now + self._poll
        if status:
            self._status_at = now

    def failed(self, kind: ProblemKind, now: datetime) -> None:
        """Note a read that failed; the next one connects again."""
        self._requested_at, self._heads_at = None, None
        self._failures += 1
        self._reconnect = True
        if kind is ProblemKind.KEYCHAIN_LOCKED:
            pause = LOCKED
        elif kind in _SOLVED_BY_A_PERSON:
            pause = HOPELESS
        else:
            pause = timedelta(seconds=RETRIES.ceiling(self._failures))
        self._next = now + pause

    def wait(self, state: TrayState, memory: Memory, now: datetime) -> float:
        """Return the seconds until something may be due."""
        ends = [now + TICK]
        if self._requested_at is None and self._next is not None:
            ends.append(self._next)
        for pending in state.pending.values():
            if pending.stage is Stage.HELD:
                ends.append(pending.since + HOLD)
            elif pending.stage is Stage.SENT:
                ends.append(pending.since + (PATIENCE if pending.said else SLOW))
        ends += [t.withdraw_at for t in memory.threads.values() if t.withdraw_at]
        return max((min(ends) - now).total_seconds(), 0.0)

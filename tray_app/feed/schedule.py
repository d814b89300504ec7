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
        self._next: timedelta | None = None
        self._requested_at: timedelta | None = None
        self._ticked: tuple[datetime, timedelta] | None = None
        """The time and the uptime of the last tick."""
        self._status_at: timedelta | None = None
        self._heads_at: timedelta | None = None
        self._key_at: timedelta | None = None
        self._failures = 0
        self._reconnect = False
        self._again = False
        """Whether to read again as soon as the read that is under way has ended."""

    def slept(self, now: datetime, uptime: timedelta) -> bool:
        """Note a tick; return True if the machine slept or its clock was set."""
        before, self._ticked = self._ticked, (now, uptime)
        if before is None:
            return False
        time, passed = now - before[0], uptime - before[1]
        if passed < GAP and abs(time - passed) < GAP:
            return False
        self._read_at(uptime + SETTLE)
        self._status_at = self._heads_at = None
        self._failures, self._reconnect = 0, True
        return True

    def soon(self, uptime: timedelta) -> None:
        """Read at the next chance; what is being read now may be too old already."""
        self._read_at(uptime)
        self._status_at = None

    def _read_at(self, moment: timedelta) -> None:
        """Read at *moment* or, if a read is under way then, right after that one."""
        self._next = moment
        self._again = self._requested_at is not None

    def due(
        self, state: TrayState, now: datetime, uptime: timedelta
    ) -> PollRequest | None:
        """Return what to read, if it is time, and note that it was requested."""
        if self._requested_at is not None or (
            self._next is not None and uptime < self._next
        ):
            return None
        self._requested_at = uptime
        fresh = state.freshness
        status = (
            self._status_at is None
            or uptime - self._status_at >= fresh.interval
            or fresh.feed_is_old(now)
            or fresh.looks_skewed()
        )
        heads = self._heads_at is None or uptime - self._heads_at >= HEADS
        if heads:
            self._heads_at = uptime
        request = PollRequest(
            positions={}, heads=heads, status=status, reconnect=self._reconnect
        )
        self._reconnect = False
        return request

    def key_due(self, state: TrayState, uptime: timedelta) -> bool:
        """
        Return whether to look for a missing key now, and note that it was.

        A locked keychain is not tried: the system may ask the person each time.
        """
        if state.problem(ProblemKind.KEYCHAIN_MISSING) is None:
            self._key_at = None
            return False
        before, self._key_at = self._key_at, self._key_at or uptime
        if before is None or timedelta(0) <= uptime - before < KEY_SEARCH:
            return False
        self._key_at = uptime
        return True

    def answered(self, uptime: timedelta, *, status: bool) -> None:
        """Note a read that succeeded."""
        self._requested_at, self._failures = None, 0
        if self._again:
            self._again = False
            return
        self._next = uptime + self._poll
        if status:
            self._status_at = uptime

    def failed(self, kind: ProblemKind, uptime: timedelta) -> None:
        """Note a read that failed; the next one connects again."""
        self._requested_at, self._heads_at, self._again = None, None, False
        self._failures += 1
        self._reconnect = True
        if kind is ProblemKind.KEYCHAIN_LOCKED:
            pause = LOCKED
        elif kind in _SOLVED_BY_A_PERSON:
            pause = HOPELESS
        else:
            pause = timedelta(seconds=RETRIES.ceiling(self._failures))
        self._next = uptime + pause

    def wait(
        self, state: TrayState, memory: Memory, now: datetime, uptime: timedelta
    ) -> float:
        """Return the seconds until something may be due."""
        ends = [now + TICK]
        if self._requested_at is None and self._next is not None:
            ends.append(now + (self._next - uptime))
        for pending in state.pending.values():
            if pending.stage is Stage.HELD:
                ends.append(pending.since + HOLD)
            elif pending.stage is Stage.SENT:
                ends.append(pending.since + (PATIENCE if pending.said else SLOW))
        ends += [t.withdraw_at for t in memory.threads.values() if t.withdraw_at]
        return max((min(ends) - now).total_seconds(), 0.0)

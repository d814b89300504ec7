"""When to look next: steadily, soon after a failure, and quietly after a sleep."""

from datetime import datetime, timedelta

from tray_app.actions.pending import HOLD, PATIENCE, SLOW
from tray_app.feed.poller import PollRequest
from tray_app.model.memory import Memory
from tray_app.model.state import ProblemKind, Stage, TrayState

TICK = timedelta(seconds=15)
GAP = timedelta(seconds=45)
"""Between two ticks, so long a time has been slept."""
SETTLE = timedelta(seconds=5)
"""After a sleep, the network gets so long before we look."""
HEADS = timedelta(minutes=10)
"""How often it is made sure that the feeds are still the same ones."""
RETRIES = (5, 10, 20, 30)
"""Seconds from one failed look to the next, if a good one would take as long."""
KEY = timedelta(seconds=30)
"""How often it is looked whether there is a key by now."""
HOPELESS = timedelta(minutes=1)
"""Until a person has mended what is wrong, looking often does not help."""
LOCKED = timedelta(minutes=5)
"""Until a locked keychain is asked again: the system asks the person each time."""
_BY_HAND = (
    ProblemKind.SIGNED_OUT,
    ProblemKind.DENIED,
    ProblemKind.TABLE_MISSING,
    ProblemKind.KEY_REJECTED,
    ProblemKind.KEYCHAIN_MISSING,
)


class Timing:
    """When to look; the only thing that remembers how the last looks went."""

    def __init__(self, poll: timedelta) -> None:
        self._poll = poll
        self._next: datetime | None = None
        self._asked_at: datetime | None = None
        self._ticked: datetime | None = None
        self._status_at: datetime | None = None
        self._heads_at: datetime | None = None
        self._key_at: datetime | None = None
        self._failures = 0
        self._anew = False

    def slept(self, now: datetime) -> bool:
        """Note a tick; True if the clock shows that time was slept, or was set."""
        before, self._ticked = self._ticked, now
        if before is None or timedelta(0) <= now - before < GAP:
            return False
        self._next, self._asked_at = now + SETTLE, None
        self._status_at = self._heads_at = None
        self._failures, self._anew = 0, True
        return True

    def soon(self, now: datetime) -> None:
        """Look at once."""
        self._next = now
        self._status_at = None

    def due(self, state: TrayState, now: datetime) -> PollRequest | None:
        """Return what to look at, if it is time, and note that it was asked."""
        if self._asked_at is not None or (self._next is not None and now < self._next):
            return None
        self._asked_at = now
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
        ask = PollRequest(positions={}, heads=heads, status=status, anew=self._anew)
        self._anew = False
        return ask

    def key_due(self, state: TrayState, now: datetime) -> bool:
        """
        Whether to look for a key again, and note that it was.

        One that is locked up is not looked for: the system may ask each time.
        """
        if state.trouble(ProblemKind.KEYCHAIN_MISSING) is None:
            self._key_at = None
            return False
        before, self._key_at = self._key_at, self._key_at or now
        if before is None or timedelta(0) <= now - before < KEY:
            return False
        self._key_at = now
        return True

    def answered(self, now: datetime, *, status: bool) -> None:
        """Note a good look."""
        self._asked_at, self._failures = None, 0
        self._next = now + self._poll
        if status:
            self._status_at = now

    def failed(self, kind: ProblemKind, now: datetime) -> None:
        """Note a look that failed; the next one builds its connection anew."""
        retry = RETRIES[min(self._failures, len(RETRIES) - 1)]
        self._asked_at, self._heads_at = None, None
        self._failures += 1
        self._anew = True
        wait = HOPELESS if kind in _BY_HAND else timedelta(seconds=retry)
        self._next = now + (LOCKED if kind is ProblemKind.KEYCHAIN_LOCKED else wait)

    def wait(self, state: TrayState, memory: Memory, now: datetime) -> float:
        """Return the seconds until something may be due."""
        ends = [now + TICK]
        if self._asked_at is None and self._next is not None:
            ends.append(self._next)
        for pending in state.pending.values():
            if pending.stage is Stage.HELD:
                ends.append(pending.since + HOLD)
            elif pending.stage is Stage.SENT:
                ends.append(pending.since + (PATIENCE if pending.said else SLOW))
        ends += [t.withdraw_at for t in memory.threads.values() if t.withdraw_at]
        return max((min(ends) - now).total_seconds(), 0.0)

"""How long a sync may still take, and a store that keeps to it."""

import signal
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from types import FrameType

from incidents.errors import StoreUnavailableError
from incidents.feeds import Commit, FeedId, FeedState, Head, PreviousWriter, SyncStatus
from incidents.ports import FeedWriter

_SLICE = 0.1
"""Seconds after which a sleeper looks up again."""
_SILENCE = 10.0
"""Seconds without an answer after which a store counts as silent. Throttling, with
all its pauses, is told sooner."""


class Deadline:
    """The time by which the running sync must have come to an end."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end = float("inf")
        self.ended = False
        """Whether somebody asked to end at once."""

    def now(self) -> float:
        """Tell the seconds on the clock that it counts by."""
        return self._clock()

    def start(self, seconds: float) -> None:
        """Allow *seconds* from now."""
        self._end = self._clock() + seconds
        self.ended = False

    def end(self) -> None:
        """Allow nothing more."""
        # A plain assignment: a signal may come while any lock is held.
        self.ended = True

    def remaining(self) -> float:
        """Tell how many seconds are left; none or less when it is over."""
        return 0.0 if self.ended else self._end - self._clock()

    def sleep(self, seconds: float) -> None:
        """Sleep for *seconds*, or until it is over."""
        until = self._clock() + seconds
        while (left := min(until - self._clock(), self.remaining())) > 0:
            time.sleep(min(left, _SLICE))

    def check(self) -> None:
        """Raise StoreUnavailableError if it is over."""
        if self.remaining() <= 0:
            raise StoreUnavailableError(
                "The sync was told to end before everything was written; the next"
                " one goes on."
                if self.ended
                else "Time was up before everything was written; the next sync goes on."
            )


@contextmanager
def ending_on_sigterm(deadline: Deadline) -> Iterator[None]:
    """
    End the *deadline* on SIGTERM, so that the sync winds up and reports.

    A second SIGTERM kills, and so does any that comes between syncs: every step
    is atomic, and the next sync goes on from there. Signals come to the main
    thread alone; in another one this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, _frame: FrameType | None) -> None:
        deadline.end()
        signal.signal(number, before)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class DeadlineStore:
    """
    A `FeedWriter` that takes no further step when time is up.

    What was done can still be said: the status is written within the reserve that
    the deadline leaves. Once the store has left one request without an answer for
    long, it is not asked again in this sync: each thread would wait for as long.
    """

    def __init__(self, store: FeedWriter, deadline: Deadline) -> None:
        self._store = store
        self._deadline = deadline
        self._silent = False
        self.watermark: datetime | None = None
        """As the status said when it was last read."""

    def status(self) -> SyncStatus:
        """Read the status: the first step of every sync."""
        self._silent = False
        with self._heard():
            status = self._store.status()
        self.watermark = status.watermark
        return status

    def begin_write(self, writer: str) -> PreviousWriter:
        """Mark, in time."""
        with self._heard(in_time=True):
            return self._store.begin_write(writer)

    def write_status(self, status: SyncStatus) -> None:
        """Write the status."""
        with self._heard():
            self._store.write_status(status)

    def clear_digest(self) -> None:
        """Forget the digest."""
        with self._heard():
            self._store.clear_digest()

    def heads(self, feeds: Collection[FeedId]) -> Mapping[FeedId, Head]:
        """Read the heads, in time."""
        with self._heard(in_time=True):
            return self._store.heads(feeds)

    def state(self, feed: FeedId) -> FeedState:
        """Read a feed's state, in time."""
        with self._heard(in_time=True):
            return self._store.state(feed)

    def commit(self, commit: Commit) -> None:
        """Take one step, in time."""
        with self._heard(in_time=True):
            self._store.commit(commit)

    @contextmanager
    def _heard(self, *, in_time: bool = False) -> Iterator[None]:
        if in_time:
            self._deadline.check()
        if self._silent:
            raise StoreUnavailableError(
                "The table does not answer; the next sync goes on."
            )
        began = self._deadline.now()
        try:
            yield
        except StoreUnavailableError:
            if self._deadline.now() - began >= _SILENCE:
                self._silent = True
            raise

"""A sync ends itself in time, and takes a hint to end at once."""

import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Thread

import pytest

from incidents.errors import StoreUnavailableError
from incidents.feeds import Commit, Head, SyncStatus, team_feed
from lambda_fn.deadline import Deadline, DeadlineStore, ending_on_sigterm

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
FEED = team_feed("t")
HEAD = Head(seq=0, rev=1, epoch="e", writer="w", watermark=NOON, digest="")


class Seconds:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Noting:
    """A store that notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fails: Callable[[], None] | None = None

    def __getattr__(self, name: str) -> object:
        def ask(*_: object) -> object:
            self.asked.append(name)
            if self.fails:
                self.fails()
                raise StoreUnavailableError("no answer")
            return SyncStatus(watermark=NOON) if name == "status" else {}

        return ask


def test_the_deadline_counts_down_from_its_start() -> None:
    clock = Seconds()
    deadline = Deadline(clock)
    assert deadline.remaining() == float("inf")

    deadline.start(10)
    clock.now += 4

    assert deadline.remaining() == 6


def test_when_time_is_up_no_step_is_taken_and_what_was_done_is_said() -> None:
    clock, noting = Seconds(), Noting()
    deadline = Deadline(clock)
    store = DeadlineStore(noting, deadline)  # type: ignore[arg-type]  # answers any method
    commit = Commit(feed=FEED, expected=None, head=HEAD)
    deadline.start(1)
    store.commit(commit)
    clock.now += 1

    for step in (
        lambda: store.commit(commit),
        lambda: store.state(FEED),
        lambda: store.heads([FEED]),
        lambda: store.begin_write("w"),
    ):
        with pytest.raises(StoreUnavailableError, match="Time was up"):
            step()
    store.write_status(SyncStatus())
    store.clear_digest()

    assert store.status().watermark == store.watermark == NOON
    assert noting.asked == ["commit", "write_status", "clear_digest", "status"]


def after_silence(seconds: float) -> tuple[DeadlineStore, Noting]:
    """A store that has let one request wait for *seconds*, and answers again."""
    clock, noting = Seconds(), Noting()
    deadline = Deadline(clock)
    store = DeadlineStore(noting, deadline)  # type: ignore[arg-type]  # answers any method
    deadline.start(60)
    noting.fails = lambda: setattr(clock, "now", clock.now + seconds)
    with pytest.raises(StoreUnavailableError, match="no answer"):
        store.state(FEED)
    noting.fails = None
    return store, noting


def test_a_store_that_is_silent_for_long_is_not_asked_again_in_this_sync() -> None:
    store, noting = after_silence(10)

    with pytest.raises(StoreUnavailableError, match="does not answer"):
        store.write_status(SyncStatus())
    store.status()
    store.write_status(SyncStatus())

    assert noting.asked == ["state", "status", "write_status"]


def test_a_store_that_is_soon_throttled_is_asked_again() -> None:
    store, noting = after_silence(9)

    store.state(FEED)

    assert noting.asked == ["state", "state"]


def test_the_first_sigterm_ends_the_sync_and_the_handler_before_is_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    deadline = Deadline()
    deadline.start(1000)

    with ending_on_sigterm(deadline):
        os.kill(os.getpid(), signal.SIGTERM)
        deadline.sleep(1000)
        assert signal.getsignal(signal.SIGTERM) == before

    assert deadline.ended
    assert signal.getsignal(signal.SIGTERM) == before
    with pytest.raises(StoreUnavailableError, match="told to end"):
        deadline.check()


def test_a_new_start_forgets_the_end_before() -> None:
    deadline = Deadline()
    deadline.end()

    deadline.start(10)

    assert 0 < deadline.remaining() <= 10


def test_in_another_thread_signals_are_left_alone() -> None:
    before = signal.getsignal(signal.SIGTERM)
    seen = []

    def run() -> None:
        with ending_on_sigterm(Deadline()):
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = Thread(target=run)
    thread.start()
    thread.join()

    assert seen == [before]

"""
The desktop's notifications, for a program that must not wait for them.

They are handed over on an event loop in a thread of its own, one after the other.
"""

import asyncio
import contextlib
import logging
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from tray_app.desktop.notifications.delivery import Delivery
from tray_app.model.ports import Dispatch
from tray_app.model.view import Notification

PATIENCE = 3.0
"""Seconds the desktop has to take a notification."""
GIVEN_UP = 30.0
"""Seconds after which a notification that was not taken is tried no longer."""
WAITING = 64
"""Notifications under way at once; more are refused."""
CLOSING = 0.9
"""Seconds to take everything off the screen at the end."""

T = TypeVar("T")
log = logging.getLogger(__name__)


class DesktopNotifications:
    """The desktop's own notifications. Implements `Notifier`."""

    def __init__(
        self,
        dispatch: Dispatch,
        *,
        patience: float = PATIENCE,
        numbers: Path | None = None,
        earlier: Sequence[Notification] = (),
    ) -> None:
        """
        *numbers*: where it is kept what is on the screen, for the next run;
        *earlier*: what the last run has shown, and may be asked for still.
        """
        self.problem: str | None = None
        """Why the last notification was not shown; None when it was."""
        self._dispatch = dispatch
        self._patience = patience
        self._numbers = numbers
        self._delivery: Delivery | None = None
        self._under_way: set[Future[Any]] = set()
        self._late: set[Future[Any]] = set()
        self._turn = asyncio.Lock()
        self._end = asyncio.Event()
        self._closed = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="notify", daemon=True)
        self._thread.start()
        if numbers is not None:
            self._start(lambda: self._take_up(earlier))

    def tell(self, notification: Notification) -> bool:
        """
        Show, or replace by key; True when the desktop has taken it.

        Waits up to `PATIENCE` seconds, and not at all while an earlier one is late.
        """
        if self._late:
            return False  # `problem` still says why
        sending = self._start(lambda: self._send(notification))
        if sending is None:
            self.problem = _not_shown("too many are waiting")
            return False
        try:
            return sending.result(self._patience)
        except TimeoutError:
            self._late.add(sending)
            sending.add_done_callback(self._late.discard)
            self.problem = _not_shown("the notification service does not answer")
            return False

    def withdraw(self, key: str) -> None:
        """Take the notification with *key* off the screen, if it is there."""
        self._start(lambda: self._take_back(key))

    def close(self) -> None:
        """Withdraw everything within a second and let go of the desktop."""
        if not self._closed:
            self._closed = True
            self._loop.call_soon_threadsafe(self._end.set)
            self._thread.join(CLOSING + 1)

    def _start(self, work: Callable[[], Coroutine[Any, Any, T]]) -> "Future[T] | None":
        """Start *work* on the other thread, unless too much is under way there."""
        if self._closed or len(self._under_way) >= WAITING:
            return None
        future = asyncio.run_coroutine_threadsafe(work(), self._loop)
        self._under_way.add(future)
        future.add_done_callback(self._under_way.discard)
        return future

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        """Keep the loop until `close`, then clear the screen."""
        await self._end.wait()
        if self._delivery is not None:
            with _shrugged_off("the end"), contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CLOSING), self._turn:
                    await self._delivery.take_all_back()
            await self._delivery.close()

    async def _opened(self) -> Delivery:
        if self._delivery is None:
            self._delivery = Delivery(self._dispatch, self._numbers)
            if sys.platform == "win32":  # buttons of an earlier run do nothing there
                await self._delivery.take_all_back()
        return self._delivery

    async def _take_up(self, earlier: Sequence[Notification]) -> None:
        with (
            _shrugged_off("what an earlier run left"),
            contextlib.suppress(TimeoutError),
        ):
            async with asyncio.timeout(GIVEN_UP), self._turn:
                delivery = await self._opened()
                await delivery.take_up(earlier)

    async def _send(self, notification: Notification) -> bool:
        try:
            async with asyncio.timeout(GIVEN_UP), self._turn:
                delivery = await self._opened()
                reason = await delivery.send(notification)
        except TimeoutError:
            return False  # as was said when it came to be late
        except Exception as exc:  # each system raises its own
            reason = type(exc).__name__
            log.warning("notification not shown", exc_info=exc)
        self.problem = None if reason is None else _not_shown(reason)
        return reason is None

    async def _take_back(self, key: str) -> None:
        with _shrugged_off(key), contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GIVEN_UP), self._turn:
                delivery = await self._opened()
                await delivery.take_back(key)


@contextlib.contextmanager
def _shrugged_off(what: str) -> Iterator[None]:
    """Log what goes wrong in taking something back: nobody can do anything about it."""
    try:
        yield
    except Exception as exc:  # each system raises its own
        log.info("notification not taken back: %s", what, exc_info=exc)


def _not_shown(reason: str) -> str:
    return f"Notifications are not shown: {reason}."

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
from typing import Protocol, TypeVar

from tray_app.model.ports import Dispatch
from tray_app.model.view import Notification

PATIENCE = 3.0
"""Seconds that `tell` waits for the desktop."""
MOST_WAITING = 256
"""Calls that wait for the desktop at once; more are refused."""
CLOSING = 0.9
"""Seconds to take everything off the screen at the end."""

T = TypeVar("T")
log = logging.getLogger(__name__)


class Desktop(Protocol):
    """One system's notifications. Each adapter bounds the calls it may repeat."""

    async def take_up(self, earlier: Sequence[Notification]) -> None:
        """Make *earlier*, shown by an earlier run, work; close what else is there."""
        ...

    async def send(self, notification: Notification) -> str | None:
        """Show *notification*, in place of the one with its key; None or the reason."""
        ...

    async def withdraw(self, key: str) -> None:
        """Close the notification with *key*, if it is there."""
        ...

    async def withdraw_all(self) -> None:
        """Close every notification of this program."""
        ...

    async def close(self) -> None:
        """Leave the desktop."""
        ...


class DesktopNotifications:
    """The notifications of this machine's desktop. Implements `Notifier`."""

    def __init__(
        self,
        dispatch: Dispatch,
        *,
        patience: float = PATIENCE,
        ids_file: Path | None = None,
        earlier: Sequence[Notification] = (),
    ) -> None:
        """
        Start the thread.

        *ids_file* stores what is on the screen, for the next run; *earlier* is what
        the last run has shown and can still be pressed.
        """
        self.problem: str | None = None
        """Why the last notification was not shown; None when it was."""
        self._patience = patience
        self._call: tuple[str, Future[bool]] | None = None
        """The call that was not answered in time, and its notification's stable id."""
        self._room = threading.Semaphore(MOST_WAITING)
        self._turn = asyncio.Lock()
        self._end = asyncio.Event()
        self._closed = False
        self._desktop = _desktop(dispatch, ids_file)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="notify", daemon=True)
        self._thread.start()
        if ids_file is not None:
            self._start(lambda: self._take_up(earlier))

    @property
    def unanswered(self) -> str | None:
        """The stable id of a notification that may still be shown; None otherwise."""
        return self._call[0] if self._call is not None else None

    def tell(self, notification: Notification) -> bool:
        """
        Show, or replace by key; True when the desktop has taken it.

        Waits up to `PATIENCE` seconds, and not at all while an earlier one is late.
        Of a late one itself it returns the outcome, once it is known.
        """
        if self._call is not None:
            id_, late = self._call
            if not late.done():
                return False  # `problem` still says why
            self._call = None
            if id_ == notification.id:
                return not late.cancelled() and late.result()
        sending = self._start(lambda: self._send(notification))
        if sending is None:
            self.problem = _not_shown("too many are waiting")
            return False
        try:
            return sending.result(self._patience)
        except TimeoutError:
            self._call = notification.id, sending
            self.problem = _not_shown("the notification service does not answer")
            return False

    def withdraw(self, key: str) -> None:
        """Take the notification with *key* off the screen, if it is there."""
        self._start(lambda: self._withdraw(key))

    def close(self) -> None:
        """Withdraw everything within a second and leave the desktop."""
        if not self._closed:
            self._closed = True
            self._loop.call_soon_threadsafe(self._end.set)
            self._thread.join(CLOSING + 1)

    def _start(
        self, work: Callable[[], Coroutine[None, None, T]]
    ) -> "Future[T] | None":
        """Start *work* on the other thread, unless too much is waiting there."""
        if self._closed or not self._room.acquire(blocking=False):
            return None
        future = asyncio.run_coroutine_threadsafe(work(), self._loop)
        future.add_done_callback(lambda _done: self._room.release())
        return future

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        """Run the loop until `close`, then clear the screen."""
        await self._end.wait()
        with _logged("at the end"), contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSING), self._turn:
                await self._desktop.withdraw_all()
        await self._desktop.close()

    async def _take_up(self, earlier: Sequence[Notification]) -> None:
        with _logged("of an earlier run"):
            async with self._turn:
                await self._desktop.take_up(earlier)

    async def _send(self, notification: Notification) -> bool:
        try:
            async with self._turn:
                reason = await self._desktop.send(notification)
        except Exception as exc:  # each system raises its own
            reason = type(exc).__name__
            log.warning("notification not shown", exc_info=exc)
        self.problem = None if reason is None else _not_shown(reason)
        return reason is None

    async def _withdraw(self, key: str) -> None:
        with _logged(key):
            async with self._turn:
                await self._desktop.withdraw(key)


def _desktop(dispatch: Dispatch, ids_file: Path | None) -> Desktop:
    """Return the adapter for this system, whose library is installed on it alone."""
    if sys.platform == "linux":
        from tray_app.desktop.notifications.freedesktop import FreedesktopNotifications
        from tray_app.desktop.notifications.notification_ids import NotificationIds

        return FreedesktopNotifications(dispatch, NotificationIds(ids_file))
    from tray_app.desktop.notifications.windows_macos import PackagedNotifications

    return PackagedNotifications(dispatch)


@contextlib.contextmanager
def _logged(what: str) -> Iterator[None]:
    """Log that a notification was not withdrawn: nobody can do anything about it."""
    try:
        yield
    except Exception as exc:  # each system raises its own
        log.info("notification not withdrawn: %s", what, exc_info=exc)


def _not_shown(reason: str) -> str:
    return f"Notifications are not shown: {reason}."

"""
One notification at a time to the desktop, proved by the desktop's own answer.

desktop-notifier never says that a notification failed; only its `on_dispatched` proves
that one was taken. Everything here happens on one event loop, as the library asks.
"""

import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import desktop_notifier as library

from tray_app.model.ports import Dispatch
from tray_app.model.view import Notification, Urgency
from tray_app.present.safe_text import lines, one_line
from tray_app.settings.paths import TITLE

if sys.platform == "linux":
    from tray_app.desktop.notifications.freedesktop import FreedesktopBackend
    from tray_app.desktop.notifications.notification_ids import Numbers

REMEMBERED = 200
"""Notifications whose buttons still work, the newest."""
BUTTONS = 3
"""What every desktop shows."""
LONGEST_TITLE = 120
LONGEST_BODY = 500

_URGENCY = {
    Urgency.LOW: library.Urgency.Low,
    Urgency.NORMAL: library.Urgency.Normal,
    Urgency.CRITICAL: library.Urgency.Critical,
}


class Delivery:
    """Hands notifications to the desktop, and what is pressed on them to *dispatch*."""

    def __init__(self, dispatch: Dispatch, numbers: Path | None = None) -> None:
        """*numbers*: where it is kept what is on the screen, for the next run."""
        self._dispatch = dispatch
        self._told: dict[str, Notification] = {}
        self._desktop = library.DesktopNotifier(app_name=TITLE, app_icon=None)
        if sys.platform == "linux":
            self._backend = FreedesktopBackend(TITLE, Numbers(numbers))
            self._desktop._backend = self._backend  # noqa: SLF001  # no way to pass one
        self._desktop.on_clicked = self._clicked
        self._desktop.on_button_pressed = self._pressed

    async def take_up(self, earlier: Sequence[Notification]) -> None:
        """Have the buttons of *earlier*, which a former run has shown, work here."""
        if sys.platform == "linux":
            self._told |= {one.key: one for one in earlier}
            known = {one.key: described(one, lambda: None) for one in earlier}
            await self._backend.take_up(known)

    async def send(self, notification: Notification) -> str | None:
        """Show *notification*; return None, or why that failed."""
        self._remember(notification)
        taken: list[bool] = []
        message = described(notification, lambda: taken.append(True))
        await self._desktop.send_notification(message)
        if not taken:
            return self._reason()
        if not await self._desktop.get_capabilities():
            return "this system shows them for the packaged program only"
        return None

    async def take_back(self, key: str) -> None:
        """Take the notification with *key* off the screen, if it is there."""
        self._told.pop(key, None)
        if sys.platform == "linux":
            await self._backend.take_back(key)
        elif key in await self._desktop.get_current_notifications():
            await self._desktop.clear(key)

    async def take_all_back(self) -> None:
        """Take everything off the screen, also what an earlier run left there."""
        self._told.clear()
        await self._desktop.clear_all()

    async def close(self) -> None:
        """Let go of the desktop."""
        if sys.platform == "linux":
            await self._backend.close()

    def _remember(self, notification: Notification) -> None:
        self._told.pop(notification.key, None)
        self._told[notification.key] = notification
        for key in list(self._told)[:-REMEMBERED]:
            del self._told[key]

    def _reason(self) -> str:
        if sys.platform == "linux":
            return self._backend.reason
        return "the desktop did not take it"

    def _clicked(self, key: str) -> None:
        told = self._told.get(key)
        if told is not None and told.click is not None:
            self._dispatch(told.click)

    def _pressed(self, key: str, pressed: str) -> None:
        told = self._told.get(key)
        for button in told.buttons if told else ():
            if button.key == pressed:
                self._dispatch(button.intent)


def described(
    notification: Notification, taken: Callable[[], None]
) -> library.Notification:
    """Return *notification* as the library wants it; *taken* is called once it is."""
    seconds = notification.expires_after
    return library.Notification(
        title=one_line(notification.title, longest=LONGEST_TITLE),
        message=lines(notification.body, longest=LONGEST_BODY),
        urgency=_URGENCY[notification.urgency],
        buttons=tuple(
            library.Button(title=one_line(button.label), identifier=button.key)
            for button in notification.buttons[:BUTTONS]
        ),
        on_dispatched=taken,
        sound=library.DEFAULT_SOUND if notification.sound else None,
        timeout=-1 if seconds is None else math.ceil(seconds),
        identifier=notification.key,
    )

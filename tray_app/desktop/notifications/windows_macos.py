"""Notifications on Windows and macOS: desktop-notifier, used as published."""

import asyncio
import sys
from collections.abc import Callable, Sequence

import desktop_notifier as library

from tray_app.desktop.notifications.content import CLICK, content, intent_of
from tray_app.model.ports import Dispatch
from tray_app.model.view import Notification, Urgency
from tray_app.settings.paths import TITLE

REMEMBERED = 200
"""Notifications whose buttons work: the newest."""
TIMEOUT = 30.0
"""Seconds for the desktop to take a notification."""

_URGENCY = {
    Urgency.LOW: library.Urgency.Low,
    Urgency.NORMAL: library.Urgency.Normal,
    Urgency.CRITICAL: library.Urgency.Critical,
}


class PackagedNotifications:
    """
    Implements `Desktop`. Lives on one event loop.

    The library never says that a notification failed; that it calls `on_dispatched` is
    the only proof that one was taken.
    """

    def __init__(self, dispatch: Dispatch) -> None:
        self._dispatch = dispatch
        self._shown: dict[str, Notification] = {}
        self._desktop = library.DesktopNotifier(app_name=TITLE, app_icon=None)
        self._desktop.on_clicked = lambda key: self._pressed(key, CLICK)
        self._desktop.on_button_pressed = self._pressed

    async def take_up(self, earlier: Sequence[Notification]) -> None:
        """Close what an earlier run left on Windows: its buttons do nothing there."""
        del earlier
        if sys.platform == "win32":
            await self._desktop.clear_all()

    async def send(self, notification: Notification) -> str | None:
        """Show *notification*, in place of the one with its key; None or the reason."""
        self._shown.pop(notification.key, None)
        self._shown[notification.key] = notification
        for key in list(self._shown)[:-REMEMBERED]:
            del self._shown[key]
        taken: list[bool] = []
        message = library_notification(notification, lambda: taken.append(True))
        async with asyncio.timeout(TIMEOUT):
            await self._desktop.send_notification(message)
            if not taken:
                return "the desktop did not take it"
            if not await self._desktop.get_capabilities():
                return "this system shows them for the packaged program only"
        return None

    async def withdraw(self, key: str) -> None:
        """Close the notification with *key*, if it is there."""
        self._shown.pop(key, None)
        if key in await self._desktop.get_current_notifications():
            await self._desktop.clear(key)

    async def withdraw_all(self) -> None:
        """Close every notification, also of an earlier run."""
        self._shown.clear()
        await self._desktop.clear_all()

    async def close(self) -> None:
        """Do nothing: the library has nothing to close."""

    def _pressed(self, key: str, action: str) -> None:
        notification = self._shown.get(key)
        intent = intent_of(notification, action) if notification else None
        if intent is not None:
            self._dispatch(intent)


def library_notification(
    notification: Notification, taken: Callable[[], None]
) -> library.Notification:
    """Convert *notification* for the library; *taken* is called once it is shown."""
    shown = content(notification)
    return library.Notification(
        title=shown.title,
        message=shown.body,
        urgency=_URGENCY[notification.urgency],
        buttons=tuple(
            library.Button(title=label, identifier=key) for key, label in shown.buttons
        ),
        on_dispatched=taken,
        sound=library.DEFAULT_SOUND if notification.sound else None,
        timeout=shown.timeout,
        identifier=notification.key,
    )

"""
desktop-notifier's Linux backend, hardened.

Version 6.2.0 shows an update as a second notification, sends text as markup, forgets
what has expired but can still be pressed, and never recovers from a lost bus. What is
mended here leans on its private names, so the version is pinned exactly.
"""

import asyncio
import html
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeAlias

from dbus_fast import DBusError, Message, MessageType, Variant
from dbus_fast.aio import ProxyInterface
from desktop_notifier import Notification
from desktop_notifier.backends.dbus import DBusDesktopNotifier

from tray_app.desktop.notifications.notification_ids import Numbers
from tray_app.desktop.session_bus import (
    LOST,
    disconnect,
    ignore_lost,
    instance_of,
    watch_owner,
)
from tray_app.settings.paths import APP

SERVICE = "org.freedesktop.Notifications"
CATEGORY = "x-coralogix.incident"
SOUND = "message-new-instant"
"""A name of freedesktop's sound naming; the backend's own, "default", is none."""
KEPT = 200
"""How many notifications are remembered after they have left the screen."""

_EXPIRED = 1
_Hints: TypeAlias = dict[str, Variant]
_Notify: TypeAlias = Callable[..., Awaitable[int]]
_UNKNOWN: Final = (
    "org.freedesktop.DBus.Error.ServiceUnknown",
    "org.freedesktop.DBus.Error.NameHasNoOwner",
    "org.freedesktop.DBus.Error.Spawn.ChildExited",
)


class FreedesktopBackend(DBusDesktopNotifier):
    """Replaces in place, shows text as text, and finds the service again."""

    reason = ""
    """Why the last notification was not taken; the base class only logs it."""
    _sending = ""
    _server = ""

    def __init__(self, app_name: str, numbers: Numbers) -> None:
        """Speak as *app_name*; *numbers* are kept from one run to the next."""
        super().__init__(app_name)
        self._kept = numbers

    async def take_up(self, earlier: Mapping[str, Notification]) -> None:
        """
        Know again what an earlier run left on the screen, so that it can be pressed.

        What is there and is not among *earlier* means nothing any more: it goes.
        """
        if self.interface is None:
            self.interface = await self._init_dbus()
        numbers = self._platform_to_interface_notification_identifier
        for identifier in set(numbers.inverse) - self._notification_cache.keys():
            if identifier in earlier:
                self._notification_cache[identifier] = earlier[identifier]
            else:
                await self.clear(identifier)
        self._kept.keep(self._server, numbers.inverse)

    async def take_back(self, identifier: str) -> None:
        """Take it off the screen, if it is there; also what an earlier run left."""
        if self.interface is None:
            self.interface = await self._init_dbus()
        if identifier in self._platform_to_interface_notification_identifier.inverse:
            await self.clear(identifier)

    async def close(self) -> None:
        """Let go of the bus, and keep what is still on the screen."""
        if self.interface is not None:
            numbers = self._platform_to_interface_notification_identifier
            self._kept.keep(self._server, numbers.inverse)
            await disconnect(self.bus)

    async def _send(self, notification: Notification) -> None:
        if self.interface is not None and not self.bus.connected:
            self._forget()
        self._sending = notification.identifier
        self._notification_cache.pop(notification.identifier, None)  # now the newest
        try:
            await super()._send(notification)
        except Exception as exc:
            self.reason = reason_of(exc)
            raise
        for identifier in list(self._notification_cache)[:-KEPT]:
            self._let_go(identifier)

    async def _init_dbus(self) -> ProxyInterface:
        asyncio.get_running_loop().set_exception_handler(ignore_lost)
        try:
            interface = await super()._init_dbus()
            await watch_owner(self.bus, SERVICE)
            able = await interface.call_get_capabilities()  # type: ignore[attr-defined]  # made at run time
            self._server = await instance_of(self.bus, SERVICE)
            self._recall()
        except LOST:
            self.interface = None
            if hasattr(self, "bus"):
                await disconnect(self.bus)
            raise
        self.bus.add_message_handler(self._heard)
        interface.call_notify = self._hardened(  # type: ignore[attr-defined]  # as above
            interface.call_notify,  # type: ignore[attr-defined]  # as above
            markup="body-markup" in able,
        )
        return interface

    def _hardened(self, notify: _Notify, *, markup: bool) -> _Notify:
        async def call_notify(*sent: Any) -> int:  # noqa: ANN401  # the protocol's
            app, _replaces, icon, title, body, actions, hints, timeout = sent
            numbers = self._platform_to_interface_notification_identifier
            replaces = numbers.inverse.get(self._sending, 0)
            if markup:
                body = html.escape(body, quote=False)
            shown = await notify(
                app, replaces, icon, title, body, actions, _told(hints), timeout
            )
            if replaces != shown:
                numbers.pop(replaces, None)
            numbers[shown] = self._sending
            self._kept.keep(self._server, numbers.inverse)
            return shown

        return call_notify

    def _on_action(self, nid: int, action_key: str) -> None:
        """Hand on what was pressed, and go on knowing what it was pressed on."""
        identifier = self._platform_to_interface_notification_identifier.get(nid, "")
        notification = self._notification_cache.get(identifier)
        if notification is None:
            return  # another program's
        if action_key == "default":
            self.handle_clicked(identifier, notification)
        else:
            self.handle_button(identifier, action_key, notification)

    def _on_closed(self, nid: int, reason: int) -> None:
        numbers = self._platform_to_interface_notification_identifier
        if reason != _EXPIRED and nid in numbers:
            # What has only expired can still be pressed in a list.
            super()._on_closed(nid, reason)
            self._kept.keep(self._server, numbers.inverse)

    def _heard(self, message: Message) -> None:
        """Forget everything when the service changes hands."""
        if (
            message.message_type is MessageType.SIGNAL
            and message.member == "NameOwnerChanged"
            and message.body[0] == SERVICE
        ):
            self._forget()

    def _recall(self) -> None:
        """Know again what an earlier run has shown on this very server."""
        numbers = self._platform_to_interface_notification_identifier
        for identifier, number in self._kept.of(self._server).items():
            if identifier not in numbers.inverse and number not in numbers:
                numbers[number] = identifier

    def _forget(self) -> None:
        self._platform_to_interface_notification_identifier.clear()
        self._capabilities = None
        self.interface = None
        self.bus.disconnect()

    def _let_go(self, identifier: str) -> None:
        numbers = self._platform_to_interface_notification_identifier
        numbers.inverse.pop(identifier, None)
        self._notification_cache.pop(identifier, None)


def reason_of(failure: Exception) -> str:
    """Return in a few words why a notification was not taken."""
    match failure:
        case DBusError(type=kind) if kind in _UNKNOWN:
            return "no notification service is running"
        case DBusError():
            return "the notification service refused it"
        case OSError() | EOFError() | ValueError():
            return "there is no session bus"
        case _:
            return "the desktop did not take it"


def _told(hints: dict[str, Any]) -> _Hints:
    """Return *hints* with who is speaking, about what, and how loudly."""
    sound = {"sound-name": Variant("s", SOUND)}
    silence = {"suppress-sound": Variant("b", True)}
    return {
        **hints,
        **(sound if "sound-name" in hints else silence),
        "desktop-entry": Variant("s", APP),
        "category": Variant("s", CATEGORY),
    }

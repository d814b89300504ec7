"""
Notifications on Linux: org.freedesktop.Notifications 1.2, over D-Bus.

One call at a time. A call that was sent is waited for until the server answers or is
gone: sent a second time, it could show the notification twice.
"""

import asyncio
import contextlib
import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from dbus_fast import DBusError, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from tray_app.desktop.notifications.content import CLICK, content, intent_of
from tray_app.desktop.notifications.notification_ids import NotificationIds
from tray_app.desktop.session_bus import (
    BUS,
    LOST,
    ask,
    bus_id,
    disconnect,
    ignore_lost,
    owner_of,
    watch,
    watch_owner,
)
from tray_app.model.ports import Dispatch
from tray_app.model.view import Notification
from tray_app.settings.paths import APP, TITLE

SERVICE = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"
CATEGORY = "x-coralogix.incident"
SOUND = "message-new-instant"
"""A name of freedesktop's sound naming."""
REMEMBERED = 200
"""Notifications that can be pressed, replaced and withdrawn: the newest."""
TIMEOUT = 30.0
"""Seconds for a call that may be repeated."""

_EXPIRED = 1
"""The reason of `NotificationClosed` that leaves it in the desktop's list."""
_NO_CLICK = "Xfce Notify Daemon"
"""This server would draw the click as a button without a label."""
_NOT_RUNNING: Final = (
    "org.freedesktop.DBus.Error.ServiceUnknown",
    "org.freedesktop.DBus.Error.NameHasNoOwner",
    "org.freedesktop.DBus.Error.Spawn.ChildExited",
)
_DIED: Final = "org.freedesktop.DBus.Error.NoReply"
"""The bus answers so for a server that was called and went without an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The notification server that owns the service's name, and what it can do."""

    bus: MessageBus
    owner: str
    """Its own name on the bus, which no other program ever has."""
    instance: str
    """Unique among all servers of all buses."""
    markup: bool
    click: bool


@dataclass(slots=True)
class Shown:
    """A notification that the server knows."""

    id: int
    notification: Notification | None
    """None for one of an earlier run, until `take_up` says what it was."""
    expired: bool = False
    """
    Perhaps no longer on the screen, but it may still be pressed in the desktop's list.

    So is every one of an earlier run, or of before the bus was lost: nobody listened.
    """


class FreedesktopNotifications:
    """Implements `Desktop`. Lives on one event loop, one call at a time."""

    def __init__(self, dispatch: Dispatch, stored_ids: NotificationIds) -> None:
        self._dispatch = dispatch
        self._stored_ids = stored_ids
        self._bus: MessageBus | None = None
        self._server: Server | None = None
        self._shown: dict[str, Shown] = {}
        """By key, oldest first; the ids are of `_server`."""

    async def take_up(self, earlier: Sequence[Notification]) -> None:
        """
        Make what an earlier run left on the screen work as if it were our own.

        What is there and not among *earlier* is closed.
        """
        notifications = {notification.key: notification for notification in earlier}
        with contextlib.suppress(*LOST):  # no server, nothing on the screen
            server = await self._connected()
            for key, shown in self._shown.items():
                shown.notification = shown.notification or notifications.get(key)
            unknown = [k for k, s in self._shown.items() if s.notification is None]
            await self._close(server, unknown)

    async def send(self, notification: Notification) -> str | None:
        """Show *notification*, in place of the one with its key; None or the reason."""
        try:
            await self._send(notification)
        except LOST as exc:
            return reason_of(exc)
        return None

    async def withdraw(self, key: str) -> None:
        """Close the notification with *key*, also one that an earlier run left."""
        with contextlib.suppress(*LOST):  # no server, nothing on the screen
            server = await self._connected()
            await self._close(server, [key])

    async def withdraw_all(self) -> None:
        """Close every notification that the server still has, all at once."""
        with contextlib.suppress(*LOST):
            if self._shown:
                await self._close(await self._connected(), list(self._shown))

    async def close(self) -> None:
        """Leave the bus; what is on the screen stays there, and its ids stored."""
        if self._bus is not None:
            await disconnect(self._bus)

    async def _send(self, notification: Notification) -> None:
        if self._server is not None and self._server.bus.connected:
            try:
                await self._notify(self._server, notification)
            except DBusError as exc:
                if exc.type not in _NOT_RUNNING:
                    raise
                self._server = None  # it got nothing; another may be there now
            else:
                return
        await self._notify(await self._connected(), notification)

    async def _notify(self, server: Server, notification: Notification) -> None:
        key = notification.key
        shown = self._shown.get(key)
        if shown is not None and shown.expired:
            # Plasma puts the replacement of an expired one into its list, unseen.
            await self._close(server, [key])
            shown = None
        replaces = 0 if shown is None else shown.id
        (id_,) = await ask(
            server.bus,
            server.owner,
            PATH,
            f"{SERVICE}.Notify",
            "susssasa{sv}i",
            *arguments(notification, replaces, server),
        )
        if self._server is server:
            self._shown.pop(key, None)  # the newest is the last
            self._shown[key] = Shown(int(id_), notification)
            for oldest in list(self._shown)[:-REMEMBERED]:
                del self._shown[oldest]
            self._store()

    async def _close(self, server: Server, keys: Iterable[str]) -> None:
        """Close those of *keys* that are known; stored as closed once they are."""
        ids = [self._shown.pop(key).id for key in keys if key in self._shown]
        if ids:
            await asyncio.gather(*(close(server, id_) for id_ in ids))
            self._store()

    async def _connected(self) -> Server:
        """
        Return the server that runs now; the bus starts it where it can.

        Raises:
            OSError: If there is no bus, or the server does not answer.
            DBusError: If there is no server.
        """
        if self._bus is not None and not self._bus.connected:
            self._bus = self._server = None
        if self._server is None:
            async with asyncio.timeout(TIMEOUT):
                self._bus = self._bus or await self._connected_bus()
                self._server = await server_on(self._bus)
            known = {key: shown.notification for key, shown in self._shown.items()}
            ids = self._stored_ids.read(self._server.instance)
            self._shown = {
                key: Shown(id_, known.get(key), expired=True)
                for key, id_ in ids.items()
            }
        return self._server

    async def _connected_bus(self) -> MessageBus:
        asyncio.get_running_loop().set_exception_handler(ignore_lost)
        bus = await MessageBus().connect()
        bus.add_message_handler(self._received)
        try:
            await watch_owner(bus, SERVICE)
            await watch(bus, f"sender='{SERVICE}',interface='{SERVICE}'")
        except BaseException:
            await disconnect(bus)
            raise
        return bus

    def _received(self, message: Message) -> None:
        """
        Take a signal of the bus, or of the very server that shows our notifications.

        Any program can send a signal to this one; the bus vouches for its sender.
        """
        server = self._server
        if message.message_type is not MessageType.SIGNAL or server is None:
            return
        if message.sender == BUS:
            if message.member == "NameOwnerChanged" and message.body[0] == SERVICE:
                self._server = None  # its ids mean nothing to the next one
        elif message.sender == server.owner and message.interface == SERVICE:
            match message.member, message.body:
                case "ActionInvoked", [int(id_), str(action)]:
                    self._pressed(id_, action)
                case "NotificationClosed", [int(id_), int(reason)]:
                    self._closed(id_, reason)
                case _:
                    pass  # a signal of a later version

    def _pressed(self, id_: int, action: str) -> None:
        for shown in self._shown.values():
            if shown.id == id_ and shown.notification is not None:
                intent = intent_of(shown.notification, action)
                if intent is not None:
                    self._dispatch(intent)

    def _closed(self, id_: int, reason: int) -> None:
        for key, shown in list(self._shown.items()):
            if shown.id != id_:
                continue
            if reason == _EXPIRED:
                shown.expired = True
            else:
                del self._shown[key]
                self._store()

    def _store(self) -> None:
        if self._server is not None:
            ids = {key: shown.id for key, shown in self._shown.items()}
            self._stored_ids.write(self._server.instance, ids)


async def server_on(bus: MessageBus) -> Server:
    """
    Ask the notification server of *bus* who it is and what it can do.

    Raises:
        DBusError: If there is none.
    """
    (capabilities,) = await ask(bus, SERVICE, PATH, f"{SERVICE}.GetCapabilities")
    name, *_ = await ask(bus, SERVICE, PATH, f"{SERVICE}.GetServerInformation")
    owner = await owner_of(bus, SERVICE)
    return Server(
        bus=bus,
        owner=owner,
        instance=f"{await bus_id(bus)} {owner}",
        markup="body-markup" in capabilities,
        click=name != _NO_CLICK,
    )


async def close(server: Server, id_: int) -> None:
    """Close the notification with *id_*, where *server* still has it."""
    method = f"{SERVICE}.CloseNotification"
    with contextlib.suppress(DBusError, TimeoutError):
        # It is closed already, or it will be as soon as the server wakes up.
        async with asyncio.timeout(TIMEOUT):
            await ask(server.bus, server.owner, PATH, method, "u", id_)


def arguments(
    notification: Notification, replaces: int, server: Server
) -> tuple[object, ...]:
    """Return what `Notify` is called with."""
    shown = content(notification)
    actions = [word for button in shown.buttons for word in button]
    if server.click:
        # Last: Budgie 10.7 drops the action that follows it.
        actions += [CLICK, ""]
    hints = {
        "urgency": Variant("y", int(notification.urgency)),
        "desktop-entry": Variant("s", APP),
        "category": Variant("s", CATEGORY),
    }
    if notification.sound:
        hints["sound-name"] = Variant("s", SOUND)
    else:
        hints["suppress-sound"] = Variant("b", True)
    return (
        TITLE,
        replaces,
        "",  # no icon but that of the desktop entry
        shown.title,
        html.escape(shown.body, quote=False) if server.markup else shown.body,
        actions,
        hints,
        shown.timeout if shown.timeout == -1 else shown.timeout * 1000,
    )


def reason_of(failure: Exception) -> str:
    """Return in a few words why a notification was not shown."""
    match failure:
        case DBusError(type=kind) if kind in _NOT_RUNNING:
            return "no notification service is running"
        case DBusError(type=kind) if kind == _DIED:
            return "the notification service ended before it answered"
        case DBusError():
            return "the notification service refused it"
        case TimeoutError():
            return "the notification service does not answer"
        case _:
            return "there is no session bus"

"""A notification server without a screen, pressed and expired by a test."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any, Self

from dbus_fast import Variant
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusInt32, DBusSignature, DBusStr, DBusUInt32
from dbus_fast.service import ServiceInterface, dbus_method, dbus_signal

from simulator.desktop.sni import bare
from tray_app.desktop.session_bus import disconnect

NAME = "org.freedesktop.Notifications"
EXPIRED, DISMISSED, CLOSED = 1, 2, 3
CAPABILITIES = ("actions", "body", "body-markup", "sound")

_Names = Annotated[list[str], DBusSignature("as")]
_Hints = Annotated[dict[str, Variant], DBusSignature("a{sv}")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownNotification:
    """A notification as it arrived."""

    id: int
    replaces: int
    app: str
    title: str
    body: str
    actions: dict[str, str]
    hints: dict[str, Any]
    timeout: int


class Notifd(ServiceInterface):
    """Lists what is on the screen in `live`, and every call of Notify in `log`."""

    def __init__(self, bus: MessageBus, capabilities: tuple[str, ...]) -> None:
        super().__init__(NAME)
        self.bus = bus
        self.live: dict[int, ShownNotification] = {}
        self.log: list[ShownNotification] = []
        self.close_calls: list[int] = []
        self.answering = asyncio.Event()
        """While cleared, the server is there but does not answer."""
        self.answering.set()
        self._capabilities = capabilities

    @classmethod
    async def started(
        cls, address: str, capabilities: tuple[str, ...] = CAPABILITIES
    ) -> Self:
        server = cls(await MessageBus(bus_address=address).connect(), capabilities)
        server.bus.export("/org/freedesktop/Notifications", server)
        await server.bus.request_name(NAME)
        return server

    async def stopped(self) -> None:
        self.answering.set()
        await disconnect(self.bus)

    async def pressed(self, number: int, key: str) -> None:
        """Press a button; `default` is the notification itself."""
        await self.invoked(number, key)
        await self.closed(number, DISMISSED)

    async def invoked(self, number: int, key: str) -> None:
        """Press a button of a notification that stays on the screen."""
        self.action_invoked(number, key)

    async def closed(self, number: int, reason: int) -> None:
        self.live.pop(number, None)
        self.notification_closed(number, reason)

    async def stop_answering(self) -> None:
        self.answering.clear()

    async def answer_again(self) -> None:
        self.answering.set()

    @dbus_method(name="GetCapabilities")
    def get_capabilities(self) -> _Names:
        return list(self._capabilities)

    @dbus_method(name="GetServerInformation")
    def get_server_information(
        self,
    ) -> Annotated[list[str], DBusSignature("ssss")]:
        return ["notifd", "tests", "1", "1.2"]

    @dbus_method(name="Notify")
    async def notify(  # noqa: PLR0913, PLR0917  # the protocol's
        self,
        app: DBusStr,
        replaces: DBusUInt32,
        _icon: DBusStr,
        title: DBusStr,
        body: DBusStr,
        actions: _Names,
        hints: _Hints,
        timeout: DBusInt32,  # noqa: ASYNC109  # the protocol's
    ) -> DBusUInt32:
        await self.answering.wait()
        number = replaces if replaces in self.live else len(self.log) + 1
        shown = ShownNotification(
            id=number,
            replaces=replaces,
            app=app,
            title=title,
            body=body,
            actions=dict(zip(actions[::2], actions[1::2], strict=True)),
            hints=bare(hints),
            timeout=timeout,
        )
        self.live[number] = shown
        self.log.append(shown)
        return number

    @dbus_method(name="CloseNotification")
    async def close_notification(self, number: DBusUInt32) -> None:
        await self.answering.wait()
        self.close_calls.append(number)
        if self.live.pop(number, None):
            self.notification_closed(number, CLOSED)

    @dbus_signal(name="NotificationClosed")
    def notification_closed(
        self, number: int, reason: int
    ) -> Annotated[list[int], DBusSignature("uu")]:
        return [number, reason]

    @dbus_signal(name="ActionInvoked")
    def action_invoked(
        self, number: int, key: str
    ) -> Annotated[list[object], DBusSignature("us")]:
        return [number, key]

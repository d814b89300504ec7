"""A panel without a screen: the StatusNotifierWatcher that tray items register with."""

from typing import Annotated, Self

from dbus_fast import Message, MessageType, PropertyAccess
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusBool, DBusInt32, DBusSignature, DBusStr
from dbus_fast.service import (
    ServiceInterface,
    dbus_method,
    dbus_property,
    dbus_signal,
)

from tray_app.desktop.session_bus import disconnect

NAME = "org.kde.StatusNotifierWatcher"
READ = PropertyAccess.READ


class Watcher(ServiceInterface):
    """Takes registrations, and lists repeated ones as often as they come."""

    def __init__(self, bus: MessageBus, *, host: bool, ready: bool) -> None:
        super().__init__(NAME)
        self.bus = bus
        self.host = host
        self.ready = ready
        self.registered: list[str] = []
        self.refused: list[str] = []

    @classmethod
    async def started(
        cls, address: str, *, host: bool = True, ready: bool = True
    ) -> Self:
        """Start it; until it is *ready* it owns its name but refuses registrations."""
        bus = await MessageBus(bus_address=address).connect()
        watcher = cls(bus, host=host, ready=ready)
        bus.add_message_handler(watcher._called)
        bus.export("/StatusNotifierWatcher", watcher)
        await bus.request_name(NAME)
        return watcher

    async def stopped(self) -> None:
        await disconnect(self.bus)

    async def got_ready(self) -> None:
        self.ready = True

    async def host_came(self) -> None:
        self.host = True
        self.host_registered()

    def _called(self, message: Message) -> Message | None:
        """Take a registration here, where its sender is known."""
        if message.message_type is MessageType.METHOD_CALL and (
            message.member == "RegisterStatusNotifierItem"
        ):
            if not self.ready:
                self.refused.append(f"{message.body[0]}")
                return Message.new_error(message, f"{NAME}.Error", "not yet")
            self.registered.append(f"{message.body[0]}")
            return Message.new_method_return(message)
        return None

    @dbus_method(name="RegisterStatusNotifierItem")
    def register(self, _name: DBusStr) -> None:
        """Declare the method; `_called` answers it."""

    @dbus_property(access=READ, name="RegisteredStatusNotifierItems")
    def items(self) -> Annotated[list[str], DBusSignature("as")]:
        return [f"{name}/StatusNotifierItem" for name in self.registered]

    @dbus_property(access=READ, name="IsStatusNotifierHostRegistered")
    def has_host(self) -> DBusBool:
        return self.host

    @dbus_property(access=READ, name="ProtocolVersion")
    def version(self) -> DBusInt32:
        return 0

    @dbus_signal(name="StatusNotifierHostRegistered")
    def host_registered(self) -> None:
        """Signal that a panel draws items now."""

"""Reads and clicks a tray item as a panel does: over D-Bus, without a screen."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from simulator.desktop.loop_thread import LoopThread
from simulator.desktop.waiting import until
from tray_app.desktop.session_bus import ask, disconnect, watch

WATCHER = "org.kde.StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
GET = "org.freedesktop.DBus.Properties.Get"
GET_ALL = "org.freedesktop.DBus.Properties.GetAll"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A menu entry as a panel reads it."""

    id: int
    depth: int
    properties: dict[str, Any]

    @property
    def label(self) -> str:
        return str(self.properties.get("label", "")).replace("__", "_")


class Panel:
    """Reads the first item that is registered, and its signals."""

    def __init__(self, loop: LoopThread, bus: MessageBus) -> None:
        self._loop = loop
        self._bus = bus
        self.signals: list[tuple[str, list[Any]]] = []
        self._where = ("", "")

    @classmethod
    def watching(cls, loop: LoopThread, address: str) -> Self:
        """Connect, wait for an item, and listen to it from now on."""
        panel = cls(loop, loop.run(_connected(address)))
        panel._bus.add_message_handler(panel._received)
        panel._where = until(panel._registered)
        for interface in (ITEM, MENU):
            loop.run(watch(panel._bus, f"interface='{interface}'"))
        return panel

    def close(self) -> None:
        self._loop.run(disconnect(self._bus))

    def item(self) -> dict[str, Any]:
        """Return the properties of the icon."""
        return dict(self._ask(self._where[1], GET_ALL, "s", ITEM)[0])

    def menu(self) -> list[Row]:
        """Return the rows of the whole menu, in the order they are read."""
        _revision, root = self.ask_menu("GetLayout", "iias", 0, -1, [])
        return list(_rows(root, 0))[1:]

    def labels(self) -> list[str]:
        return [row.label for row in self.menu()]

    def row(self, label: str) -> Row:
        """Return the first row that contains *label*, waiting for it."""
        return until(
            lambda: next((row for row in self.menu() if label in row.label), None)
        )

    def click(self, label: str) -> None:
        """Click the first row that contains *label*."""
        self.click_id(self.row(label).id)

    def click_id(self, number: int) -> None:
        self.ask_menu("Event", "isvu", number, "clicked", Variant("i", 0), 0)

    def ask_menu(self, member: str, signature: str, *body: object) -> list[Any]:
        """Call *member* of the menu; return the body of its reply."""
        return self._ask("/MenuBar", f"{MENU}.{member}", signature, *body)

    def activate(self) -> None:
        """Click the icon itself with the left button."""
        self._ask(self._where[1], f"{ITEM}.Activate", "ii", 0, 0)

    def signalled(self, member: str) -> list[list[Any]]:
        """Return the bodies of the signals called *member* so far."""
        self._ask(self._where[1], GET, "ss", ITEM, "Id")  # behind what came before
        return [body for name, body in self.signals if name == member]

    def _registered(self) -> tuple[str, str] | None:
        get = ("/StatusNotifierWatcher", GET, "ss")
        (items,) = self._call(WATCHER, *get, WATCHER, "RegisteredStatusNotifierItems")
        if not items:
            return None
        name, _, path = items[-1].partition("/")
        return name, f"/{path}"

    def _ask(self, path: str, member: str, signature: str, *body: object) -> list[Any]:
        return self._call(self._where[0], path, member, signature, *body)

    def _call(
        self, name: str, path: str, member: str, signature: str, *body: object
    ) -> list[Any]:
        reply = self._loop.run(ask(self._bus, name, path, member, signature, *body))
        return [bare(value) for value in reply]

    def _received(self, message: Message) -> None:
        if message.message_type is MessageType.SIGNAL:
            self.signals.append(
                (message.member or "", [bare(value) for value in message.body])
            )


def bare(value: Any) -> Any:  # noqa: ANN401  # D-Bus carries anything
    """Return *value* without its variants."""
    if isinstance(value, Variant):
        return bare(value.value)
    if isinstance(value, dict):
        return {key: bare(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [bare(item) for item in value]
    return value


def _rows(node: list[Any], depth: int) -> Iterator[Row]:
    number, properties, children = node
    yield Row(id=number, depth=depth, properties=properties)
    for child in children:
        yield from _rows(child, depth + 1)


async def _connected(address: str) -> MessageBus:
    return await MessageBus(bus_address=address).connect()

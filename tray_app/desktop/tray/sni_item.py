"""The tray item on a connection: its icon, its menu, and the panel that shows them."""

import asyncio
import contextlib
import html
import os
from collections.abc import Callable
from dataclasses import replace

from dbus_fast import DBusError, Message, MessageType
from dbus_fast.aio import MessageBus
from PIL import Image

from tray_app.desktop.session_bus import ask, owner_of, watch, watch_owner
from tray_app.desktop.tray.dbusmenu import Numbering, changed, default_intent
from tray_app.desktop.tray.redraw import Draw
from tray_app.desktop.tray.sni_bus import (
    ITEM_PATH,
    MENU_PATH,
    ItemObject,
    MenuObject,
    Pixmap,
)
from tray_app.model.ports import Dispatch
from tray_app.model.view import Icon, Menu
from tray_app.present.safe_text import one_line

SIZES = (16, 22, 24, 32, 64)
"""Pixels a side; panels pick the nearest, and some never scale up."""
RETRY = 1.0
"""Seconds before registering again with a panel that refused."""
WATCHER = "org.kde.StatusNotifierWatcher"
WATCHER_PATH = "/StatusNotifierWatcher"
_REGISTER = f"{WATCHER}.RegisterStatusNotifierItem"
_GET = "org.freedesktop.DBus.Properties.Get"


class SniItem:
    """A StatusNotifierItem and its menu. Lives on the loop of its connection."""

    def __init__(self, bus: MessageBus, dispatch: Dispatch, draw: Draw) -> None:
        self.host_present = False
        self.menu = Menu(())
        self._bus = bus
        self._dispatch = dispatch
        self._draw = draw
        self._icon: Icon | None = None
        self._numbering = Numbering()
        self._tree = MenuObject(self._numbering.root, self._clicked)
        self._item = ItemObject(self._activated)
        self._exported = False
        self._changed = asyncio.Event()
        self._registered_with = ""

    async def export(self) -> None:
        """Put the item on the bus, and watch for panels."""
        self._bus.export(ITEM_PATH, self._item)
        self._bus.export(MENU_PATH, self._tree)
        self._exported = True
        self._bus.add_message_handler(self._received)
        await watch_owner(self._bus, WATCHER)
        await watch(self._bus, f"interface='{WATCHER}'")

    def show_icon(self, icon: Icon) -> None:
        """Show *icon* where it differs; its pixels are drawn only if they do."""
        old, self._icon = self._icon, icon
        if old is None or replace(old, tooltip="") != replace(icon, tooltip=""):
            self._item.pixmaps = [pixmap(self._draw(icon, size)) for size in SIZES]
            self._emit(self._item.new_icon)
        if old is None or old.tooltip != icon.tooltip:
            self._item.tooltip = html.escape(one_line(icon.tooltip), quote=False)
            self._emit(self._item.new_tool_tip)

    def show_menu(self, menu: Menu) -> None:
        """Show *menu*: in place if only labels differ, else with a new layout."""
        self.menu = menu
        old, new = self._numbering.root, self._numbering.number(menu)
        self._tree.root = new
        if old.shape() != new.shape():
            self._emit(self._tree.layout_updated)
        elif nodes := changed(old, new):
            self._emit(lambda: self._tree.properties_updated(nodes))

    async def keep_registered(self) -> None:
        """Register with every panel that comes, for as long as the bus lasts."""
        while True:
            self._changed.clear()
            settled = await self._register()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), None if settled else RETRY)

    async def _register(self) -> bool:
        """Register with the panel; False if it runs but does not answer yet."""
        owner = await owner_of(self._bus, WATCHER)
        try:
            if owner and owner != self._registered_with:
                name = await self._name()
                await ask(self._bus, owner, WATCHER_PATH, _REGISTER, "s", name)
            self._registered_with = owner
            self.host_present = bool(owner) and await self._host_registered(owner)
        except DBusError:  # it owns its name, but is still starting
            self.host_present = False
            return False
        return True

    async def _name(self) -> str:
        """Return the name the protocol asks for, taken on the bus."""
        name = f"org.kde.StatusNotifierItem-{os.getpid()}-1"
        await self._bus.request_name(name)
        return name

    async def _host_registered(self, watcher: str) -> bool:
        what = (WATCHER, "IsStatusNotifierHostRegistered")
        (value,) = await ask(self._bus, watcher, WATCHER_PATH, _GET, "ss", *what)
        return bool(value.value)

    def _received(self, message: Message) -> None:
        if message.message_type is MessageType.SIGNAL and (
            message.interface == WATCHER or message.member == "NameOwnerChanged"
        ):
            self._changed.set()

    def _emit(self, signal: Callable[[], object]) -> None:
        if self._exported and self._bus.connected:
            signal()

    def _clicked(self, number: int) -> None:
        for node in self._numbering.root.walk():
            if node.id == number and node.intent is not None:
                self._dispatch(node.intent)

    def _activated(self) -> None:
        """Dispatch the default entry, on a left click on the icon."""
        intent = default_intent(self.menu)
        if intent is not None:
            self._dispatch(intent)


def pixmap(image: Image.Image) -> Pixmap:
    """Return *image* as the protocol wants it."""
    red, green, blue, alpha = image.convert("RGBA").split()
    argb = Image.merge("RGBA", (alpha, red, green, blue))
    return [image.width, image.height, argb.tobytes()]

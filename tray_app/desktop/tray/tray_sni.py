"""
The tray of the Linux desktop without GTK: a StatusNotifierItem over D-Bus.

When the bus is lost, the item is put on the next; when a panel starts, also a second
time, the item is registered with it.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from dbus_fast.aio import MessageBus

from tray_app.desktop.session_bus import (
    LOST,
    disconnect,
    disconnected,
    ignore_lost,
)
from tray_app.desktop.tray.redraw import REDRAW, Draw, RedrawThrottle
from tray_app.desktop.tray.sni_item import SniItem
from tray_app.model.intents import Intent
from tray_app.model.ports import DesktopError, Dispatch
from tray_app.model.view import Badge, Icon, Menu

RETRY = 1.0
"""Seconds before connecting again after the bus is lost."""
NO_BUS = (
    "There is no session bus to put a tray on: start from within a desktop session, "
    "or use `incident-tray watch`."
)
NO_HOST = (
    "This desktop shows no tray: add one to its panel "
    "(GNOME: the AppIndicator extension), or use `incident-tray status`."
)


class SniTray:
    """A tray icon on the session bus. Implements `Tray`."""

    def __init__(
        self, draw: Draw, dispatch: Dispatch, *, redraw: float = REDRAW
    ) -> None:
        self._draw = draw
        self._dispatch = dispatch
        self._throttle = RedrawThrottle(redraw)
        self._wanted = (Icon(badge=Badge.STARTING), Menu(()))
        self._item: SniItem | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()
        self._stopped = False
        self._later: asyncio.TimerHandle | None = None

    @property
    def host_present(self) -> bool:
        """Whether there is a panel to draw the icon."""
        item = self._item
        return item is not None and item.host_present

    @property
    def problem(self) -> str | None:
        """Why the icon is not seen, and what to do; None while it is."""
        return None if self.host_present else NO_HOST

    def run(self, started: Callable[[], None]) -> None:
        """
        Show the icon until `stop`; *started* is called once it is on the bus.

        Raises:
            DesktopError: If there is no session bus.
        """
        asyncio.run(self._run(started))

    def show(self, icon: Icon, menu: Menu) -> None:
        """Show *icon* and *menu* as soon as allowed; only the newest are drawn."""
        self._wanted = (icon, menu)
        self._call(self._refresh)

    def stop(self) -> None:
        """End `run`."""
        self._stopped = True
        self._call(self._stop.set)

    def _call(self, function: Callable[[], object]) -> None:
        """Call *function* on the loop of `run`, if that runs."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # it has just ended
                self._loop.call_soon_threadsafe(function)

    async def _run(self, started: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(ignore_lost)
        try:
            bus = await MessageBus().connect()
        except LOST as exc:
            raise DesktopError(NO_BUS) from exc
        await self._serve(bus, started)
        while not self._stopped:
            with contextlib.suppress(*LOST):
                await self._serve(await MessageBus().connect(), lambda: None)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), RETRY)

    async def _serve(self, bus: MessageBus, started: Callable[[], None]) -> None:
        """Show the icon on *bus* until that is lost or `stop` is called."""
        item = SniItem(bus, self._ask_for, self._draw)
        ends: list[asyncio.Future[Any]] = []
        try:
            icon, menu = self._wanted
            item.show_icon(icon)
            item.show_menu(menu)
            await item.export()
            self._item = item
            self._refresh()  # what `show` was called with meanwhile
            started()
            if self._stopped:
                return
            until = (self._stop.wait(), disconnected(bus), item.keep_registered())
            ends.extend(asyncio.ensure_future(end) for end in until)
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._item = None
            await disconnect(bus)
            await _ended(ends)

    def _refresh(self) -> None:
        """Draw what differs, the menu no sooner than the throttle allows."""
        if self._item is None:
            return
        icon, menu = self._wanted
        self._item.show_icon(icon)
        if menu == self._item.menu:
            return
        loop = asyncio.get_running_loop()
        wait = self._throttle.wait(loop.time())
        if not wait:
            self._throttle.drawn(loop.time())
            self._item.show_menu(menu)
        elif self._later is None:
            self._later = loop.call_later(wait, self._refresh_later)

    def _refresh_later(self) -> None:
        self._later = None
        self._refresh()

    def _ask_for(self, intent: Intent) -> None:
        self._throttle.requested = True
        self._dispatch(intent)


async def _ended(tasks: list[asyncio.Future[Any]]) -> None:
    """Cancel *tasks* and wait for them; raise what is not a lost bus."""
    for task in tasks:
        task.cancel()
    for end in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(end, Exception) and not isinstance(end, LOST):
            raise end

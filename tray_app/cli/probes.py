"""Probe this desktop: what shows notifications, and what draws tray icons."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from tray_app.model.ports import DesktopError

if TYPE_CHECKING:
    from dbus_fast.aio import MessageBus

_PATIENCE = 3.0
_NOTIFICATIONS = "org.freedesktop.Notifications"
_WATCHER = "org.kde.StatusNotifierWatcher"


def notifications() -> str:
    """
    Return the name of the notification service, and whether it has buttons.

    Raises:
        DesktopError: If there is none.
    """
    return _run(_notifications)


def panel() -> str:
    """
    Return how many tray icons the panel draws.

    Raises:
        DesktopError: If no panel draws any.
    """
    return _run(_panel)


def _run(probe: "Callable[[MessageBus], Awaitable[str]]") -> str:
    if not sys.platform.startswith("linux"):
        return "the system's own"
    return asyncio.run(_run_on_bus(probe))


async def _run_on_bus(probe: "Callable[[MessageBus], Awaitable[str]]") -> str:
    from dbus_fast.aio import MessageBus

    from tray_app.desktop.session_bus import LOST, disconnect

    try:
        async with asyncio.timeout(_PATIENCE):
            bus = await MessageBus().connect()
            try:
                return await probe(bus)
            finally:
                await disconnect(bus)
    except TimeoutError as exc:
        raise DesktopError("The desktop does not answer.") from exc
    except LOST as exc:
        raise DesktopError("There is no session bus: this is no desktop.") from exc


async def _notifications(bus: "MessageBus") -> str:
    from tray_app.desktop.session_bus import ask, owner_of

    if not await owner_of(bus, _NOTIFICATIONS):
        raise DesktopError("Nobody shows notifications: install dunst, for example.")
    path = "/org/freedesktop/Notifications"
    name, *_ = await ask(
        bus, _NOTIFICATIONS, path, f"{_NOTIFICATIONS}.GetServerInformation"
    )
    (can,) = await ask(bus, _NOTIFICATIONS, path, f"{_NOTIFICATIONS}.GetCapabilities")
    return f"{name}, {'with' if 'actions' in can else 'without'} buttons"


async def _panel(bus: "MessageBus") -> str:
    from tray_app.desktop.session_bus import ask, owner_of

    if not await owner_of(bus, _WATCHER):
        raise DesktopError(
            "No panel draws tray icons (GNOME: install the AppIndicator extension)."
        )
    (items,) = await ask(
        bus,
        _WATCHER,
        "/StatusNotifierWatcher",
        "org.freedesktop.DBus.Properties.Get",
        "ss",
        _WATCHER,
        "RegisteredStatusNotifierItems",
    )
    return f"it draws {len(items.value)} icons"

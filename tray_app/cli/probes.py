"""Trying out this desktop: who shows notifications here, and who draws tray icons."""

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
    Say who shows notifications here, and whether they have buttons.

    Raises:
        DesktopError: If nobody does.
    """
    return _asked(_notifications)


def panel() -> str:
    """
    Say whether a panel draws tray icons here.

    Raises:
        DesktopError: If none does.
    """
    return _asked(_panel)


def _asked(question: "Callable[[MessageBus], Awaitable[str]]") -> str:
    if not sys.platform.startswith("linux"):
        return "the system's own"
    return asyncio.run(_answered(question))


async def _answered(question: "Callable[[MessageBus], Awaitable[str]]") -> str:
    from dbus_fast.aio import MessageBus

    from tray_app.desktop.session_bus import LOST, disconnect

    try:
        async with asyncio.timeout(_PATIENCE):
            bus = await MessageBus().connect()
            try:
                return await question(bus)
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

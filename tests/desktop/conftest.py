"""
The desktop that tests run on: private, in layers, ended by process id.

A: a private message bus, with a panel and a notification server that have no screen.
B: on top of it Xvfb, a window manager and a real panel.
"""

from collections.abc import Iterator

import pytest

from simulator.desktop.loop_thread import LoopThread
from simulator.desktop.notifd import Notifd
from simulator.desktop.programs import Programs, start_bus
from simulator.desktop.running import RunningTray
from simulator.desktop.screen import Screen, start_panel, start_screen
from simulator.desktop.sni import Panel
from simulator.desktop.watcher import Watcher
from tray_app.desktop.notifications.notifier import DesktopNotifications
from tray_app.model.intents import Intent


@pytest.fixture
def programs() -> Iterator[Programs]:
    with Programs() as programs:
        yield programs


@pytest.fixture
def loop() -> Iterator[LoopThread]:
    with LoopThread() as loop:
        yield loop


@pytest.fixture
def bus(programs: Programs, monkeypatch: pytest.MonkeyPatch) -> str:
    """Start a private session bus, also for this process; return its address."""
    start_bus(programs)
    address = programs.environment["DBUS_SESSION_BUS_ADDRESS"]
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    return address


@pytest.fixture
def watcher(loop: LoopThread, bus: str) -> Iterator[Watcher]:
    watcher = loop.run(Watcher.started(bus))
    yield watcher
    loop.run(watcher.stopped())


@pytest.fixture
def tray(bus: str) -> Iterator[RunningTray]:
    """Run a tray on the private bus, in a thread; no two menus at once."""
    del bus
    with RunningTray(redraw=0.1) as tray:
        yield tray


@pytest.fixture
def panel(
    loop: LoopThread, bus: str, watcher: Watcher, tray: RunningTray
) -> Iterator[Panel]:
    """Read the tray as the panel does."""
    del watcher, tray
    panel = Panel.watching(loop, bus)
    yield panel
    panel.close()


@pytest.fixture
def notifd(loop: LoopThread, bus: str) -> Iterator[Notifd]:
    server = loop.run(Notifd.started(bus))
    yield server
    loop.run(server.stopped())


@pytest.fixture
def intents() -> list[Intent]:
    """Collect the intents of presses on notifications."""
    return []


@pytest.fixture
def notifications(bus: str, intents: list[Intent]) -> Iterator[DesktopNotifications]:
    del bus
    notifications = DesktopNotifications(intents.append)
    yield notifications
    notifications.close()


@pytest.fixture
def screen(programs: Programs, bus: str) -> Screen:
    """Start an X server with a window manager."""
    del bus
    return start_screen(programs)


@pytest.fixture
def panel_on_screen(programs: Programs, screen: Screen) -> Screen:
    """Put a panel with a tray on the screen."""
    start_panel(programs)
    return screen

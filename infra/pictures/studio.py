"""The product on a desktop of its own, for the documentation's pictures."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from PIL import Image, ImageChops
from Xlib.display import Display

from simulator.desktop.loop_thread import LoopThread
from simulator.desktop.product import ROOT, Product
from simulator.desktop.programs import Programs, start_bus
from simulator.desktop.screen import (
    ICON,
    PANEL_HEIGHT,
    Box,
    Screen,
    start_panel,
    start_screen,
)
from simulator.desktop.sni import Panel
from simulator.desktop.waiting import until

FOLDER = ROOT / "docs" / "pictures"
SERVERS = list(Path("/usr/lib").glob("*/xfce4/notifyd/xfce4-notifyd"))
NOTIFY = "interface='org.freedesktop.Notifications',member='Notify'"
DARKER = (38, 52, 84)
"""The wallpaper, so that the panel is seen on it."""
STILL = 25
"""How many pictures in a row have to be equal."""
INSTALL = "apt-get install xfce4-notifyd: it draws the buttons of notifications"


class Studio:
    """Runs the product on a desktop and takes pictures of it."""

    def __init__(self, programs: Programs, product: Product, screen: Screen) -> None:
        self.programs, self.product, self.screen = programs, product, screen
        self.server: subprocess.Popen[bytes] | None = None
        self.log = programs.home / "dbus-monitor.log"

    @classmethod
    @contextmanager
    def opened(cls, *, users: int, incidents: int) -> Iterator[Self]:
        """Start everything but the tray, with *users* and open *incidents*: counts."""
        with Programs() as programs:
            start_bus(programs)
            screen = start_screen(programs, "1240x640")
            _paint(screen)
            start_panel(programs)
            programs.start("dbus-monitor", "--session", NOTIFY)
            with Product(programs, users=users, open=incidents, seed=11) as product:
                yield cls(programs, product, screen)

    def until_still(self) -> Image.Image:
        """Return the screen once nothing on it moves any more."""
        seen: list[bytes] = []

        def still() -> bool:
            seen.append(self.screen.look().tobytes())
            return len(seen) > STILL and len(set(seen[-STILL:])) == 1

        until(still, seconds=60)
        return self.screen.look()

    def serve_notifications(self) -> None:
        """Start the notification server again, with a clear screen."""
        if self.server is not None:
            self.programs.end(self.server)
        (program,) = SERVERS
        self.server = self.programs.start(str(program))
        until(lambda: self.programs.owns("org.freedesktop.Notifications"))

    def until_sent(self, title: str, logged: int = 0, seconds: float = 30) -> None:
        """Wait until *title* is on the bus, after the first *logged* characters."""
        until(lambda: title in self.log.read_text()[logged:], seconds=seconds)

    def picture_sync(self, name: str, title: str, act: Callable[[], object]) -> None:
        """Save the picture of the notification after *act* and a sync."""

        def synced() -> None:
            act()
            self.product.sync()

        self.picture(name, title, synced)

    def picture(
        self, name: str, title: str, act: Callable[[], object], seconds: float = 30
    ) -> None:
        """Save the picture of *title*, which *act* leads to within *seconds*."""
        self.serve_notifications()
        before = self.until_still()
        logged = len(self.log.read_text())
        act()
        self.until_sent(title, logged, seconds)
        width, height = before.size
        below = (0, PANEL_HEIGHT, width, height)

        def opened() -> Box | None:
            seen = ImageChops.difference(self.screen.look(below), before.crop(below))
            return seen.getbbox()

        until(opened)
        self.until_still()
        left, top, right, bottom = until(opened)
        box = (left, top + PANEL_HEIGHT, right, bottom + PANEL_HEIGHT)
        self.screen.look(box).save(FOLDER / f"told-{name}.png")

    def restart_tray(self) -> None:
        """End the tray and start it in the environment as it is by now."""
        if self.product.tray is not None:
            self.programs.end(self.product.tray)
        self.product.start_tray()

    def panel(self, loop: LoopThread) -> Panel:
        """Return a reader of the tray's menu."""
        address = self.programs.environment["DBUS_SESSION_BUS_ADDRESS"]
        return Panel.watching(loop, address)

    def menu(self, panel: Panel) -> Image.Image:
        """Open the menu, and in it the first incident, as a person does by keys."""
        self.screen.click(*ICON, button=3)
        self.until_still()
        for row in panel.menu():
            if row.depth == 1 and row.properties.get("enabled", True):
                if row.properties.get("type") != "separator":
                    self.programs.answer("xdotool", "key", "Down")
                if "CRIT" in row.label:
                    break
        self.programs.answer("xdotool", "key", "Right")
        return self.until_still()


def _paint(screen: Screen) -> None:
    """Give the screen a wallpaper."""
    display = Display(screen.display)
    root = display.screen().root
    red, green, blue = DARKER
    root.change_attributes(background_pixel=(red << 16) + (green << 8) + blue)
    root.clear_area()
    display.sync()
    display.close()

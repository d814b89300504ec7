"""
The pictures of the documentation, taken of the running product.

`python -m tests.desktop.pictures` takes them all again, into docs/pictures: on a screen
of its own, with a real panel and a notification server that draws buttons. It needs
xfce4-notifyd beside the packages of the desktop tests.
"""

import io
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops, ImageDraw, ImageFont
from rich.console import Console
from Xlib.display import Display

from incidents.coralogix.actor import CoralogixActor
from incidents.coralogix.key import Key
from incidents.coralogix.regions import Address
from incidents.coralogix.writes import ActingHttp
from tests.desktop.loop_thread import LoopThread
from tests.desktop.product import ROOT, Product
from tests.desktop.programs import Programs, start_bus
from tests.desktop.screen import (
    ICON,
    PANEL_HEIGHT,
    Box,
    Screen,
    start_panel,
    start_screen,
)
from tests.desktop.sni import Panel
from tests.waiting import until
from tray_app import watch, watch_screen
from tray_app.cli import seen, shown_incident
from tray_app.icon import draw
from tray_app.shown import Badge, Icon

FOLDER = ROOT / "docs" / "pictures"
STATES = (
    ("not signed in", Icon(badge=Badge.SIGNED_OUT)),
    ("offline", Icon(badge=Badge.OFFLINE)),
    ("stale", Icon(badge=Badge.STALE)),
    ("action failed", Icon(badge=Badge.FAILED, severity="error", failed=True)),
    ("critical", Icon(badge=Badge.CRITICAL, severity="critical", count=2)),
    ("error", Icon(badge=Badge.ERROR, severity="error", count=3)),
    ("warning", Icon(badge=Badge.WARNING, severity="warning", count=4)),
    ("info, low", Icon(badge=Badge.WARNING, severity="info", count=5)),
    ("acknowledged", Icon(badge=Badge.ACKNOWLEDGED, severity="critical", count=1)),
    (
        "critical, snoozed",
        Icon(badge=Badge.CRITICAL, severity="critical", count=12, snoozed=True),
    ),
    ("snoozed", Icon(badge=Badge.SNOOZED, snoozed=True)),
    ("nothing open", Icon(badge=Badge.CALM)),
    ("starting", Icon(badge=Badge.STARTING)),
)
SIZES = (16, 22, 24, 32, 48, 64)
PANELS = ("#f2f2f2", "#242424", "#4061a1")
SERVERS = list(Path("/usr/lib").glob("*/xfce4/notifyd/xfce4-notifyd"))
DARKER = (38, 52, 84)
"""The wallpaper, so that the panel is seen on it."""
STILL = 25
"""Looks at the screen that have to be the same."""
INSTALL = "apt-get install xfce4-notifyd: it draws the buttons of notifications"


def icons() -> Image.Image:
    """Draw every state at every size, on a light, a dark and a tinted panel."""
    font = ImageFont.load_default(15)
    row, gap, words = 72, 8, 150
    width = sum(SIZES) + gap * (len(SIZES) + 1)
    sheet = Image.new("RGB", (words + 3 * width, row * len(STATES)), "white")
    pen = ImageDraw.Draw(sheet)
    for index, (name, icon) in enumerate(STATES):
        top = index * row
        pen.text((10, top + row // 2), name, font=font, fill="#222222", anchor="lm")
        for column, colour in enumerate(PANELS):
            strip = Image.new("RGBA", (width, row), colour)
            x = gap
            for size in SIZES:
                strip.alpha_composite(draw(icon, size), (x, (row - size) // 2))
                x += size + gap
            sheet.paste(strip, (words + column * width, top))
    return sheet


class Studio:
    """The product on a desktop, and a camera."""

    def __init__(self, programs: Programs, product: Product, screen: Screen) -> None:
        self.programs, self.product, self.screen = programs, product, screen
        self.server: subprocess.Popen[Any] | None = None

    def until_still(self) -> Image.Image:
        """Return the screen once nothing on it has moved for a while."""
        seen: list[bytes] = []

        def still() -> bool:
            seen.append(self.screen.look().tobytes())
            return len(seen) > STILL and len(set(seen[-STILL:])) == 1

        until(still, seconds=60)
        return self.screen.look()

    def serve_notifications(self) -> None:
        """Start the server that draws, anew: the screen is then clear."""
        if self.server is not None:
            self.programs.end(self.server)
        (program,) = SERVERS
        self.server = self.programs.start(str(program))
        until(lambda: self.programs.owns("org.freedesktop.Notifications"))

    def told(self, name: str, act: Callable[[], object]) -> None:
        """Picture the notification that *act* leads to."""
        self.serve_notifications()
        before = self.until_still()
        act()
        self.product.sync()
        width, height = before.size
        below = (0, PANEL_HEIGHT, width, height)

        def opened() -> Box | None:
            seen = ImageChops.difference(self.screen.look(below), before.crop(below))
            return seen.getbbox()

        until(opened, seconds=30)
        self.until_still()
        left, top, right, bottom = until(opened)
        box = (left, top + PANEL_HEIGHT, right, bottom + PANEL_HEIGHT)
        self.screen.look(box).save(FOLDER / f"told-{name}.png")

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

    def close_menu(self) -> None:
        for _ in range(2):
            self.programs.answer("xdotool", "key", "Escape")
        self.until_still()

    def terminal(self) -> None:
        """Save what `incident-tray watch` shows of the same ledger."""
        os.environ["INCIDENT_TRAY_HOME"] = str(self.product.home)
        now = datetime.now().astimezone()
        with seen.ledger() as ledger:
            state = seen.state(ledger, now)
        one = watch.inbox(state)[0]
        where, key = Address.parse(self.product.base_url), Key(self.product.me["key"])
        actor = CoralogixActor(ActingHttp(where, key))
        story = tuple(map(shown_incident.sentence, actor.timeline(one.id).events))
        actor.hang_up()
        views = {
            "watch": watch.View(at=one.id),
            "watch-detail": watch.View(at=one.id, detail=True, timeline=story),
        }
        for name, view in views.items():
            console = Console(record=True, width=110, height=24, file=io.StringIO())
            console.print(watch_screen.drawn(view, state, now, 24))
            svg = console.export_svg(title="incident-tray watch")
            plain = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
            (FOLDER / f"{name}.svg").write_text(plain)


def main() -> int:
    """Take every picture again."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    icons().save(FOLDER / "icons.png")
    if len(SERVERS) != 1:
        print(INSTALL, file=sys.stderr)
        return 1
    with Programs() as programs, LoopThread() as loop:
        start_bus(programs)
        screen = start_screen(programs, "1240x640")
        _paint(screen)
        start_panel(programs)
        with Product(programs, users=4, open=7, seed=11) as product:
            studio = Studio(programs, product, screen)
            studio.serve_notifications()
            _take(studio, loop)
    return 0


def _take(studio: Studio, loop: LoopThread) -> None:
    product = studio.product
    me, dana = product.me["email"], product.others[0]["email"]
    opened = [
        product.act("open", severity=severity, name=name, assignees=who)["id"]
        for severity, name, who in (
            ("critical", "payment-latency", [me]),
            ("error", "kafka-consumer-lag", [me]),
            ("warning", "disk-almost-full", []),
            ("error", "certificate-expires", [dana]),
        )
    ]
    product.act("acknowledge", id=opened[1], by=me)
    product.sync()
    studio.told("baseline", product.start_tray)
    address = studio.programs.environment["DBUS_SESSION_BUS_ADDRESS"]
    panel = Panel.watching(loop, address)
    panel.row("payment-latency")
    studio.terminal()

    def critical() -> str:
        return str(product.act("open", severity="critical", name="5xx-rate")["id"])

    ids: list[str] = []
    studio.told("critical", lambda: ids.append(critical()))
    studio.told(
        "raised", lambda: product.act("escalate", id=opened[2], severity="critical")
    )
    studio.told(
        "assigned", lambda: product.act("assign", id=opened[3], user=me, by=dana)
    )
    studio.told("acknowledged", lambda: product.act("acknowledge", id=ids[0], by=dana))
    studio.told("resolved", lambda: product.act("resolve", id=opened[3], by=dana))
    studio.told("reopened", lambda: product.act("retrigger", id=opened[3]))
    studio.told("unassigned", lambda: product.act("unassign", id=opened[0], by=dana))
    studio.told("digest", lambda: _flood(product))
    studio.serve_notifications()
    product.act("open", severity="critical", name="checkout-errors")
    product.sync()
    panel.row("checkout-errors")
    studio.until_still()
    whole = studio.menu(panel)
    whole.save(FOLDER / "product.png")
    panel.close()


def _flood(product: Product) -> None:
    """Let more happen at once than is told one by one."""
    for name in ("payment-latency", "kafka-consumer-lag", "search-timeouts"):
        for _ in range(3):
            product.act("open", severity="error", name=name, assignees=[])


def _paint(screen: Screen) -> None:
    """Give the screen a wallpaper."""
    display = Display(screen.display)
    root = display.screen().root
    red, green, blue = DARKER
    root.change_attributes(background_pixel=(red << 16) + (green << 8) + blue)
    root.clear_area()
    display.sync()
    display.close()


if __name__ == "__main__":
    sys.exit(main())

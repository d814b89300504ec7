"""
The pictures of the documentation, taken of the running product.

`python -m infra.pictures` takes them all again, into docs/pictures: on a screen of its
own, with a real panel and a notification server that draws buttons. It needs
xfce4-notifyd and the packages of the desktop tests.
"""

import io
import os
import re
import sys
from collections.abc import Sequence
from datetime import datetime

from PIL import Image, ImageDraw, ImageFont
from rich.console import Console

from incidents.coralogix.http.acting_client import ActingHttp
from incidents.coralogix.http.key import Key
from incidents.coralogix.http.regions import Address
from incidents.coralogix.incidents.actor import CoralogixActor
from infra.pictures import problems, rules
from infra.pictures.studio import FOLDER, INSTALL, SERVERS, Studio
from simulator.desktop.loop_thread import LoopThread
from simulator.desktop.product import Product
from tray_app.app import restore
from tray_app.desktop.icon import draw
from tray_app.model.view import Badge, Icon
from tray_app.present import incident_details
from tray_app.watch import inbox, screen

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


def terminal(product: Product) -> None:
    """Save what `incident-tray watch` shows of the same ledger, as SVG."""
    os.environ["INCIDENT_TRAY_HOME"] = str(product.home)
    now = datetime.now().astimezone()
    with restore.open_ledger() as ledger:
        state = restore.known_state(ledger, now)
    first = inbox.inbox(state)[0]
    where, key = Address.parse(product.base_url), Key(product.me["key"])
    actor = CoralogixActor(ActingHttp(where, key))
    story = tuple(map(incident_details.sentence, actor.timeline(first.id).events))
    actor.disconnect()
    views = {
        "watch": (24, inbox.InboxView(at=first.id)),
        "watch-detail": (40, inbox.InboxView(at=first.id, detail=True, timeline=story)),
    }
    for name, (height, view) in views.items():
        console = Console(record=True, width=110, height=height, file=io.StringIO())
        console.print(screen.drawn(view, state, now, height, 110))
        svg = console.export_svg(title="incident-tray watch")
        plain = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
        (FOLDER / f"{name}.svg").write_text(plain)


def main() -> int:
    """Take every picture again."""
    if len(SERVERS) != 1:
        print(INSTALL, file=sys.stderr)
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    icons().save(FOLDER / "icons.png")
    with LoopThread() as loop:
        with Studio.opened(users=4, incidents=7) as studio:
            take(studio, loop)
        with Studio.opened(users=2, incidents=0) as studio:
            problems.take(studio, loop)
        with Studio.opened(users=2, incidents=0) as studio:
            rules.take(studio, loop)
    return 0


def take(studio: Studio, loop: LoopThread) -> None:
    """Take the pictures of what happens to incidents, of the menu and the terminal."""
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
    studio.picture_sync("baseline", "Watching 11 open incidents", product.start_tray)
    panel = studio.panel(loop)
    panel.row("payment-latency")
    terminal(product)

    _changes(studio, opened)
    studio.picture_sync("digest", "9 new incidents", lambda: _flood(product))
    studio.serve_notifications()
    product.act("open", severity="critical", name="checkout-errors")
    product.sync()
    panel.row("checkout-errors")
    studio.until_still()
    whole = studio.menu(panel)
    whole.save(FOLDER / "product.png")
    panel.close()


def _changes(studio: Studio, opened: Sequence[str]) -> None:
    """Take the picture of each change of an incident; *opened* are the first ids."""
    product = studio.product
    me, dana = product.me["email"], product.others[0]["email"]

    def critical() -> str:
        return str(product.act("open", severity="critical", name="5xx-rate")["id"])

    ids: list[str] = []
    studio.picture_sync(
        "critical", "Critical: 5xx-rate", lambda: ids.append(critical())
    )
    studio.picture_sync(
        "raised",
        "Raised to Critical: disk-almost-full",
        lambda: product.act("escalate", id=opened[2], severity="critical"),
    )
    studio.picture_sync(
        "assigned",
        " assigned you: certificate-expires",
        lambda: product.act("assign", id=opened[3], user=me, by=dana),
    )
    studio.picture_sync(
        "acknowledged",
        " acknowledged: 5xx-rate",
        lambda: product.act("acknowledge", id=ids[0], by=dana),
    )
    studio.picture_sync(
        "resolved",
        "Resolved: certificate-expires",
        lambda: product.act("resolve", id=opened[3], by=dana),
    )
    studio.picture_sync(
        "reopened",
        "Open again: certificate-expires",
        lambda: product.act("retrigger", id=opened[3]),
    )
    studio.picture_sync(
        "unassigned",
        "No longer yours: payment-latency",
        lambda: product.act("unassign", id=opened[0], by=dana),
    )


def _flood(product: Product) -> None:
    """Open more incidents at once than are notified singly."""
    for name in ("payment-latency", "kafka-consumer-lag", "search-timeouts"):
        for _ in range(3):
            product.act("open", severity="error", name=name, assignees=[])


if __name__ == "__main__":
    sys.exit(main())

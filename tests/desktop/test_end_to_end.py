"""
The whole product on a real desktop: an incident becomes a notification, a press acts.

The simulator, the table, each sync and the tray are processes of their own.
"""

import json
import signal
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from simulator.desktop.loop_thread import LoopThread
from simulator.desktop.notifd import Notifd, ShownNotification
from simulator.desktop.product import Product
from simulator.desktop.programs import Programs
from simulator.desktop.screen import Screen, start_dunst
from simulator.desktop.sni import Panel
from simulator.desktop.waiting import until
from tray_app.desktop.icon import draw
from tray_app.model.view import Badge, Icon

pytestmark = [pytest.mark.desktop, pytest.mark.slow]
PANEL_COLOUR = (64, 97, 161)
PLACE = (1, 5, 23, 27)
"""Where the panel draws the first icon."""
CALM = Icon(badge=Badge.CALM)
CRITICAL = Icon(badge=Badge.CRITICAL, severity="critical", count=1)
DONE = Icon(badge=Badge.ACKNOWLEDGED, severity="critical", count=1)
STATES = (
    CALM,
    CRITICAL,
    DONE,
    Icon(badge=Badge.ERROR, severity="error", count=1),
    Icon(badge=Badge.CRITICAL, severity="critical", count=2),
    Icon(badge=Badge.ACKNOWLEDGED, severity="error", count=1),
    *(Icon(badge=badge) for badge in Badge if badge is not Badge.CALM),
)


@pytest.fixture
def product(programs: Programs, panel_on_screen: Screen) -> Iterator[Product]:
    del panel_on_screen
    with Product(programs) as product:
        product.sync()
        yield product


@pytest.fixture
def reader(
    loop: LoopThread, bus: str, notifd: Notifd, product: Product
) -> Iterator[Panel]:
    """Run the tray and read it as the panel does, after its first poll."""
    product.start_tray()
    panel = Panel.watching(loop, bus)
    try:
        _shown(notifd, "Watching 0 open incidents")
        panel.row("Synced")
        yield panel
    finally:
        panel.close()


def _shown(notifd: Notifd, words: str) -> ShownNotification:
    """Return the notification on the screen whose title has *words*, waiting for it."""
    return until(
        lambda: next((n for n in notifd.live.values() if words in n.title), None),
        seconds=20,
    )


def _until_gone(notifd: Notifd, words: str) -> None:
    until(lambda: not any(words in n.title for n in notifd.live.values()), seconds=20)


def _press(
    loop: LoopThread, notifd: Notifd, shown: ShownNotification, label: str
) -> None:
    (key,) = (key for key, text in shown.actions.items() if text == label)
    loop.run(notifd.pressed(shown.id, key))


def _status(product: Product) -> dict[str, Any]:
    ran = subprocess.run(
        [*product.command, "status", "--json"],
        env=product.programs.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    status: dict[str, Any] = json.loads(ran.stdout)
    return {**status, "code": ran.returncode}


def _until_drawn(screen: Screen, wanted: Icon) -> None:
    """Wait until the panel's pixels are like *wanted*, and like no other state."""

    def nearest() -> bool:
        pixels = screen.look(PLACE)
        return (
            min(STATES, key=lambda icon: _difference(pixels, _scaled(icon))) == wanted
        )

    assert wanted in STATES
    until(nearest, seconds=20)


@cache
def _scaled(icon: Icon) -> Image.Image:
    """Draw *icon* as this panel does: the largest there is, scaled down."""
    canvas = Image.new("RGBA", (22, 22), PANEL_COLOUR)
    canvas.alpha_composite(draw(icon, 64).resize((22, 22), Image.Resampling.BILINEAR))
    return canvas.convert("RGB")


def _difference(a: Image.Image, b: Image.Image) -> int:
    histogram = ImageChops.difference(a, b).convert("L").histogram()
    return sum(value * count for value, count in enumerate(histogram))


def test_an_incident_is_notified_acted_on_and_withdrawn(
    product: Product,
    reader: Panel,
    loop: LoopThread,
    notifd: Notifd,
    panel_on_screen: Screen,
) -> None:
    assert product.tray is not None
    dana = product.others[0]
    assert _status(product)["code"] == 0
    _until_drawn(panel_on_screen, CALM)
    _polls_pass_without_a_redraw(product, reader)

    # A new critical incident has its notification, which stays until it is seen.
    mine = product.act("open", severity="critical", name="payment-latency")["id"]
    product.sync()
    shown = _shown(notifd, "Critical: payment-latency")
    assert shown.hints["urgency"] == 2
    assert shown.timeout == 0
    assert "nobody assigned" in shown.body
    labels = [label for key, label in shown.actions.items() if key != "default"]
    assert labels == ["Acknowledge", "Assign to me", "Open"]

    # Icon, menu and command line agree.
    _until_drawn(panel_on_screen, CRITICAL)
    assert "1 unassigned" in reader.row("1 unassigned").label
    status = _status(product)
    assert (status["code"], status["state"], status["open"]) == (1, "critical", 1)
    assert status["text"] == reader.item()["ToolTip"][3]

    # A press on the notification changes Coralogix.
    _press(loop, notifd, shown, "Acknowledge")
    acknowledged = until(
        lambda: product.incident(mine) if _is_acknowledged(product, mine) else None
    )
    assert acknowledged["id"] == mine
    _until_gone(notifd, "payment-latency")
    _until_drawn(panel_on_screen, DONE)
    until(lambda: _status(product)["code"] == 0)
    product.sync()

    # So does an entry of the menu.
    second = product.act("open", severity="error", name="kafka-lag")["id"]
    product.sync()
    _shown(notifd, "Error: kafka-lag")
    row = reader.row("kafka-lag")
    inside = [
        entry
        for entry in reader.menu()
        if entry.id > row.id and entry.depth > row.depth
    ]
    assert inside
    reader.click("Assign to me")
    until(lambda: _assignees(product, second) == [product.me["email"]])
    product.sync()
    until(lambda: any("MINE" in label for label in reader.labels()))

    # What a colleague acknowledges is withdrawn.
    third = product.act("open", severity="critical", name="5xx-rate")["id"]
    product.sync()
    _shown(notifd, "Critical: 5xx-rate")
    product.act("acknowledge", id=third, by=dana["email"])
    product.sync()
    _until_gone(notifd, "Critical: 5xx-rate")

    # It ends on SIGTERM, and takes everything off the screen.
    product.tray.send_signal(signal.SIGTERM)
    assert product.tray.wait(10) == 0
    until(lambda: not notifd.live)


def test_a_real_notification_server_draws_it_and_reports_the_press(
    programs: Programs, product: Product, panel_on_screen: Screen
) -> None:
    start_dunst(programs, pick="Acknowledge")
    product.start_tray()
    until(lambda: programs.answer("dunstctl", "count", "displayed") == "1", seconds=20)
    programs.answer("dunstctl", "close-all")

    incident = product.act("open", severity="critical", name="payment-latency")["id"]
    product.sync()

    until(lambda: programs.answer("dunstctl", "count", "displayed") == "1", seconds=20)
    _until_drawn(panel_on_screen, CRITICAL)
    programs.answer("dunstctl", "context")
    until(lambda: _is_acknowledged(product, incident))
    until(lambda: programs.answer("dunstctl", "count", "displayed") == "0", seconds=20)


def _polls_pass_without_a_redraw(product: Product, reader: Panel) -> None:
    """Let quiet syncs and polls pass: nothing is redrawn, and memory stays small."""
    menus = [
        *reader.signalled("LayoutUpdated"),
        *reader.signalled("ItemsPropertiesUpdated"),
    ]
    for _ in range(2):
        assert product.sync()["quiet"]

    after = [
        *reader.signalled("LayoutUpdated"),
        *reader.signalled("ItemsPropertiesUpdated"),
    ]
    assert after == menus
    assert product.tray is not None
    status = Path(f"/proc/{product.tray.pid}/status").read_text()
    (resident,) = (line for line in status.splitlines() if line.startswith("VmRSS"))
    assert int(resident.split()[1]) < 90_000


def _is_acknowledged(product: Product, id_: str) -> bool:
    return "ACKNOWLEDGED" in f"{product.incident(id_)['status']}"


def _assignees(product: Product, id_: str) -> list[str]:
    assignments = product.incident(id_)["assignments"]
    return [row["assignedTo"]["userId"] for row in assignments]

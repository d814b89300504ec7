"""As a person sees it: a panel, a mouse, and a notification server that draws."""

import pytest

from incidents.models import IncidentId
from simulator.desktop.programs import Programs
from simulator.desktop.running import RunningTray
from simulator.desktop.screen import ICON, Screen, start_dunst, start_panel
from simulator.desktop.waiting import until
from tray_app.desktop.notifications.notifier import DesktopNotifications
from tray_app.model.intents import Intent, OpenCoralogix, OpenIncident, Quit, SyncNow
from tray_app.model.view import Badge, Icon, Item, Menu, Notification

CALM, CRITICAL = Icon(badge=Badge.CALM), Icon(badge=Badge.CRITICAL)
GREEN, RED = (0x30, 0xB0, 0x60), (0xD0, 0x20, 0x20)
MENU = Menu(
    (
        Item(label="1 open, as of now"),
        Item(label="Sync now", intent=SyncNow()),
        Item(label="Open Coralogix", intent=OpenCoralogix(), default=True),
        Item(label="Quit", intent=Quit()),
    )
)
pytestmark = pytest.mark.desktop


@pytest.fixture
def shown(tray: RunningTray, panel_on_screen: Screen) -> Screen:
    """Show the tray in the panel, calm."""
    tray.tray.show(CALM, MENU)
    panel_on_screen.until_colour(*ICON, GREEN)
    return panel_on_screen


def test_the_panel_draws_the_icon_in_its_colours(
    tray: RunningTray, shown: Screen
) -> None:
    assert tray.tray.host_present

    tray.tray.show(CRITICAL, MENU)

    shown.until_colour(*ICON, RED)


def test_a_row_is_clicked_with_the_mouse(tray: RunningTray, shown: Screen) -> None:
    left, top, right, bottom = shown.opened(lambda: shown.click(*ICON, button=3))
    row = (bottom - top) / len(MENU.entries)

    shown.click((left + right) // 2, top + int(row * 1.5))  # the second one

    assert until(lambda: tray.intents) == [SyncNow()]


def test_a_left_click_on_the_icon_does_what_the_default_row_does(
    tray: RunningTray, shown: Screen
) -> None:
    shown.click(*ICON)

    assert until(lambda: tray.intents) == [OpenCoralogix()]


def test_an_open_menu_stays_open_when_its_labels_change(
    tray: RunningTray, shown: Screen
) -> None:
    menu = shown.opened(lambda: shown.click(*ICON, button=3))
    before = shown.look(menu)
    label = Item(label="1 open, as of 5 m")

    tray.tray.show(CALM, Menu((label, *MENU.entries[1:])))

    def changed() -> bool:
        return shown.look(menu).tobytes() != before.tobytes()

    until(changed)
    left, top, right, bottom = menu
    shown.click((left + right) // 2, top + int((bottom - top) * 7 / 8))  # the last one
    assert until(lambda: tray.intents) == [Quit()]


def test_a_restarted_panel_draws_the_icon_again(
    programs: Programs, tray: RunningTray, screen: Screen
) -> None:
    panel = start_panel(programs)
    tray.tray.show(CALM, MENU)
    screen.until_colour(*ICON, GREEN)

    programs.end(panel, kill=True)
    until(lambda: not tray.tray.host_present)
    tray.tray.show(CRITICAL, MENU)
    start_panel(programs)

    screen.until_colour(*ICON, RED)


def test_a_real_server_draws_a_notification_and_reports_its_press(
    programs: Programs,
    screen: Screen,
    notifications: DesktopNotifications,
    intents: list[Intent],
) -> None:
    start_dunst(programs)
    news = Notification(
        key="incident:7",
        id="USER#u:1",
        title="Critical: disk full",
        body="a & b <i>text</i>",
        click=OpenIncident(IncidentId("7")),
    )

    screen.opened(lambda: notifications.tell(news))
    assert notifications.tell(news)
    assert programs.answer("dunstctl", "count", "displayed") == "1"
    programs.answer("dunstctl", "action")
    assert until(lambda: intents) == [OpenIncident(IncidentId("7"))]

    notifications.withdraw("incident:7")
    until(lambda: programs.answer("dunstctl", "count", "displayed") == "0")

import time

import pytest
from dbus_fast import DBusError, Variant

from incidents.models import IncidentId
from simulator.desktop.loop_thread import LoopThread
from simulator.desktop.programs import Programs, start_bus
from simulator.desktop.running import RunningTray
from simulator.desktop.sni import Panel
from simulator.desktop.waiting import until
from simulator.desktop.watcher import Watcher
from tray_app.desktop.tray.sni_item import SIZES
from tray_app.desktop.tray.tray_sni import NO_HOST, SniTray
from tray_app.model.intents import Act, OpenCoralogix, OpenIncident, Quit, SyncNow, Verb
from tray_app.model.ports import DesktopError
from tray_app.model.view import Badge, Icon, Item, Menu, Separator, Submenu

DISK = IncidentId("7")
ACK = Act(Verb.ACKNOWLEDGE, (DISK,))
CALM = Icon(badge=Badge.CALM, tooltip="calm")
HOSTILE = 'a_b & <b>x</b>\x1b[31m \u202egnp.exe\n"quoted"'


def menu(*, age: str = "now", extra: tuple[Item, ...] = ()) -> Menu:
    return Menu(
        (
            Item(label=f"1 open, as of {age}"),
            Submenu(
                label=f"Critical: disk full · {age}",
                entries=(
                    Item(label="Acknowledge", intent=ACK),
                    Item(label="Open", intent=OpenIncident(DISK)),
                ),
            ),
            Separator(),
            Item(label="Quiet hours", intent=SyncNow(), checked=True),
            Item(label="Open Coralogix", intent=OpenCoralogix(), default=True),
            *extra,
            Item(label="Quit", intent=Quit()),
        )
    )


def test_a_panel_reads_the_menu_as_it_is(tray: RunningTray, panel: Panel) -> None:
    tray.tray.show(CALM, menu())
    panel.row("Quit")

    rows = [(row.depth, row.properties) for row in panel.menu()]
    assert rows == [
        (1, {"label": "1 open, as of now", "enabled": False}),
        (1, {"label": "Critical: disk full · now", "children-display": "submenu"}),
        (2, {"label": "Acknowledge"}),
        (2, {"label": "Open"}),
        (1, {"type": "separator"}),
        (1, {"label": "Quiet hours", "toggle-type": "checkmark", "toggle-state": 1}),
        (1, {"label": "Open Coralogix"}),
        (1, {"label": "Quit"}),
    ]


def test_a_click_dispatches_the_intent_of_its_row(
    tray: RunningTray, panel: Panel
) -> None:
    tray.tray.show(CALM, menu())

    panel.click("Acknowledge")
    panel.click("1 open")  # has no intent

    assert until(lambda: tray.intents) == [ACK]


def test_a_panel_may_read_a_part_of_the_menu(tray: RunningTray, panel: Panel) -> None:
    tray.tray.show(CALM, menu())
    disk = panel.row("disk full").id

    (_, (_, properties, top)) = panel.ask_menu("GetLayout", "iias", 0, 1, ["label"])
    assert properties == {}
    assert len(top) == 6
    assert all(not below for _, _, below in top)
    assert all(properties.keys() <= {"label"} for _, properties, _ in top)

    (_, (number, _, below)) = panel.ask_menu("GetLayout", "iias", disk, -1, [])
    assert (number, len(below)) == (disk, 2)

    ((group,),) = panel.ask_menu("GetGroupProperties", "aias", [disk], ["label"])
    assert group == [disk, {"label": "Critical: disk full · now"}]
    label = panel.ask_menu("GetProperty", "is", disk, "label")
    assert label == ["Critical: disk full · now"]
    for arguments in ((disk, "nope"), (10_000, "label")):
        with pytest.raises(DBusError, match="no such"):
            panel.ask_menu("GetProperty", "is", *arguments)


def test_of_several_clicks_at_once_those_on_nothing_are_reported(
    tray: RunningTray, panel: Panel
) -> None:
    tray.tray.show(CALM, menu())
    acknowledge, gone = panel.row("Acknowledge").id, 10_000
    nothing = Variant("i", 0)

    events = [
        [acknowledge, "hovered", nothing, 0],
        [acknowledge, "clicked", nothing, 0],
        [gone, "clicked", nothing, 0],
    ]
    assert panel.ask_menu("EventGroup", "a(isvu)", events) == [[gone]]

    assert until(lambda: tray.intents) == [ACK]


def test_the_item_registers_again_with_a_panel_that_is_still_starting(
    tray: RunningTray, loop: LoopThread, bus: str
) -> None:
    watcher = loop.run(Watcher.started(bus, ready=False))
    until(lambda: watcher.refused)
    assert not tray.tray.host_present

    loop.run(watcher.got_ready())

    until(lambda: tray.tray.host_present)
    assert len(watcher.registered) == 1
    loop.run(watcher.stopped())


def test_a_left_click_dispatches_the_default_row(
    tray: RunningTray, panel: Panel
) -> None:
    tray.tray.show(CALM, menu())
    panel.row("Quit")

    panel.activate()

    assert until(lambda: tray.intents) == [OpenCoralogix()]


def test_other_labels_change_in_place(tray: RunningTray, panel: Panel) -> None:
    tray.tray.show(CALM, menu())
    panel.row("Quit")
    before = {row.id for row in panel.menu()}
    layouts = len(panel.signalled("LayoutUpdated"))

    tray.tray.show(CALM, menu(age="5 m"))

    panel.row("5 m")
    assert {row.id for row in panel.menu()} == before
    assert len(panel.signalled("LayoutUpdated")) == layouts
    ((updated, removed),) = panel.signalled("ItemsPropertiesUpdated")
    assert [properties["label"] for _, properties in updated] == [
        "1 open, as of 5 m",
        "Critical: disk full · 5 m",
    ]
    assert removed == []


def test_a_row_more_is_a_new_layout_in_which_the_others_keep_their_ids(
    tray: RunningTray, panel: Panel
) -> None:
    tray.tray.show(CALM, menu())
    before = {panel.row("Quit").id, panel.row("Acknowledge").id}

    tray.tray.show(CALM, menu(extra=(Item(label="Again", intent=ACK),)))

    panel.row("Again")
    assert {panel.row("Quit").id, panel.row("Acknowledge").id} == before


def test_an_equal_menu_draws_nothing(tray: RunningTray, panel: Panel) -> None:
    tray.tray.show(CALM, menu())
    panel.row("Quit")
    panel.signalled("LayoutUpdated")
    panel.signals.clear()
    tray.drawn.clear()

    for _ in range(50):
        tray.tray.show(CALM, menu())

    assert panel.signalled("LayoutUpdated") == []
    assert panel.signals == []
    assert tray.drawn == []


def test_menus_that_no_click_requested_come_two_seconds_apart(
    loop: LoopThread, bus: str, watcher: Watcher
) -> None:
    del watcher
    with RunningTray() as tray:
        panel = Panel.watching(loop, bus)
        tray.tray.show(CALM, menu())
        panel.row("Quit")
        first = time.monotonic()

        for minute in range(50):
            tray.tray.show(CALM, menu(age=f"{minute} m"))
        assert panel.signalled("ItemsPropertiesUpdated") == []

        panel.row("49 m")
        assert time.monotonic() - first > 1.9
        assert len(panel.signalled("ItemsPropertiesUpdated")) == 1
        panel.close()


def test_a_click_is_answered_at_once(
    loop: LoopThread, bus: str, watcher: Watcher
) -> None:
    del watcher
    with RunningTray(redraw=60) as tray:
        panel = Panel.watching(loop, bus)
        tray.tray.show(CALM, menu())
        panel.click("Acknowledge")

        tray.tray.show(CALM, menu(age="5 m"))

        panel.row("5 m")
        panel.close()


def test_the_icon_is_drawn_in_every_size_and_only_when_it_differs(
    tray: RunningTray, panel: Panel
) -> None:
    tray.tray.show(CALM, menu())
    panel.row("Quit")
    sizes = {width: bytes_ for width, _, bytes_ in panel.item()["IconPixmap"]}
    assert sorted(sizes) == list(SIZES)
    assert sizes[16][:4] == bytes((0xFF, 0x30, 0xB0, 0x60))  # A, R, G, B
    assert len(sizes[64]) == 64 * 64 * 4
    tray.drawn.clear()
    panel.signals.clear()

    tray.tray.show(Icon(badge=Badge.CALM, tooltip="other"), menu())
    assert len(panel.signalled("NewToolTip")) == 1
    assert tray.drawn == []

    tray.tray.show(Icon(badge=Badge.CRITICAL, tooltip="other"), menu())
    assert len(panel.signalled("NewIcon")) == 1


def test_hostile_text_is_shown_as_text(tray: RunningTray, panel: Panel) -> None:
    tray.tray.show(
        Icon(badge=Badge.CALM, tooltip=HOSTILE),
        Menu((Item(label=HOSTILE, intent=Quit()),)),
    )

    (row,) = until(panel.menu)

    assert row.properties["label"] == 'a__b & <b>x</b>[31m gnp.exe "quoted"'
    tooltip = panel.item()["ToolTip"][3]
    assert tooltip == 'a_b &amp; &lt;b&gt;x&lt;/b&gt;[31m gnp.exe "quoted"'


def test_a_panel_that_comes_back_gets_the_item_again(
    tray: RunningTray, loop: LoopThread, bus: str
) -> None:
    assert tray.tray.problem == NO_HOST

    for _ in range(2):
        watcher = loop.run(Watcher.started(bus))
        until(lambda: tray.tray.host_present)
        assert tray.tray.problem is None
        assert len(watcher.registered) == 1
        loop.run(watcher.stopped())
        until(lambda: not tray.tray.host_present)


def test_a_panel_that_shows_trays_later_is_noticed(
    tray: RunningTray, loop: LoopThread, bus: str
) -> None:
    watcher = loop.run(Watcher.started(bus, host=False))
    until(lambda: watcher.registered)
    assert not tray.tray.host_present

    loop.run(watcher.host_came())

    until(lambda: tray.tray.host_present)
    assert len(watcher.registered) == 1
    loop.run(watcher.stopped())


def test_a_restarted_bus_gets_the_item_again(
    programs: Programs, loop: LoopThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = start_bus(programs)
    address = programs.environment["DBUS_SESSION_BUS_ADDRESS"]
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    with RunningTray() as tray:
        tray.tray.show(CALM, menu())
        programs.end(first, kill=True)
        start_bus(programs)
        watcher = loop.run(Watcher.started(address))

        until(lambda: tray.tray.host_present)
        panel = Panel.watching(loop, address)
        panel.click("Acknowledge")

        assert until(lambda: tray.intents) == [ACK]
        panel.close()
        loop.run(watcher.stopped())


def test_without_a_session_bus_there_is_one_line_to_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    tray = RunningTray().tray

    with pytest.raises(DesktopError, match="no session bus"):
        tray.run(lambda: None)


def test_a_tray_that_is_stopped_before_it_runs_ends_at_once(bus: str) -> None:
    del bus
    tray: SniTray = RunningTray().tray
    tray.stop()
    tray.run(lambda: None)

"""The adapter of the other systems, on the Linux part of the same library."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from simulator.desktop.loop_thread import LoopThread
from simulator.desktop.notifd import Notifd
from simulator.desktop.programs import Programs, start_bus
from simulator.desktop.waiting import until
from tray_app.desktop.notifications.windows_macos import PackagedNotifications
from tray_app.model.intents import Intent, Quit, SyncNow
from tray_app.model.view import Button, Notification, Urgency

NEWS = Notification(
    key="incident:7",
    id="USER#u:1",
    title="Critical:\ndisk full",
    body="checkout",
    urgency=Urgency.CRITICAL,
    buttons=tuple(Button(key=f"b{n}", label=f"{n}", intent=Quit()) for n in range(4)),
    click=SyncNow(),
    expires_after=0.4,
)


@pytest.fixture
def server(
    programs: Programs, loop: LoopThread, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Notifd]:
    bus = start_bus(programs)
    address = programs.environment["DBUS_SESSION_BUS_ADDRESS"]
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    server = loop.run(Notifd.started(address))
    yield server
    loop.run(server.stopped())
    programs.end(bus)  # the library has no other way to leave it


def test_it_shows_presses_and_withdraws(server: Notifd, loop: LoopThread) -> None:
    pressed: list[Intent] = []
    desktop = PackagedNotifications(pressed.append)

    assert loop.run(desktop.send(NEWS)) is None
    assert loop.run(desktop.send(replace(NEWS, key="incident:8"))) is None
    assert loop.run(desktop.send(replace(NEWS, key="incident:9"))) is None

    shown = server.log[0]
    assert (shown.title, shown.body, shown.timeout) == (
        "Critical: disk full",
        "checkout",
        1000,
    )
    assert shown.hints["urgency"] == 2
    assert list(shown.actions) == ["default", "b0", "b1", "b2"]
    loop.run(server.pressed(1, "default"))
    loop.run(server.pressed(2, "b1"))
    assert until(lambda: len(pressed) == 2)
    assert pressed == [SyncNow(), Quit()]
    loop.run(desktop.withdraw("incident:9"))
    loop.run(desktop.withdraw("never shown"))
    assert not server.live


def test_a_failure_has_a_reason(server: Notifd, loop: LoopThread) -> None:
    loop.run(server.stopped())

    reason = loop.run(PackagedNotifications(lambda _intent: None).send(NEWS))

    assert reason == "the desktop did not take it"

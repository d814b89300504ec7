import asyncio
import json
import time
from dataclasses import replace
from pathlib import Path

import pytest
from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus

from incidents.models import IncidentId
from simulator.desktop.loop_thread import LoopThread
from simulator.desktop.notifd import DISMISSED, EXPIRED, Notifd
from simulator.desktop.programs import Programs, start_bus
from simulator.desktop.waiting import until
from tray_app.desktop.notifications import freedesktop
from tray_app.desktop.notifications.freedesktop import PATH, REMEMBERED, SERVICE
from tray_app.desktop.notifications.notifier import MOST_WAITING, DesktopNotifications
from tray_app.desktop.session_bus import BUS, BUS_PATH, ask, bus_id, disconnect
from tray_app.model.intents import Act, Intent, OpenIncident, Verb
from tray_app.model.view import Button, Notification, Urgency

DISK = IncidentId("7")
ACK = Act(Verb.ACKNOWLEDGE, (DISK,))
ASSIGN = Act(Verb.ASSIGN, (DISK,))
OPEN = OpenIncident(DISK)
NEWS = Notification(
    key="incident:7",
    id="USER#u:1",
    title="Critical: disk full",
    body="checkout · nobody assigned",
    urgency=Urgency.CRITICAL,
    buttons=(
        Button(key="ack", label="Acknowledge", intent=ACK),
        Button(key="assign", label="Assign to me", intent=ASSIGN),
    ),
    click=OPEN,
    sound=True,
    expires_after=0,
)


def ignored(_intent: Intent) -> None:
    """Take an intent where none is pressed."""


def test_a_notification_arrives_as_it_was_meant(
    notifications: DesktopNotifications, notifd: Notifd
) -> None:
    assert notifications.tell(NEWS)
    assert notifications.problem is None

    (shown,) = notifd.log
    assert (shown.app, shown.title, shown.body) == (
        "Coralogix incidents",
        "Critical: disk full",
        "checkout · nobody assigned",
    )
    assert shown.actions == {
        "default": "",
        "ack": "Acknowledge",
        "assign": "Assign to me",
    }
    assert list(shown.actions)[-1] == "default"  # Budgie drops the one behind it
    assert shown.timeout == 0
    assert shown.hints == {
        "urgency": 2,
        "desktop-entry": "coralogix-incident-tray",
        "category": "x-coralogix.incident",
        "sound-name": "message-new-instant",
    }


def test_a_quiet_notification_is_silent_and_leaves_its_time_to_the_desktop(
    notifications: DesktopNotifications, notifd: Notifd
) -> None:
    notifications.tell(
        Notification(key="k", id="t", title="Resolved", urgency=Urgency.LOW)
    )

    (shown,) = notifd.log
    assert shown.timeout == -1
    assert shown.hints["urgency"] == 0
    assert shown.hints["suppress-sound"] is True
    assert "sound-name" not in shown.hints


def test_a_short_time_is_not_for_ever_and_a_fourth_button_not_shown(
    notifications: DesktopNotifications, notifd: Notifd
) -> None:
    four = tuple(Button(key=f"{n}", label=f"{n}", intent=ACK) for n in range(4))

    notifications.tell(replace(NEWS, buttons=four, expires_after=0.4))

    (shown,) = notifd.log
    assert shown.timeout == 1000
    assert shown.actions.keys() == {"default", "0", "1", "2"}


def test_only_the_newest_are_remembered(
    intents: list[Intent],
    notifications: DesktopNotifications,
    notifd: Notifd,
    loop: LoopThread,
) -> None:
    for number in range(REMEMBERED + 3):
        again = Act(Verb.ACKNOWLEDGE, (IncidentId(f"{number}"),))
        button = Button(key="ack", label="Acknowledge", intent=again)
        notifications.tell(replace(NEWS, key=f"incident:{number}", buttons=(button,)))

    for number in (1, 4, REMEMBERED + 3):  # the server's numbers
        loop.run(notifd.pressed(number, "ack"))

    assert until(lambda: len(intents) == 2)
    assert [intent.ids for intent in intents if isinstance(intent, Act)] == [
        ("3",),
        (f"{REMEMBERED + 2}",),
    ]
    for number, replaces in ((REMEMBERED, REMEMBERED + 1), (1, 0)):
        notifications.tell(replace(NEWS, key=f"incident:{number}"))
        assert notifd.log[-1].replaces == replaces


def test_hostile_text_is_shown_as_text(
    notifications: DesktopNotifications, notifd: Notifd
) -> None:
    notifications.tell(
        replace(
            NEWS,
            title="<b>x</b> & \x1b[31m\u202egnp\nsecond \ud800",
            body="<a href='javascript:x'>a</a> & b\r\nline\u2066 2\x00" + "x" * 900,
        )
    )

    (shown,) = notifd.log
    assert shown.title == "<b>x</b> & [31mgnp second"  # a title is no markup
    assert shown.body.startswith("&lt;a href='javascript:x'&gt;a&lt;/a&gt; &amp; b\nl")
    assert shown.body.endswith("xxx…")


def test_a_server_without_markup_gets_plain_text(
    loop: LoopThread, bus: str, notifications: DesktopNotifications
) -> None:
    server = loop.run(Notifd.started(bus, ("actions", "body")))

    assert notifications.tell(replace(NEWS, body="a & b"))

    assert server.log[0].body == "a & b"
    loop.run(server.stopped())


def test_the_same_key_replaces_in_place(
    notifications: DesktopNotifications, notifd: Notifd
) -> None:
    for minute in range(5):
        assert notifications.tell(replace(NEWS, title=f"Still open {minute} min"))
    assert notifications.tell(replace(NEWS, key="incident:8"))

    assert [shown.title for shown in notifd.live.values()] == [
        "Still open 4 min",
        "Critical: disk full",
    ]
    assert {shown.id for shown in notifd.log[:5]} == {1}


@pytest.mark.parametrize("press", [("ack", ACK), ("assign", ASSIGN), ("default", OPEN)])
def test_a_press_dispatches_the_intent_of_its_button(
    press: tuple[str, Intent],
    intents: list[Intent],
    notifications: DesktopNotifications,
    notifd: Notifd,
    loop: LoopThread,
) -> None:
    key, intent = press
    notifications.tell(NEWS)
    number = notifd.log[0].id

    loop.run(notifd.pressed(number + 1, key))  # another program's
    loop.run(notifd.pressed(number, key))

    assert until(lambda: intents) == [intent]


def test_a_button_still_works_after_the_notification_has_expired(
    intents: list[Intent],
    notifications: DesktopNotifications,
    notifd: Notifd,
    loop: LoopThread,
) -> None:
    notifications.tell(NEWS)
    loop.run(notifd.closed(1, EXPIRED))

    loop.run(notifd.pressed(1, "ack"))

    assert until(lambda: intents) == [ACK]


def test_an_expired_notification_is_closed_and_shown_again_instead_of_replaced(
    notifications: DesktopNotifications, notifd: Notifd, loop: LoopThread
) -> None:
    notifications.tell(NEWS)
    loop.run(notifd.closed(1, EXPIRED))
    notifications.tell(replace(NEWS, key="incident:8"))  # its answer comes behind that

    assert notifications.tell(NEWS)
    assert notifications.tell(NEWS)

    assert [shown.replaces for shown in notifd.log] == [0, 0, 0, 3]
    assert notifd.close_calls == [1]


def test_only_the_server_itself_is_believed(
    intents: list[Intent],
    notifications: DesktopNotifications,
    notifd: Notifd,
    loop: LoopThread,
    bus: str,
) -> None:
    notifications.tell(NEWS)
    notifications.tell(replace(NEWS, key="incident:8"))

    loop.run(forged(bus, "ActionInvoked", "us", 1, "ack"))
    loop.run(forged(bus, "NotificationClosed", "uu", 1, DISMISSED))
    gone = SERVICE, ":1.1", ""
    loop.run(forged(bus, "NameOwnerChanged", "sss", *gone, path=BUS_PATH, of=BUS))
    loop.run(notifd.pressed(2, "assign"))

    assert until(lambda: intents) == [ASSIGN]
    assert notifications.tell(NEWS)
    assert notifd.log[-1].replaces == 1


async def forged(
    address: str,
    member: str,
    signature: str,
    *body: object,
    path: str = PATH,
    of: str = SERVICE,
) -> None:
    """Send a signal of the interface *of* to every program, as another than it is."""
    other = await MessageBus(bus_address=address).connect()
    (names,) = await ask(other, BUS, BUS_PATH, f"{BUS}.ListNames")
    for name in names:
        signal = Message(
            message_type=MessageType.SIGNAL,
            destination=name,
            path=path,
            interface=of,
            member=member,
            signature=signature,
            body=list(body),
        )
        await other.send(signal)
    await bus_id(other)  # what was sent before is delivered
    await disconnect(other)


def test_a_replaced_notification_has_the_new_buttons(
    intents: list[Intent],
    notifications: DesktopNotifications,
    notifd: Notifd,
    loop: LoopThread,
) -> None:
    notifications.tell(NEWS)
    undo = Button(key="ack", label="Again", intent=ASSIGN)
    notifications.tell(replace(NEWS, buttons=(undo,)))

    loop.run(notifd.pressed(1, "ack"))

    assert until(lambda: intents) == [ASSIGN]


def test_what_is_dismissed_is_new_the_next_time(
    notifications: DesktopNotifications, notifd: Notifd, loop: LoopThread
) -> None:
    notifications.tell(NEWS)
    loop.run(notifd.pressed(1, "ack"))
    notifications.tell(replace(NEWS, key="incident:8"))  # its answer comes behind that

    assert notifications.tell(NEWS)

    assert [shown.replaces for shown in notifd.log] == [0, 0, 0]


def test_a_notification_is_withdrawn_by_its_key(
    notifications: DesktopNotifications, notifd: Notifd
) -> None:
    notifications.tell(NEWS)
    notifications.tell(replace(NEWS, key="incident:8"))

    notifications.withdraw("incident:7")
    notifications.withdraw("never shown")

    until(lambda: list(notifd.live) == [2])


def test_closing_takes_everything_off_the_screen(
    notifications: DesktopNotifications, notifd: Notifd
) -> None:
    for number in range(100):
        notifications.tell(replace(NEWS, key=f"incident:{number}"))
    assert len(notifd.live) == 100

    notifications.close()
    notifications.close()

    assert not notifd.live
    assert not notifications.tell(NEWS)


def test_the_next_run_knows_what_was_left_and_nothing_that_was_closed(
    notifd: Notifd, bus: str, tmp_path: Path
) -> None:
    del bus
    file, pressed = tmp_path / "numbers.json", list[Intent]()
    left, gone = replace(NEWS, key="incident:8"), replace(NEWS, key="incident:9")

    def started(*earlier: Notification) -> DesktopNotifications:
        return DesktopNotifications(pressed.append, ids_file=file, earlier=earlier)

    first = started()
    for notification in (NEWS, left, gone):
        assert first.tell(notification)
    first.close()
    assert json.loads(file.read_text())["numbers"] == {}

    # As after a crash: all three are on the screen, and the file says so.
    killed = started()
    for notification in (NEWS, left, gone):
        assert killed.tell(notification)
    assert len(json.loads(file.read_text())["numbers"]) == 3
    successor = started(NEWS, left)
    until(lambda: len(json.loads(file.read_text())["numbers"]) == 2)
    assert len(notifd.live) == 2
    successor.close()
    killed.close()
    assert not notifd.live


def test_without_a_server_it_says_so_and_tries_again(
    notifications: DesktopNotifications, loop: LoopThread, bus: str
) -> None:
    assert not notifications.tell(NEWS)
    assert notifications.problem == (
        "Notifications are not shown: no notification service is running."
    )

    server = loop.run(Notifd.started(bus))
    assert notifications.tell(NEWS)
    assert notifications.problem is None
    loop.run(server.stopped())


def test_without_a_bus_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    notifications = DesktopNotifications(ignored)

    assert not notifications.tell(NEWS)
    assert notifications.problem == (
        "Notifications are not shown: there is no session bus."
    )
    notifications.withdraw(NEWS.key)
    notifications.close()


def test_a_restarted_server_gets_the_successor_anew(
    intents: list[Intent],
    notifications: DesktopNotifications,
    loop: LoopThread,
    bus: str,
) -> None:
    first = loop.run(Notifd.started(bus))
    notifications.tell(replace(NEWS, key="incident:8"))
    notifications.tell(NEWS)
    loop.run(first.stopped())
    second = loop.run(Notifd.started(bus))

    assert notifications.tell(NEWS)

    (shown,) = second.log
    assert shown.replaces == 0
    loop.run(second.pressed(shown.id, "ack"))
    assert until(lambda: intents) == [ACK]
    loop.run(second.stopped())


def test_a_restarted_bus_is_used_again(
    programs: Programs,
    loop: LoopThread,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = start_bus(programs)
    address = programs.environment["DBUS_SESSION_BUS_ADDRESS"]
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    notifications = DesktopNotifications(ignored)
    server = loop.run(Notifd.started(address))
    assert notifications.tell(NEWS)

    programs.end(first, kill=True)
    loop.run(server.stopped())
    assert not notifications.tell(NEWS)
    start_bus(programs)
    server = loop.run(Notifd.started(address))

    assert notifications.tell(NEWS)
    assert len(server.live) == 1
    notifications.close()
    loop.run(server.stopped())


def test_two_hundred_one_after_the_other_are_all_shown(
    notifications: DesktopNotifications, notifd: Notifd
) -> None:
    assert all(
        notifications.tell(replace(NEWS, key=f"incident:{number}"))
        for number in range(200)
    )

    assert len(notifd.live) == 200


def test_a_server_that_does_not_answer_is_waited_for_once(
    bus: str, notifd: Notifd, loop: LoopThread
) -> None:
    del bus
    # Waited for each time, this would take longer than a test may.
    notifications = DesktopNotifications(ignored, patience=1)
    loop.run(notifd.stop_answering())

    for number in range(200):
        assert not notifications.tell(replace(NEWS, key=f"incident:{number}"))
        notifications.withdraw(f"incident:{number}")

    assert notifications.problem == (
        "Notifications are not shown: the notification service does not answer."
    )

    loop.run(notifd.answer_again())
    first = replace(NEWS, key="incident:0")
    until(lambda: notifications.tell(first))  # what became of the call, no second one
    assert notifications.unanswered is None
    until(lambda: not notifd.live)  # it was withdrawn meanwhile
    assert len(notifd.log) == 1
    assert notifications.tell(replace(first, id="another"))
    assert len(notifd.live) == 1
    notifications.close()


def test_a_server_that_dies_without_an_answer_is_no_refusal(
    bus: str, notifd: Notifd, loop: LoopThread
) -> None:
    del bus
    notifications = DesktopNotifications(ignored, patience=0.5)
    loop.run(notifd.stop_answering())
    assert not notifications.tell(NEWS)
    assert notifications.unanswered == NEWS.id

    loop.run(notifd.stopped())

    ended = "the notification service ended before it answered"
    until(lambda: notifications.problem == f"Notifications are not shown: {ended}.")
    assert not notifications.tell(NEWS)
    assert notifications.unanswered is None
    notifications.close()


def test_a_call_without_an_answer_is_never_repeated_and_can_still_be_withdrawn(
    bus: str, notifd: Notifd, loop: LoopThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    del bus
    monkeypatch.setattr(freedesktop, "TIMEOUT", 0.2)
    notifications = DesktopNotifications(ignored, patience=0.1)
    until(lambda: notifications.tell(NEWS))
    loop.run(notifd.stop_answering())

    long_after = time.monotonic() + 1
    late = replace(NEWS, key="incident:8")
    until(lambda: notifications.tell(late) or time.monotonic() > long_after)
    notifications.withdraw("incident:8")
    for _ in range(2 * MOST_WAITING):
        notifications.withdraw("incident:9")

    def waiting() -> int:
        return len(asyncio.all_tasks(notifications._loop))  # noqa: SLF001  # the bound

    until(lambda: waiting() >= MOST_WAITING)
    assert waiting() <= MOST_WAITING + 1
    loop.run(notifd.answer_again())

    until(lambda: len(notifd.log) == 2)
    until(lambda: list(notifd.live) == [1])
    notifications.close()

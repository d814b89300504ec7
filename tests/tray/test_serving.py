"""The thread that owns the companion: what it says, and what it never holds up."""

import errno
import io
import queue
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from incidents.coralogix.incidents.actor import CoralogixActor
from incidents.errors import StoreMissingError
from simulator.desktop.loop_thread import LoopThread
from simulator.desktop.sni import Panel
from simulator.desktop.waiting import until
from simulator.desktop.watcher import Watcher
from tests.tray.desk import LINK, NOW, Desk, incident, state
from tray_app.app import compose
from tray_app.app.events import Changed, Event, ProblemReport
from tray_app.app.main_loop import MainLoop
from tray_app.app.side_effects import SideEffects
from tray_app.desktop.icon import draw
from tray_app.desktop.tray.tray_sni import SniTray
from tray_app.feed.poller import Polled, PollFailed
from tray_app.model.intents import Quit
from tray_app.model.state import ProblemKind, TrayState
from tray_app.model.view import Icon, Menu
from tray_app.present import badge, menu

MISSING = PollFailed(StoreMissingError("There is no table odd: create it."))
LINE = "incident-tray: Table not found. There is no table odd: create it.\n"


@dataclass
class Served:
    """A companion on a thread of its own."""

    desk: Desk
    events: "queue.SimpleQueue[Event]" = field(default_factory=queue.SimpleQueue)

    def __post_init__(self) -> None:
        file = self.desk.path.with_name("settings.toml")
        self.serving = MainLoop(self.desk.app, self.events, file, clock=self.desk.clock)


class Gone(io.StringIO):
    """What a program still holds of a terminal that was closed."""

    def write(self, text: str, /) -> int:
        raise OSError(errno.EIO, f"not written: {text}")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    served = Served(Desk(path=tmp_path / "l.db"))
    served.serving.start()
    yield served
    served.events.put(Quit())
    assert served.serving.end() == 0
    served.desk.journal.close()


def test_what_a_person_has_to_mend_is_a_line_each_time_it_begins(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    done = threading.Event()

    def noted(known: TrayState) -> TrayState:
        done.set()
        return known

    for event in (MISSING, MISSING, Polled(status=None, feeds={}), MISSING):
        served.events.put(event)
    served.events.put(Changed(noted))

    assert done.wait(10)
    assert capsys.readouterr().err == 2 * LINE


def test_a_terminal_that_has_gone_ends_no_tray(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = threading.Event()

    def noted(known: TrayState) -> TrayState:
        done.set()
        return known

    monkeypatch.setattr(sys, "stderr", Gone())
    served.events.put(MISSING)
    served.events.put(Changed(noted))

    assert done.wait(10)


@pytest.mark.desktop
def test_the_menu_is_read_and_clicked_while_a_flood_is_being_taken_in(
    served: Served, bus: str, loop: LoopThread, watcher: Watcher
) -> None:
    del watcher
    flood, going = threading.Event(), threading.Event()

    def taken_in(known: TrayState) -> TrayState:
        going.set()
        flood.wait(30)
        return known

    tray = SniTray(draw, served.events.put)
    thread = threading.Thread(target=tray.run, args=(lambda: None,), daemon=True)
    thread.start()
    panel = Panel.watching(loop, bus)
    known = state(*(incident(f"{n:04}") for n in range(1000)))
    tray.show(badge.icon(known, NOW), menu.build(known, NOW))
    panel.row("+994 more in Coralogix")
    quiet = served.desk.app.state.rules.quiet_hours.on

    served.events.put(Changed(taken_in))
    assert going.wait(10)
    # From here on the companion is busy, and stays so until it is let go.
    assert "+994 more in Coralogix" in panel.labels()
    panel.click("Quiet hours")
    assert served.desk.app.state.rules.quiet_hours.on is quiet
    flood.set()

    until(lambda: served.desk.app.state.rules.quiet_hours.on is not quiet)
    panel.close()
    tray.stop()
    thread.join(5)


def test_a_mistake_in_the_settings_is_told_by_the_name_of_its_file(
    tmp_path: Path,
) -> None:
    desk = Desk(path=tmp_path / "l.db")
    file, events = tmp_path / "settings.toml", queue.SimpleQueue[Event]()
    serving = MainLoop(desk.app, events, file, clock=desk.clock)

    file.write_text("nope = 1\n")
    serving._check_surroundings()  # noqa: SLF001  # what it does when nothing else happens

    found = events.get(timeout=10)
    assert isinstance(found, ProblemReport)
    mistake = found.apply(state()).problem(ProblemKind.SETTINGS)
    assert mistake is not None
    assert mistake.detail == "settings.toml: nope: there is no such setting"
    desk.journal.close()


def test_settings_that_only_a_new_start_takes_over_are_named_until_they_are_back(
    tmp_path: Path,
) -> None:
    desk = Desk(path=tmp_path / "l.db")
    file, events = tmp_path / "settings.toml", queue.SimpleQueue[Event]()
    file.write_text('uid = "ada"\n')
    serving, known = MainLoop(desk.app, events, file, clock=desk.clock), state()

    def rewritten(text: str) -> TrayState:
        file.write_text(text)
        serving._check_surroundings()  # noqa: SLF001  # what it does when nothing else happens
        event = events.get(timeout=10)
        assert isinstance(event, Changed)
        return event.apply(known)

    known = rewritten('uid = "ada"\nteam = "ops"\n[coralogix]\nregion = "eu1"\n')
    waits = known.problem(ProblemKind.RESTART)
    assert waits is not None
    assert waits.detail == "team, coralogix"

    known = rewritten(f'uid = "ada"\n[coralogix]\nlink = "{LINK}"\n[rules]\nburst=9\n')
    assert known.problems == ()
    assert (known.rules.burst, known.link) == (9, LINK)
    desk.journal.close()


def broken(known: TrayState) -> TrayState:
    raise RuntimeError(known.me.uid)


def test_a_mistake_of_ours_ends_it_with_a_line_and_a_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    served = Served(Desk(path=tmp_path / "l.db"))
    served.serving.start()
    served.events.put(Changed(broken))

    assert served.serving.end() == 1
    assert "it failed and ends; the log says why" in capsys.readouterr().err
    served.desk.journal.close()


class Falling:
    """An icon that breaks. Implements `Tray`."""

    def run(self, started: Callable[[], None]) -> None:
        started()
        raise RuntimeError("It fell.")

    def show(self, icon: Icon, menu: Menu) -> None: ...

    def stop(self) -> None: ...


def test_an_icon_that_breaks_stops_nothing_else(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    outside = outside_of(served)
    shown = threading.Thread(
        target=compose._run_tray,  # noqa: SLF001  # the part of `run` that has the icon
        args=(Falling, outside, served.serving, served.events),
    )
    shown.start()

    until(lambda: served.desk.app.state.problem(ProblemKind.NO_TRAY))
    assert shown.is_alive()
    assert "It goes on watching all the same" in capsys.readouterr().err
    served.events.put(Quit())
    shown.join(10)
    assert not shown.is_alive()


def test_a_mistake_of_ours_in_what_was_asked_for_is_said(served: Served) -> None:
    outside = outside_of(served)

    outside.find_key()

    until(lambda: "That did not work" in served.desk.tell_titles())
    assert served.desk.screen.notifications[-1].body == "It failed; the log says why."


def outside_of(served: Served) -> SideEffects:
    """The hands of one whose connection is a mistake."""
    return SideEffects(
        put=served.events.put,
        poll=lambda _: None,
        connect=lambda: CoralogixActor(7 // 0),  # type: ignore[arg-type]  # see above
        clock=lambda: NOW,
        profile="",
    )

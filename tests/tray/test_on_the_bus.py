"""The whole companion, as a program: a living API, a message bus, a panel."""

import contextlib
import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from simulator.api.server import serve
from simulator.desktop.loop_thread import LoopThread
from simulator.desktop.notifd import Notifd, ShownNotification
from simulator.desktop.programs import Programs
from simulator.desktop.sni import Panel
from simulator.desktop.waiting import until
from simulator.desktop.watcher import Watcher
from simulator.world.records import ACKNOWLEDGED, RESOLVED
from simulator.world.world import World

pytestmark = pytest.mark.desktop
HOSTILE = "<b>&amp;</b> \u202eevil\nname & <img src=x>"


@dataclass
class Running:
    """The program in solo mode, and the account that it watches."""

    world: World
    program: "subprocess.Popen[bytes]"
    notifd: Notifd
    panel: Panel
    loop: LoopThread

    def shown(self, title: str) -> ShownNotification:
        """Wait for the notification that is called *title*."""
        return until(
            lambda: next((one for one in self.notifd.log if one.title == title), None)
        )

    def status(self, id_: str) -> str:
        record = self.world.find(id_)
        assert record is not None
        return str(record.status)

    def open_incident(self, **fields: object) -> str:
        self.world.advance(datetime.now(UTC))
        return self.world.open_incident(**fields)  # type: ignore[arg-type]  # as named


@pytest.fixture
def running(
    programs: Programs, loop: LoopThread, bus: str, watcher: Watcher, notifd: Notifd
) -> Iterator[Running]:
    del watcher
    world = World(seed=1, users=3, open=4, rate=0.0, now=datetime.now(UTC))
    with serve(world, port=0) as server:
        home = Path(programs.home)
        (home / "settings.toml").write_text(
            f'mode = "solo"\nuid = "{world.users[0].uid}"\n'
            f'[coralogix]\nbase_url = "{server.base_url}"\n'
            'link = "https://ops.example.com/#/insights?id={id}"\n'
        )
        program = start(programs, home, world)
        panel = Panel.watching(loop, bus)
        yield Running(world, program, notifd, panel, loop)
        panel.close()


def start(programs: Programs, home: Path, world: World) -> "subprocess.Popen[bytes]":
    user = world.users[0]
    programs.environment |= {
        "INCIDENT_TRAY_HOME": str(home),
        "INCIDENT_TRAY_CONFIG": str(home / "settings.toml"),
        "INCIDENT_TRAY_API_KEY": user.key,
    }
    return programs.start(
        sys.executable,
        "-m",
        "tray_app",
        "run",
        "--solo",
        "--uid",
        user.uid,
        "--poll",
        "1",
    )


def test_an_incident_becomes_a_notification_and_its_button_changes_coralogix(
    running: Running,
) -> None:
    running.shown("Watching 4 open incidents")
    id_ = running.open_incident(severity="critical", name="odd-latency")

    told = running.shown("Critical: odd-latency")
    assert told.hints["urgency"] == 2
    assert told.timeout == 0
    assert list(told.actions.values())[:3] == ["Acknowledge", "Assign to me", "Open"]
    row = running.panel.row("odd-latency")
    assert row.label.startswith("■ CRIT")
    running.loop.run(running.notifd.pressed(told.id, "ack"))

    until(lambda: running.status(id_) == ACKNOWLEDGED)
    until(lambda: "ack'd" in running.panel.row("odd-latency").label)
    assert told.id not in running.notifd.live
    titles = [one.title for one in running.notifd.log]
    assert titles == ["Watching 4 open incidents", "Critical: odd-latency"]


def test_a_colleague_s_acknowledgement_withdraws_it(running: Running) -> None:
    running.shown("Watching 4 open incidents")
    id_ = running.open_incident(severity="critical", name="odd-latency")
    told = running.shown("Critical: odd-latency")

    colleague = running.world.users[1]
    running.world.acknowledge(id_, colleague.uuid)

    until(lambda: told.id not in running.notifd.live, seconds=20)


def test_a_click_in_the_menu_assigns_and_the_end_is_clean(running: Running) -> None:
    running.shown("Watching 4 open incidents")
    id_ = running.open_incident(severity="critical", name="odd-latency")
    running.shown("Critical: odd-latency")
    running.panel.click_id(until(lambda: row_under(running, "Assign to me")))

    record = running.world.find(id_)
    assert record is not None
    until(lambda: record.assignments)
    until(lambda: row_under(running, "Release (un-assign me)"))
    running.program.send_signal(signal.SIGTERM)
    assert running.program.wait(10) == 0
    assert running.notifd.live == {}


def row_under(running: Running, label: str) -> int | None:
    """Return the number of the row *label* under the odd incident's, once there."""
    rows = iter(running.panel.menu())
    found = any("odd-latency" in row.label for row in rows)
    return next((row.id for row in rows if found and row.label == label), None)


def test_hostile_text_is_shown_as_text(running: Running) -> None:
    running.shown("Watching 4 open incidents")
    running.open_incident(severity="critical", name=HOSTILE)

    told = until(
        lambda: next((o for o in running.notifd.log if "evil" in o.title), None)
    )

    assert told.title == "Critical: <b>&amp;</b> evil name & <img src=x>"
    label = running.panel.row("evil").label
    assert "\u202e" not in label
    assert "<b>&amp;</b> evil name" in label


def test_a_second_start_brings_the_first_to_the_front(
    running: Running, programs: Programs
) -> None:
    running.shown("Watching 4 open incidents")

    second = start(programs, Path(programs.home), running.world)

    assert second.wait(20) == 0
    running.shown("Already running")
    assert running.program.poll() is None


def test_a_thousand_at_once_are_four_notifications_and_a_whole_history(
    running: Running, programs: Programs
) -> None:
    running.shown("Watching 4 open incidents")
    running.world.advance(datetime.now(UTC))
    for number in range(1000):
        running.world.open_incident(severity="critical", name=f"odd-{number}")

    until(lambda: happened(programs) >= 1000, seconds=60)

    kinds = {one.id for one in running.notifd.log if "WatchLoop" not in one.title}
    assert len(kinds) <= 4
    assert happened(programs) == 1000
    until(lambda: running.panel.row("more in Coralogix"))


def happened(programs: Programs) -> int:
    """Count the incidents in the history, as the command line tells it."""
    lines = command(programs, "history", "--json").stdout.splitlines()
    return len({json.loads(line)["id"] for line in lines})


def command(programs: Programs, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "tray_app", *words],
        env=programs.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_doctor_tries_coralogix_itself_in_solo_mode(
    running: Running, programs: Programs
) -> None:
    running.shown("Watching 4 open incidents")

    found = command(programs, "doctor")

    said = found.stdout.splitlines()
    assert found.returncode == 0, found.stdout
    assert [one for one in said if "coralogix:" in one] == [
        "✓ coralogix: it has 4 open incidents"
    ]
    assert [line for line in said if line.startswith("✓ tray: it runs: ")]
    assert not [one for one in said if "table" in one]
    file = Path(programs.home) / "settings.toml"
    file.write_text(file.read_text().replace('mode = "solo"\n', ""))
    assert command(programs, "doctor").stdout.splitlines() == said
    programs.environment["INCIDENT_TRAY_API_KEY"] = "cxup_of_nobody"

    refused = command(programs, "doctor")

    assert refused.returncode == 1
    assert [one for one in refused.stdout.splitlines() if "✗ coralogix: " in one]
    assert "cxup_of_nobody" not in refused.stdout


def test_killed_before_it_was_noted_the_repeat_takes_the_place_of_the_first(
    running: Running, programs: Programs
) -> None:
    running.shown("Watching 4 open incidents")
    id_ = running.open_incident(severity="critical", name="odd-latency")
    first = running.shown("Critical: odd-latency")
    kept(programs, id_)
    programs.end(running.program, kill=True)
    with sqlite3.connect(Path(programs.home) / "ledger.db") as ledger:
        ledger.execute("UPDATE told SET state = 'waiting' WHERE title LIKE 'Crit%'")
    ledger.close()

    start(programs, Path(programs.home), running.world)

    until(lambda: len(running.notifd.log) > 2)
    again = running.notifd.log[2]
    # The server may have dropped the first since: it is closed, never replaced.
    assert (again.title, again.replaces) == (first.title, 0)
    until(lambda: list(running.notifd.live) == [1, again.id])
    running.world.acknowledge(id_, running.world.users[1].uuid)
    until(lambda: again.id not in running.notifd.live, seconds=20)


def test_killed_and_started_again_it_tells_nothing_twice(
    running: Running, programs: Programs
) -> None:
    running.shown("Watching 4 open incidents")
    running.open_incident(severity="critical", name="odd-latency")
    running.shown("Critical: odd-latency")
    noted(programs, "Critical: odd-latency")
    programs.end(running.program, kill=True)
    told = len(running.notifd.log)
    start(programs, Path(programs.home), running.world)
    running.open_incident(severity="critical", name="odd-lag")

    running.shown("Critical: odd-lag")

    assert [one.title for one in running.notifd.log[told:]] == ["Critical: odd-lag"]


def test_a_button_from_before_a_crash_still_does_what_it_says(
    running: Running, programs: Programs
) -> None:
    running.shown("Watching 4 open incidents")
    id_ = running.open_incident(severity="critical", name="odd-latency")
    told = running.shown("Critical: odd-latency")
    kept(programs, id_)
    programs.end(running.program, kill=True)
    start(programs, Path(programs.home), running.world)

    def acknowledged() -> bool:
        # Whoever presses before the program is back presses again.
        running.loop.run(running.notifd.invoked(told.id, "ack"))
        return running.status(id_) == ACKNOWLEDGED

    until(acknowledged, seconds=20)
    until(lambda: told.id not in running.notifd.live)


def test_what_a_crash_has_made_untrue_is_taken_off_the_screen(
    running: Running, programs: Programs
) -> None:
    running.shown("Watching 4 open incidents")
    id_ = running.open_incident(severity="critical", name="odd-latency")
    told = running.shown("Critical: odd-latency")
    running.panel.click_id(until(lambda: row_under(running, "Resolve")))
    held = running.shown("Resolving “odd-latency” in 6 s")
    assert held.id == told.id
    assert list(held.actions.values())[:2] == ["Undo", "Now"]
    kept(programs, id_)
    programs.end(running.program, kill=True)

    start(programs, Path(programs.home), running.world)

    until(lambda: held.id not in running.notifd.live, seconds=20)
    assert 1 in running.notifd.live
    assert running.status(id_) not in (ACKNOWLEDGED, RESOLVED)


def kept(programs: Programs, id_: str) -> None:
    """Wait until the number of the notification about *id_* is written down."""
    files = Path(programs.home).rglob
    until(lambda: any(id_ in one.read_text() for one in files("notifications.json")))


def noted(programs: Programs, title: str) -> None:
    """Wait until it is written down that the desktop has taken *title*."""
    path = Path(programs.home) / "ledger.db"

    def shown() -> bool:
        with contextlib.closing(sqlite3.connect(path)) as ledger:
            rows = ledger.execute("SELECT state FROM told WHERE title = ?", (title,))
            return bool(rows.fetchone() == ("shown",))

    until(shown)

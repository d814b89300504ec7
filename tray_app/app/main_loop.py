"""The thread that owns the state: handles events, and wakes when work is due."""

import logging
import queue
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields, replace
from datetime import datetime, timedelta
from pathlib import Path

from incidents.errors import SettingsError
from incidents.ports import Clock
from tray_app.app.app import App
from tray_app.app.events import Changed, Event, ProblemReport, Redraw
from tray_app.model.ports import Tray
from tray_app.model.state import Problem, ProblemKind, TrayState
from tray_app.present.problem_texts import KEY_PROBLEMS, NOT_WATCHING
from tray_app.present.problems import line
from tray_app.settings.settings import Settings, changed, load, stamp

PANEL = timedelta(seconds=5)
"""How long a panel may take to show the icon before its absence is a problem."""
_OBSTACLES = frozenset((*NOT_WATCHING, *KEY_PROBLEMS))
log = logging.getLogger(__name__)


class MainLoop:
    """Runs the tray on a thread of its own until a person wants to quit."""

    def __init__(
        self,
        app: App,
        events: "queue.SimpleQueue[Event]",
        settings_file: Path,
        *,
        clock: Clock,
    ) -> None:
        self._app, self._events, self._clock = app, events, clock
        self._file = settings_file
        self._stamp = stamp(settings_file)
        self._before = _read(settings_file)
        self._thread = threading.Thread(target=self._run, name="tray", daemon=True)
        self._code = 0
        self._no_host: str | None = None
        self._reported: frozenset[ProblemKind] = frozenset()
        self._started: datetime | None = None
        self.tray: Tray | None = None
        self.ended = threading.Event()

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def redraw(self) -> None:
        """Show the icon and menu to a tray that has just appeared. Any thread."""
        self._events.put(Redraw())

    def end(self) -> int:
        """Wait for the end; return the exit code."""
        self._thread.join()
        return self._code

    def _run(self) -> None:
        try:
            while self._handle_next():
                pass
        except Exception:
            log.exception("the tray failed")
            print_line("it failed and ends; the log says why")
            self._code = 1
        finally:
            self.ended.set()
            if self.tray is not None:
                self.tray.stop()

    def handle_waiting(self, note: Callable[[Event], None]) -> bool:
        """
        Pass each event that there is to *note* and to the app, without waiting.

        For a program that owns the thread itself. Returns False once a person wants
        to quit.
        """
        self._app.tick()
        self._check_surroundings()
        with suppress(queue.Empty):
            while True:
                event = self._events.get_nowait()
                note(event)
                if not self._app.handle(event):
                    return False
        return True

    def _handle_next(self) -> bool:
        """Handle one event, or none if work is due before there is one."""
        wait = self._app.tick()
        try:
            event = self._events.get(timeout=wait)
        except queue.Empty:
            self._check_surroundings()
            return True
        continues = self._app.handle(event)
        self._report_obstacles()
        return continues

    def _report_obstacles(self) -> None:
        """Print each problem that a person has to solve, once while it lasts."""
        obstacles = {
            problem.kind: problem
            for problem in self._app.state.problems
            if problem.kind in _OBSTACLES
        }
        for kind in obstacles.keys() - self._reported:
            text = line(obstacles[kind])
            log.warning("%s", text)
            print_line(text)
        self._reported = frozenset(obstacles)

    def _check_surroundings(self) -> None:
        """Notice a panel that appeared or went, and settings that were changed."""
        now = self._clock()
        problem = self.tray.problem if self.tray is not None else None
        if self._started is None:
            self._started = now
        if problem and now - self._started < PANEL:
            problem = None
        if problem != self._no_host:
            self._no_host = problem
            if problem:
                log.warning("no panel: %s", problem)
                print_line(problem)
            self._events.put(
                ProblemReport(
                    ProblemKind.NO_TRAY,
                    Problem(kind=ProblemKind.NO_TRAY, since=now, detail=problem)
                    if problem
                    else None,
                )
            )
        if changed(self._file, self._stamp):
            self._stamp = stamp(self._file)
            self._events.put(self._reloaded(now))

    def _reloaded(self, now: datetime) -> Event:
        """Read the settings again; the old ones stay in force if they are invalid."""
        try:
            settings = load(self._file)
        except SettingsError as error:
            detail = str(error).replace(f"{self._file}", self._file.name)
            problem = Problem(kind=ProblemKind.SETTINGS, since=now, detail=detail)
            return ProblemReport(ProblemKind.SETTINGS, problem)
        waits = awaiting(self._before or settings, settings)
        self._before = self._before or settings
        return Changed(lambda state: noting(under(state, settings), waits, now))


def print_line(line: str) -> None:
    """Print *line* on the terminal; where that has gone, the log has it."""
    with suppress(OSError):
        print(f"incident-tray: {line}", file=sys.stderr, flush=True)  # noqa: T201  # for whoever started it


def _read(path: Path) -> Settings | None:
    """Return the settings at *path*; None if they are invalid."""
    try:
        return load(path)
    except SettingsError:
        return None


def awaiting(before: Settings, after: Settings) -> tuple[str, ...]:
    """Return the names of the settings that differ and need a restart."""
    applied = replace(
        before,
        rules=after.rules,
        coralogix=replace(before.coralogix, link=after.coralogix.link),
    )
    return tuple(
        setting.name
        for setting in fields(Settings)
        if getattr(applied, setting.name) != getattr(after, setting.name)
    )


def noting(state: TrayState, waits: tuple[str, ...], now: datetime) -> TrayState:
    """Return *state* with the problem that the settings *waits* need a restart."""
    if not waits:
        return state.without_problem(ProblemKind.RESTART)
    detail = ", ".join(waits)
    problem = Problem(kind=ProblemKind.RESTART, since=now, detail=detail)
    return state.with_problem(problem)


def under(state: TrayState, settings: Settings) -> TrayState:
    """Return *state* with the rules and the link of *settings*."""
    rules = settings.rules.switched(state.quiet)
    return replace(
        state.without_problem(ProblemKind.SETTINGS),
        rules=rules,
        quiet=state.quiet if rules != settings.rules else None,
        link=settings.coralogix.link or state.link,
    )

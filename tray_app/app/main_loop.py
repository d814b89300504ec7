"""The thread that owns the tray: takes events, and wakes when something is due."""

import logging
import queue
import sys
import threading
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
from tray_app.present.problem_texts import KEY, NOT_WATCHING
from tray_app.present.problems import line
from tray_app.settings.settings import Settings, changed, load, stamp

PANEL = timedelta(seconds=5)
"""How long a panel gets to notice the icon, until we say that there is none."""
_HINDERS = frozenset((*NOT_WATCHING, *KEY))
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
        self._said: frozenset[ProblemKind] = frozenset()
        self._started: datetime | None = None
        self.tray: Tray | None = None
        self.ended = threading.Event()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def redraw(self) -> None:
        """Show the icon and menu to a tray that has just come. Any thread."""
        self._events.put(Redraw())

    def end(self) -> int:
        """Wait for the end; return the exit code."""
        self._thread.join()
        return self._code

    def _run(self) -> None:
        try:
            while self._serve():
                pass
        except Exception:
            log.exception("the tray failed")
            tell("it failed and ends; the log says why")
            self._code = 1
        finally:
            self.ended.set()
            if self.tray is not None:
                self.tray.stop()

    def _serve(self) -> bool:
        """Take one event, or none if something is due before there is one."""
        wait = self._app.tick()
        try:
            event = self._events.get(timeout=wait)
        except queue.Empty:
            self._look_around()
            return True
        goes_on = self._app.handle(event)
        self._say_what_hinders()
        return goes_on

    def _say_what_hinders(self) -> None:
        """Say on the terminal what a person has to mend, once while it lasts."""
        found = {
            one.kind: one for one in self._app.state.troubles if one.kind in _HINDERS
        }
        for kind in found.keys() - self._said:
            text = line(found[kind])
            log.warning("%s", text)
            tell(text)
        self._said = frozenset(found)

    def _look_around(self) -> None:
        """Notice a panel that came or went, and settings that were changed."""
        now = self._clock()
        problem = getattr(self.tray, "problem", None) if self.tray is not None else None
        if self._started is None:
            self._started = now
        if problem and now - self._started < PANEL:
            problem = None
        if problem != self._no_host:
            self._no_host = problem
            found = problem and Problem(
                kind=ProblemKind.NO_TRAY, since=now, detail=problem
            )
            if problem:
                log.warning("no panel: %s", problem)
                tell(problem)
            self._events.put(ProblemReport(ProblemKind.NO_TRAY, found or None))
        if changed(self._file, self._stamp):
            self._stamp = stamp(self._file)
            self._events.put(self._reloaded(now))

    def _reloaded(self, now: datetime) -> Event:
        """Read the settings again; a mistake leaves the old ones in force."""
        try:
            settings = load(self._file)
        except SettingsError as error:
            detail = str(error).replace(f"{self._file}", self._file.name)
            found = Problem(kind=ProblemKind.SETTINGS, since=now, detail=detail)
            return ProblemReport(ProblemKind.SETTINGS, found)
        waits = awaiting(self._before or settings, settings)
        self._before = self._before or settings
        return Changed(lambda state: noting(under(state, settings), waits, now))


def tell(line: str) -> None:
    """Tell whoever has started it from a terminal; if that has gone, the log has it."""
    with suppress(OSError):
        print(f"incident-tray: {line}", file=sys.stderr, flush=True)  # noqa: T201  # told


def _read(path: Path) -> Settings | None:
    """Return the settings at *path*; a mistake in them is somebody else's to say."""
    try:
        return load(path)
    except SettingsError:
        return None


def awaiting(before: Settings, after: Settings) -> tuple[str, ...]:
    """Name the settings that are new in *after* and take a new start."""
    taken_over = replace(
        before,
        rules=after.rules,
        coralogix=replace(before.coralogix, link=after.coralogix.link),
    )
    return tuple(
        setting.name
        for setting in fields(Settings)
        if getattr(taken_over, setting.name) != getattr(after, setting.name)
    )


def noting(state: TrayState, waits: tuple[str, ...], now: datetime) -> TrayState:
    """Return *state* saying that *waits*, names of settings, wait for a new start."""
    if not waits:
        return state.without_trouble(ProblemKind.RESTART)
    detail = ", ".join(waits)
    found = Problem(kind=ProblemKind.RESTART, since=now, detail=detail)
    return state.with_trouble(found)


def under(state: TrayState, settings: Settings) -> TrayState:
    """Return *state* under new rules; whose feeds it is needs a new start."""
    rules = settings.rules.switched(state.quiet)
    return replace(
        state.without_trouble(ProblemKind.SETTINGS),
        rules=rules,
        quiet=state.quiet if rules != settings.rules else None,
        link=settings.coralogix.link or state.link,
    )

"""The ledger as the tray uses it: a full disk or a damaged file stop nothing."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from incidents.feeds import FeedId
from incidents.stores.sqlite.file import set_aside
from tray_app.ledger import history
from tray_app.ledger.file import (
    LedgerDamagedError,
    LedgerError,
    LedgerFullError,
    translated,
)
from tray_app.ledger.ledger import Ledger, StoredFeed
from tray_app.ledger.rows import FeedStep, Step
from tray_app.model.state import Problem, ProblemKind, Recent
from tray_app.model.view import Notification

MOST = 1000
"""Steps that wait for a disk with space; then only the newest positions count."""
SAID = timedelta(hours=1)
"""How long it is said that the ledger was damaged."""
log = logging.getLogger(__name__)
JournalSnapshot = Callable[[], Mapping[FeedId, FeedStep]]
"""Everything that is held of every feed, to begin a new ledger with."""


class Journal:
    """A ledger that may fail; what it could not keep waits in memory."""

    def __init__(self, path: Path, now: datetime) -> None:
        """Open the ledger at *path*; a damaged one is set aside. Raises LedgerError."""
        self.path = path
        self.trouble: Problem | None = None
        """What is wrong with it; None while all is well."""
        self.rebuilt: Problem | None = None
        """That it was damaged and made anew, if it was."""
        self._backlog: list[Step] = []
        self._unsettled: dict[str, tuple[bool, str]] = {}
        self._waiting: dict[str, Notification] = {}
        self._ledger = self._opened(now)
        self.held: Mapping[FeedId, StoredFeed] = {}
        self._load(now)

    def _opened(self, now: datetime) -> Ledger:
        try:
            return Ledger(self.path)
        except LedgerDamagedError as error:
            return self._anew(now, error)

    def _anew(self, now: datetime, error: Exception) -> Ledger:
        with translated(self.path):
            aside = set_aside(self.path, now)
        log.warning("the ledger was damaged and is now %s", aside.name, exc_info=error)
        detail = f"The old one is {aside.name}."
        self.rebuilt = Problem(
            kind=ProblemKind.LEDGER_REBUILT, since=now, detail=detail
        )
        return Ledger(self.path)

    def _load(self, now: datetime) -> None:
        try:
            self._read()
        except LedgerDamagedError as error:
            self._ledger.close()
            self._ledger = self._anew(now, error)
            self._read()

    def _read(self) -> None:
        self.held = self._ledger.held()
        self.memory = self._ledger.memory()
        self._waiting = {one.told: one for one in self._ledger.waiting()}

    def kept(self, name: str) -> str | None:
        """Return what was kept under *name*; nothing while it cannot be read."""
        try:
            return self._ledger.kept(name)
        except LedgerError:
            return None

    def keep(self, name: str, value: str) -> None:
        """Keep *value* under *name*, if that is possible; nothing hangs on it."""
        try:
            self._ledger.keep(name, value)
        except LedgerError as error:
            log.info("%s is not kept: %s", name, error)

    def standing(self) -> tuple[Notification, ...]:
        """Return what may be on the screen; nothing while it cannot be read."""
        try:
            return tuple(self._ledger.standing())
        except LedgerError:
            return ()

    def recent(self) -> tuple[Recent, ...]:
        """Return the newest changes; none while they cannot be read."""
        try:
            return history.recent(self._ledger)
        except LedgerError:
            return ()

    def changed(self) -> bool:
        """Whether another process has written since the last call, or the opening."""
        try:
            return self._ledger.changed()
        except LedgerError:
            return False

    @property
    def waiting(self) -> tuple[Notification, ...]:
        """What is to be told and has not been shown, the oldest first."""
        return tuple(self._waiting.values())

    def accept(self, step: Step, whole: JournalSnapshot) -> None:
        """Keep *step*, now or as soon as that is possible."""
        for key in (*step.decided.withdraw, *(one.key for one in step.decided.tell)):
            for told in [t for t, one in self._waiting.items() if one.key == key]:
                del self._waiting[told]
        self._waiting |= {one.told: one for one in step.decided.tell}
        self._backlog = [*self._backlog, step]
        if len(self._backlog) > MOST:
            # What is left out is history; where we stand is in the last one, whole.
            self._backlog = [*self._backlog[1:-1], replace(step, feeds=whole())]
        self.flush(step.at, whole)

    def settle(self, told: str, *, shown: bool, reason: str = "") -> None:
        """Note that a notification was shown, or that it is given up, and why."""
        self._waiting.pop(told, None)
        self._unsettled[told] = (shown, reason)

    def flush(self, now: datetime, whole: JournalSnapshot) -> None:
        """Keep what waits to be kept; `trouble` says whether that went well."""
        if self.rebuilt is not None and now - self.rebuilt.since > SAID:
            self.rebuilt = None
        if not self._backlog and not self._unsettled:
            return
        try:
            self._flush()
        except LedgerFullError as error:
            log.warning("the ledger cannot be written: %s", error)
            since = self.trouble.since if self.trouble else now
            self.trouble = Problem(
                kind=ProblemKind.DISK_FULL, since=since, detail=str(error)
            )
        except LedgerDamagedError as error:
            self._renew(now, error)
            last = self._backlog[-1] if self._backlog else None
            if last is not None:
                self._backlog = [replace(last, feeds=whole())]
        else:
            self.trouble = None

    def _renew(self, now: datetime, error: Exception) -> None:
        """Begin a new ledger while running; where that fails, the next flush tries."""
        self._ledger.close()
        try:
            self._ledger = self._anew(now, error)
        except LedgerError as failed:
            log.warning("no new ledger: %s", failed)
            self.trouble = Problem(
                kind=ProblemKind.DISK_FULL, since=now, detail=str(failed)
            )

    def _flush(self) -> None:
        while self._backlog:
            for told in self._ledger.accept(self._backlog[0]):
                self._waiting.pop(told, None)
            del self._backlog[0]
        while self._unsettled:
            told, (shown, reason) = next(iter(self._unsettled.items()))
            if shown:
                self._ledger.shown(told)
            else:
                self._ledger.dropped(told, reason)
            del self._unsettled[told]

    def close(self) -> None:
        """Let go of the file."""
        self._ledger.close()

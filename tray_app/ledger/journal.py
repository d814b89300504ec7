"""The ledger as the tray uses it: a full disk or a damaged file stops nothing."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from incidents.feeds import FeedId
from incidents.stores.sqlite.file import set_aside
from tray_app.ledger import history, serialization
from tray_app.ledger.file import (
    LedgerDamagedError,
    LedgerError,
    LedgerFullError,
    translated,
)
from tray_app.ledger.ledger import Ledger, StoredFeed
from tray_app.ledger.rows import FeedStep, Step
from tray_app.ledger.serialization import StoredValue
from tray_app.model.state import Problem, ProblemKind, Recent, TrayState
from tray_app.model.view import Notification

MAX_BACKLOG = 1000
"""Steps that wait for a disk with space; of more, only the newest positions count."""
REBUILT_SHOWN_FOR = timedelta(hours=1)
"""How long the tray says that the ledger was damaged."""
T = TypeVar("T")
log = logging.getLogger(__name__)
JournalSnapshot = Callable[[], Mapping[FeedId, FeedStep]]
"""Returns position and incidents of every feed, to start a new ledger with."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A notification that was shown, and the ids of those that it sums up."""

    shown: Notification
    instead_of: tuple[str, ...]


class Journal:
    """A ledger that may fail; what it could not store waits in memory."""

    def __init__(self, path: Path, now: datetime) -> None:
        """Open the ledger at *path*; a damaged one is set aside. Raises LedgerError."""
        self.path = path
        self.problem: Problem | None = None
        """What is wrong with it now; None while all is well."""
        self.rebuilt: Problem | None = None
        """That it was damaged and replaced, for a while after it happened."""
        self._backlog: list[Step] = []
        self._unsettled: dict[str, Settled] = {}
        """By the id of what was shown."""
        self._waiting: dict[str, Notification] = {}
        self._repeated = False
        """Whether the ledger had a notification before, and knows if it still waits."""
        self._ledger = self._opened(now)
        self.feeds: Mapping[FeedId, StoredFeed] = {}
        """As they were when it was opened."""
        try:
            self._load(now)
        except BaseException:
            self.close()
            raise

    def _opened(self, now: datetime) -> Ledger:
        try:
            return Ledger(self.path)
        except LedgerDamagedError as error:
            return self._rebuild(now, error)

    def _rebuild(self, now: datetime, error: Exception) -> Ledger:
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
            self._ledger = self._rebuild(now, error)
            self._read()

    def _read(self) -> None:
        self.feeds = self._ledger.feeds()
        self.memory = self._ledger.memory()
        self._waiting = _by_id(self._ledger.waiting())

    def read(self, value: StoredValue[T]) -> T | None:
        """Return a stored value; None if there is none that can be read."""
        try:
            return self._ledger.read(value)
        except LedgerError:
            return None

    def put(self, name: str, text: str) -> None:
        """Store *text* under *name* if that is possible; nothing depends on it."""
        try:
            self._ledger.put(name, text)
        except LedgerError as error:
            log.info("%s is not stored: %s", name, error)

    def on_screen(self) -> tuple[Notification, ...]:
        """Return what may be on the screen; nothing while it cannot be read."""
        try:
            return tuple(self._ledger.on_screen())
        except LedgerError:
            return ()

    def recent(self) -> tuple[Recent, ...]:
        """Return the newest changes; none while they cannot be read."""
        try:
            return history.recent(self._ledger)
        except LedgerError:
            return ()

    def updated(self, state: TrayState, now: datetime) -> TrayState:
        """Return *state* with the snoozes that another process has stored, if any."""
        del now
        try:
            if not self._ledger.changed():
                return state
            snoozes = self._ledger.read(serialization.SNOOZES)
        except LedgerError:
            return state
        if snoozes is None or snoozes == state.snoozes:
            return state
        return replace(state, snoozes=snoozes)

    @property
    def waiting(self) -> tuple[Notification, ...]:
        """The notifications that were not shown yet, the oldest first."""
        return tuple(self._waiting.values())

    def accept(self, step: Step, snapshot: JournalSnapshot) -> None:
        """
        Store *step*, now or as soon as that is possible.

        Until then, what waits is what it would be if no part of *step* were stored yet.
        """
        replaced = {*step.output.withdraw, *(new.key for new in step.output.tell)}
        brought = _by_id(step.output.tell)
        self._waiting = _by_id(
            waiting
            for waiting in self.waiting
            if waiting.key not in replaced or waiting.id in brought
        )
        self._waiting |= brought
        self._backlog = [*self._backlog, step]
        if len(self._backlog) > MAX_BACKLOG:
            # What is left out is history; the last step has every position.
            self._backlog = [*self._backlog[1:-1], replace(step, feeds=snapshot())]
        self.flush(step.at, snapshot)

    def settle(self, shown: Notification, instead_of: Iterable[str] = ()) -> None:
        """Store that *shown* was shown, also *instead_of* those with these ids."""
        ids = tuple(instead_of)
        for id_ in (shown.id, *ids):
            self._waiting.pop(id_, None)
        self._unsettled[shown.id] = Settled(shown, ids)

    def flush(self, now: datetime, snapshot: JournalSnapshot) -> None:
        """Store what could not be stored before; `problem` says if that fails."""
        if self.rebuilt is not None and now - self.rebuilt.since > REBUILT_SHOWN_FOR:
            self.rebuilt = None
        if not self._backlog and not self._unsettled:
            return
        try:
            self._flush(now)
        except LedgerFullError as error:
            log.warning("the ledger cannot be written: %s", error)
            since = self.problem.since if self.problem else now
            self.problem = Problem(
                kind=ProblemKind.DISK_FULL, since=since, detail=str(error)
            )
        except LedgerDamagedError as error:
            self._renew(now, error)
            last = self._backlog[-1] if self._backlog else None
            if last is not None:
                self._backlog = [replace(last, feeds=snapshot())]
        else:
            self.problem = None

    def _renew(self, now: datetime, error: Exception) -> None:
        """Start a new ledger while running; where that fails, the next flush tries."""
        self._ledger.close()
        try:
            self._ledger = self._rebuild(now, error)
        except LedgerError as failed:
            log.warning("no new ledger: %s", failed)
            self.problem = Problem(
                kind=ProblemKind.DISK_FULL, since=now, detail=str(failed)
            )

    def _flush(self, now: datetime) -> None:
        while self._backlog:
            self._repeated |= bool(self._ledger.accept(self._backlog[0]))
            del self._backlog[0]
        while self._unsettled:
            id_, settled = next(iter(self._unsettled.items()))
            if settled.instead_of:
                self._ledger.summed_up(settled.shown, settled.instead_of, now)
            else:
                self._ledger.shown(id_)
            del self._unsettled[id_]
        if self._repeated:
            self._waiting = _by_id(self._ledger.waiting())
            self._repeated = False

    def close(self) -> None:
        """Close the file."""
        self._ledger.close()


def _by_id(notifications: Iterable[Notification]) -> dict[str, Notification]:
    return {notification.id: notification for notification in notifications}

"""What a running tray has stored, as the storage of an app that reads no feeds."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from incidents.models import IncidentId
from tray_app.actions.pending import caught_up
from tray_app.app import restore
from tray_app.ledger import serialization
from tray_app.ledger.journal import JournalSnapshot
from tray_app.ledger.ledger import Ledger
from tray_app.ledger.rows import Step
from tray_app.model.memory import Memory
from tray_app.model.state import Pending, Problem, ProblemKind, Snoozes, TrayState
from tray_app.model.view import Notification
from tray_app.settings import paths


class StoredState:
    """
    Implements `Storage`: reads the ledger after each write; writes snoozes alone.

    A ledger that was replaced is opened again. The state keeps the pending actions of
    this program alone, so that it never sends an action that the tray holds back.
    """

    def __init__(self) -> None:
        """Open nothing yet: a tray may only just be starting."""
        self.memory = Memory()
        self.problem: Problem | None = None
        self.rebuilt: Problem | None = None
        self.waiting: tuple[Notification, ...] = ()
        self._ledger: Ledger | None = None
        self._file: tuple[int, int] | None = None
        self._pending: Mapping[IncidentId, Pending] = {}
        self._snoozes = Snoozes()

    def updated(self, state: TrayState, now: datetime) -> TrayState:
        """
        Return *state* with what was written since the last call.

        Raises:
            SettingsError: If the settings cannot be read.
            LedgerError: If the ledger cannot be read.
        """
        stored = self._changed_state(now)
        if stored is not None:
            self._pending, self._snoozes = stored.pending, stored.snoozes
            self.problem = stored.problem(ProblemKind.DISK_FULL)
            self.rebuilt = stored.problem(ProblemKind.LEDGER_REBUILT)
            state = replace(
                stored,
                pending=state.pending,
                can_act=state.can_act,
                forbidden=state.forbidden,
                link=stored.link or state.link,
            )
        return caught_up(state, now)

    def with_pending(self, state: TrayState) -> TrayState:
        """Return *state* with the pending actions of the tray as well."""
        return replace(state, pending={**self._pending, **state.pending})

    def accept(self, step: Step, snapshot: JournalSnapshot) -> None:
        """Store the snoozes of *step* for the tray to take over. Raises LedgerError."""
        del snapshot
        text = step.values.get(serialization.SNOOZES.name)
        if text is None or self._ledger is None:
            return
        if text != serialization.SNOOZES.to_json(self._snoozes):
            self._ledger.put(serialization.SNOOZES.name, text)

    def settle(self, shown: Notification, instead_of: Iterable[str] = ()) -> None:
        """Do nothing: the tray notifies."""

    def flush(self, now: datetime, snapshot: JournalSnapshot) -> None:
        """Do nothing: `accept` does not wait."""

    def close(self) -> None:
        """Close the ledger. Idempotent."""
        if self._ledger is not None:
            self._ledger.close()
        self._ledger = None

    def _changed_state(self, now: datetime) -> TrayState | None:
        try:
            status = paths.ledger_file().stat()
        except FileNotFoundError:
            return None
        file = status.st_dev, status.st_ino
        if self._ledger is None or file != self._file:
            self.close()
            self._ledger, self._file = Ledger(paths.ledger_file(), check=False), file
        elif not self._ledger.changed():
            return None
        return restore.known_state(self._ledger, now)

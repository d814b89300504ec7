"""The port for what the tray stores: its own ledger, or a view of another tray's."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from tray_app.ledger.journal import JournalSnapshot
from tray_app.ledger.rows import Step
from tray_app.model.memory import Memory
from tray_app.model.state import Problem, TrayState
from tray_app.model.view import Notification


class Storage(Protocol):
    """Stores steps and notifications; a failure becomes its `problem`."""

    @property
    def memory(self) -> Memory:
        """What the policy remembered when the storage was opened."""
        ...

    @property
    def problem(self) -> Problem | None:
        """Why nothing can be stored now; None while all is well."""
        ...

    @property
    def rebuilt(self) -> Problem | None:
        """That the file was damaged and replaced, for a while after it happened."""
        ...

    @property
    def waiting(self) -> tuple[Notification, ...]:
        """The notifications that were not shown yet, the oldest first."""
        ...

    def updated(self, state: TrayState, now: datetime) -> TrayState:
        """Return *state* with what another process has stored since the last call."""
        ...

    def accept(self, step: Step, snapshot: JournalSnapshot) -> None:
        """Store *step*, now or as soon as that is possible."""
        ...

    def settle(self, shown: Notification, instead_of: Iterable[str] = ()) -> None:
        """Store that *shown* was shown, also *instead_of* those with these ids."""
        ...

    def flush(self, now: datetime, snapshot: JournalSnapshot) -> None:
        """Store what could not be stored before."""
        ...

"""Offers notifications to the desktop until it accepts them or they are too old."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from tray_app.app.storage import Storage
from tray_app.ledger.journal import JournalSnapshot
from tray_app.model.ports import Notifier
from tray_app.model.state import Problem, ProblemKind, TrayState

GIVEN_UP = timedelta(minutes=10)
"""How long a notification is offered to a desktop that accepts none."""


RETRY_AFTER = timedelta(seconds=15)
"""How long after a refusal a notification is offered again."""


class Outbox:
    """Shows the waiting notifications of the journal in order; stores the outcome."""

    def __init__(self, journal: Storage, notifier: Notifier) -> None:
        self._journal, self._notifier = journal, notifier
        self._offered: dict[str, datetime] = {}
        self._refused_at: datetime | None = None

    def withdraw(self, keys: Iterable[str]) -> None:
        """Take notifications off the screen."""
        for key in keys:
            self._notifier.withdraw(key)

    def deliver(
        self, state: TrayState, now: datetime, whole: JournalSnapshot
    ) -> TrayState:
        """Show what is waiting; return *state* with the notifier's problem, if any."""
        if self._refused_at is not None and now - self._refused_at < RETRY_AFTER:
            return state
        self._refused_at = None
        for notification in self._journal.waiting:
            id_ = notification.told
            first_offered = self._offered.setdefault(id_, now)
            if self._notifier.tell(notification):
                state = state.without_trouble(ProblemKind.NO_NOTIFICATIONS)
                self._journal.settle(id_, shown=True)
            else:
                problem = self._notifier.problem or "the desktop takes none"
                state = state.with_trouble(
                    Problem(
                        kind=ProblemKind.NO_NOTIFICATIONS, since=now, detail=problem
                    )
                )
                self._refused_at = now
                if now - first_offered < GIVEN_UP:
                    break
                self._journal.settle(id_, shown=False, reason=problem)
            del self._offered[id_]
            self._journal.flush(now, whole)
        self._journal.flush(now, whole)
        return state

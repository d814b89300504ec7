"""Offers the desktop what is to be told, until it takes it or it is too late."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from tray_app.ledger.journal import Journal, JournalSnapshot
from tray_app.model.ports import Notifier
from tray_app.model.state import Problem, ProblemKind, TrayState

GIVEN_UP = timedelta(minutes=10)
"""How long a notification is offered to a desktop that takes none."""


AGAIN = timedelta(seconds=15)
"""How long after a refusal it is offered again."""


class Outbox:
    """Tells what waits in the journal, in its order, and notes that it was told."""

    def __init__(self, journal: Journal, notifier: Notifier) -> None:
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
        """Tell what waits; return *state* with what that shows to be wrong."""
        if self._refused_at is not None and now - self._refused_at < AGAIN:
            return state
        self._refused_at = None
        for notification in self._journal.waiting:
            told = notification.told
            first = self._offered.setdefault(told, now)
            if self._notifier.tell(notification):
                state = state.without_trouble(ProblemKind.NO_NOTIFICATIONS)
                self._journal.settle(told, shown=True)
            else:
                problem = self._notifier.problem or "the desktop takes none"
                state = state.with_trouble(
                    Problem(
                        kind=ProblemKind.NO_NOTIFICATIONS, since=now, detail=problem
                    )
                )
                self._refused_at = now
                if now - first < GIVEN_UP:
                    break
                self._journal.settle(told, shown=False, reason=problem)
            del self._offered[told]
            self._journal.flush(now, whole)
        self._journal.flush(now, whole)
        return state

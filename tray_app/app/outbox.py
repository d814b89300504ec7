"""Offers notifications to the desktop until it shows them; drops none."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tray_app.app.storage import Storage
from tray_app.ledger.journal import JournalSnapshot
from tray_app.model.ports import Notifier
from tray_app.model.state import Problem, ProblemKind, TrayState
from tray_app.model.view import Notification, Urgency
from tray_app.present.late import summary

RETRY_AFTER = timedelta(seconds=15)
"""How long after a refusal a notification is offered again."""
LATE = timedelta(minutes=10)
"""What has waited for so long is summed up."""
FEW = 3
"""So many late critical notifications, and no more, are shown one by one."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A notification for the desktop, and the ids of those that it sums up."""

    notification: Notification
    instead_of: tuple[str, ...] = ()


class Outbox:
    """
    Shows the waiting notifications of the journal in order; stores the outcome.

    *uptime* is the time since an arbitrary moment, by a clock that never jumps.
    """

    def __init__(self, journal: Storage, notifier: Notifier) -> None:
        self._journal, self._notifier = journal, notifier
        self._queued_at: dict[str, timedelta] = {}
        """The uptime at which each waiting notification was first seen, by its id."""
        self._refused_at: timedelta | None = None
        self._unanswered: Offer | None = None
        """The desktop was called with it, and may still show it."""

    def withdraw(self, keys: Iterable[str]) -> None:
        """Take notifications off the screen."""
        for key in keys:
            self._notifier.withdraw(key)

    def deliver(
        self,
        state: TrayState,
        now: datetime,
        uptime: timedelta,
        whole: JournalSnapshot,
    ) -> TrayState:
        """Show what is waiting; return *state* with the notifier's problem, if any."""
        self._queued_at = {
            waiting.id: self._queued_at.get(waiting.id, uptime)
            for waiting in self._journal.waiting
        }
        refused_at = self._refused_at
        if refused_at is not None and uptime - refused_at < RETRY_AFTER:
            return state
        self._refused_at = None
        while (offer := self._next(uptime)) is not None:
            unanswered, self._unanswered = self._unanswered, None
            if self._notifier.tell(offer.notification):
                state = state.without_problem(ProblemKind.NO_NOTIFICATIONS)
                self._journal.settle(offer.notification, offer.instead_of)
                self._journal.flush(now, whole)
                continue
            if self._notifier.unanswered == offer.notification.id:
                self._unanswered = offer
            elif unanswered is not None:
                continue  # that call has failed; the desktop may take the next
            problem = self._notifier.problem or "the desktop takes none"
            state = state.with_problem(
                Problem(kind=ProblemKind.NO_NOTIFICATIONS, since=now, detail=problem)
            )
            self._refused_at = uptime
            break
        self._journal.flush(now, whole)
        return state

    def _next(self, uptime: timedelta) -> Offer | None:
        """Return what to offer next: the oldest, or the summary that it belongs to."""
        if self._unanswered is not None:
            return self._unanswered
        waiting = self._journal.waiting
        if not waiting:
            return None
        late = [one for one in waiting if self._is_late(one, uptime)]
        critical = [one for one in late if one.urgency is Urgency.CRITICAL]
        if len(critical) <= FEW:
            late = [one for one in late if one not in critical]
        if len(late) < 2 or waiting[0] not in late:  # noqa: PLR2004  # one needs no sum
            return Offer(waiting[0])
        return Offer(summary(late), tuple(one.id for one in late))

    def _is_late(self, notification: Notification, uptime: timedelta) -> bool:
        return uptime - self._queued_at.get(notification.id, uptime) >= LATE

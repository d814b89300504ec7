"""What a decision comes to."""

from dataclasses import dataclass
from datetime import datetime

from incidents.feeds import FeedId
from incidents.models import IncidentId
from tray_app.model.memory import Memory
from tray_app.model.state import Recent
from tray_app.model.view import Notification
from tray_app.policy.gates import ELSEWHERE, Disposition


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one change, and why: a line of `explain`."""

    feed: FeedId
    seq: int
    id: IncidentId
    at: datetime
    kinds: tuple[str, ...]
    text: str
    """What happened, in a line."""
    outcome: Disposition
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What comes of it all: to be kept in one transaction, then done."""

    memory: Memory
    tell: tuple[Notification, ...] = ()
    withdraw: tuple[str, ...] = ()
    """Keys of notifications to take off the screen, before anything is told."""
    verdicts: tuple[Verdict, ...] = ()
    woken: frozenset[IncidentId] = frozenset()
    """Incidents whose own snooze is over."""

    @property
    def recent(self) -> tuple[Recent, ...]:
        """What the recent changes gain, the newest first."""
        return tuple(
            Recent(at=v.at, id=v.id, text=v.text)
            for v in reversed(self.verdicts)
            if v.rule != ELSEWHERE
        )

"""What is decided, as values: notifications to come, withdrawals, verdicts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from incidents.follow import ResyncReason
from incidents.models import Incident, IncidentId
from tray_app.model.memory import Grouped, Memory, QuietReason, Thread
from tray_app.model.news import Meaning, News
from tray_app.model.output import Disposition
from tray_app.model.view import Urgency
from tray_app.policy.reasons import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    """Notify of one change."""

    news: News
    meaning: Meaning
    thread: Thread
    """The incident's thread after the change."""
    urgency: Urgency
    sound: bool
    flapping: int | None = None
    """How often it opened within the span of flapping, if that is what is told."""

    @property
    def id(self) -> str:
        """The stable id under which it is shown once."""
        return self.news.notification_id

    @property
    def incident(self) -> Incident:
        """The incident as last seen."""
        return self.news.incident


class ReminderKind(StrEnum):
    """Why an incident is notified of again."""

    SNOOZE_OVER = "awake"
    UNACKNOWLEDGED = "reminder"
    FORGOTTEN = "forgotten"
    """I acknowledged it long ago, and it is still open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """Notify again of one open incident."""

    id: str
    kind: ReminderKind
    incident: Incident
    since: datetime
    """When it opened, or when I acknowledged it."""
    urgency: Urgency
    sound: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderDigest:
    """Remind of several incidents in one notification."""

    id: str
    incidents: tuple[Incident, ...]
    urgency: Urgency
    sound: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """Notify of a burst; it replaces the digest before it."""

    id: str
    incidents: Mapping[IncidentId, Grouped]
    worst: Incident | None
    """The worst of those that are still open."""
    urgency: Urgency
    sound: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Sum up what happened in a quiet period or an absence."""

    id: str
    reason: QuietReason
    since: datetime
    open: int
    mine: int
    """Of those still open."""
    ended: int
    urgency: Urgency
    sound: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """Say how much is open, after a feed was read from its beginning."""

    id: str
    reason: ResyncReason
    open: int
    critical: int
    mine: int
    urgency: Urgency = Urgency.NORMAL
    sound: bool = False


Announcement: TypeAlias = Tell | Reminder | ReminderDigest | Digest | Summary | Baseline


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one change, and why."""

    news: News
    meaning: Meaning
    outcome: Disposition
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Everything that is decided at one moment."""

    memory: Memory
    tell: tuple[Announcement, ...] = ()
    withdraw: tuple[IncidentId, ...] = ()
    """Incidents whose notification leaves the screen, before anything is told."""
    verdicts: tuple[Verdict, ...] = ()
    woken: frozenset[IncidentId] = frozenset()
    """Incidents whose own snooze is over."""

    def then(self, later: "Decision") -> "Decision":
        """Return this followed by *later*, which was decided from its memory."""
        return replace(
            self,
            memory=later.memory,
            tell=(*self.tell, *later.tell),
            withdraw=(*self.withdraw, *later.withdraw),
            verdicts=(*self.verdicts, *later.verdicts),
            woken=self.woken | later.woken,
        )

"""The vocabulary: immutable values from the standard library alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

IncidentId = NewType("IncidentId", str)
UserId = NewType("UserId", str)
"""What Coralogix calls a person: an e-mail or a UUID, as it came."""


class Severity(StrEnum):
    """The severities we know. Others are kept as the text they came as."""

    CRITICAL = "critical"
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    LOW = "low"


class Status(StrEnum):
    """Where people have taken it. Others are kept as the text they came as."""

    TRIGGERED = "triggered"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


_RANKS: Mapping[str, int] = {
    Severity.LOW: 1,
    Severity.INFO: 2,
    Severity.WARNING: 3,
    Severity.ERROR: 5,
    Severity.CRITICAL: 6,
}
_UNKNOWN_RANK = 4


def rank(severity: str) -> int:
    """
    How bad *severity* is: more is worse.

    A severity we do not know ranks above warning, so that it is never
    overlooked, and below error, so that it never cries wolf.
    """
    return _RANKS.get(severity, _UNKNOWN_RANK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """
    One incident at one moment.

    Two incidents are equal when nothing differs that a person would call a
    change. Times that move by themselves, and who did something, take no part:
    `lastStateUpdateTime` moves on every re-trigger (coralogix.md §9).
    """

    id: IncidentId
    name: str
    severity: str
    """A `Severity`, or what the vendor sent, in its own spelling."""
    status: str
    """A `Status`: the alert engine's state plus what people did."""
    state: str = "triggered"
    """The alert engine's view alone: triggered or resolved."""
    assignees: tuple[UserId, ...] = ()
    """In order of text; an incident may have several."""
    muted: bool = False
    snoozed_until: datetime | None = None
    """Until when somebody asked Coralogix for no more reminders; may have passed."""
    description: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    """What people filter on: name and value, in order of name."""
    opened_at: datetime
    updated_at: datetime = field(compare=False)
    closed_at: datetime | None = field(default=None, compare=False)
    assigned_by: tuple[tuple[UserId, UserId], ...] = field(default=(), compare=False)
    """Pairs of assignee and who assigned them, where the vendor told."""
    acknowledged_by: UserId | None = field(default=None, compare=False)
    resolved_by: UserId | None = field(default=None, compare=False)
    """A person; None where the alert itself did, or nobody knows."""
    snoozed_by: UserId | None = field(default=None, compare=False)
    cut: bool = False
    """Some text was shortened to keep the incident within its bounds."""

    @property
    def is_open(self) -> bool:
        """Whether it still needs somebody. Unknown statuses are open."""
        return self.status != Status.RESOLVED

    @property
    def needs_attention(self) -> bool:
        """Whether it is open and nobody has acknowledged it."""
        return self.status not in (Status.RESOLVED, Status.ACKNOWLEDGED)

    def snoozed_at(self, now: datetime) -> bool:
        """Whether somebody's snooze in Coralogix lasts at *now*."""
        return self.snoozed_until is not None and now < self.snoozed_until

    def label(self, name: str) -> str:
        """Return the value of the label *name*, or nothing."""
        return next((value for key, value in self.labels if key == name), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A row that could not be understood. It still counts as present."""

    id: IncidentId | None
    reason: str
    """What was wrong with it; never any text from the row."""

"""What happened to an incident between two snapshots."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from incidents.models import Incident, Status, rank

_LAG = timedelta(minutes=2)
"""How late the source may list an incident that has just opened, and how far its
clock may be from ours, before its arrival is taken for a return."""


class Kind(StrEnum):
    """The ways an incident can differ from one snapshot to the next."""

    OPENED = "opened"
    REOPENED = "reopened"
    ACKNOWLEDGED = "acknowledged"
    UNACKNOWLEDGED = "unacknowledged"
    RESOLVED = "resolved"
    VANISHED = "vanished"
    SEVERITY_RAISED = "severity raised"
    SEVERITY_LOWERED = "severity lowered"
    ASSIGNED = "assigned"
    UNASSIGNED = "unassigned"
    MUTED = "muted"
    UNMUTED = "unmuted"
    SNOOZED = "snoozed"
    """In Coralogix, by anybody; that it ends by itself is no change."""
    EDITED = "edited"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One incident before and after; at least one of the two is there."""

    before: Incident | None
    after: Incident | None
    observed_at: datetime
    """When the read began that showed the difference."""
    since: datetime | None = None
    """When the read before that began; it happened between the two."""
    joined: bool = False
    """It entered the feed of a person, who is now among its assignees."""
    left: bool = False
    """It left this feed though it is still open: assigned to others, or nobody."""

    def __post_init__(self) -> None:
        """Refuse a change that is none."""
        if self.before == self.after and not (self.joined or self.left):
            raise ValueError("a change needs a difference")

    @property
    def incident(self) -> Incident:
        """The incident as last seen."""
        incident = self.after or self.before
        if incident is None:
            raise ValueError("a change needs an incident")
        return incident

    @property
    def kinds(self) -> frozenset[Kind]:
        """Every way in which it changed; never empty."""
        return frozenset(_kinds(self)) or frozenset({Kind.EDITED})


def _kinds(change: Change) -> Iterator[Kind]:
    before, after = change.before, change.after
    if after is None:
        yield Kind.VANISHED
    elif before is None:
        yield from _arrival(change, after)
    else:
        yield from _status(before, after)
        yield from _severity(before, after)
        yield from _assignees(change, before, after)
        if before.muted != after.muted:
            yield Kind.MUTED if after.muted else Kind.UNMUTED
        if after.snoozed_until not in (None, before.snoozed_until):
            yield Kind.SNOOZED


def is_fresh(incident: Incident, since: datetime | None) -> bool:
    """Whether *incident*, not there *since* then, has just opened: it never left."""
    return since is None or incident.opened_at >= since - _LAG


def _arrival(change: Change, after: Incident) -> Iterator[Kind]:
    if is_fresh(after, change.since):
        yield Kind.OPENED
    elif not change.joined:
        yield Kind.REOPENED
    if change.joined:
        yield Kind.ASSIGNED
    if after.status == Status.ACKNOWLEDGED:
        yield Kind.ACKNOWLEDGED
    elif after.status == Status.RESOLVED:
        yield Kind.RESOLVED


def _status(before: Incident, after: Incident) -> Iterator[Kind]:
    if before.status == after.status:
        return
    if after.status == Status.RESOLVED:
        yield Kind.RESOLVED
    elif after.status == Status.ACKNOWLEDGED:
        yield Kind.ACKNOWLEDGED
    elif before.status == Status.RESOLVED:
        yield Kind.REOPENED
    elif before.status == Status.ACKNOWLEDGED:
        yield Kind.UNACKNOWLEDGED


def _severity(before: Incident, after: Incident) -> Iterator[Kind]:
    was, now = rank(before.severity), rank(after.severity)
    if was < now:
        yield Kind.SEVERITY_RAISED
    elif was > now:
        yield Kind.SEVERITY_LOWERED


def _assignees(change: Change, before: Incident, after: Incident) -> Iterator[Kind]:
    if change.left or set(before.assignees) - set(after.assignees):
        yield Kind.UNASSIGNED
    if set(after.assignees) - set(before.assignees):
        yield Kind.ASSIGNED

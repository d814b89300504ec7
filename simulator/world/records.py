"""An incident as the simulated Coralogix keeps it, and what happened to it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

TRIGGERED = "INCIDENT_STATUS_TRIGGERED"
ACKNOWLEDGED = "INCIDENT_STATUS_ACKNOWLEDGED"
RESOLVED = "INCIDENT_STATUS_RESOLVED"
STATE_TRIGGERED = "INCIDENT_STATE_TRIGGERED"
STATE_RESOLVED = "INCIDENT_STATE_RESOLVED"
KEPT_EVENTS = 100
"""Events that an incident keeps; the vendor's own limit is 10,000 (coralogix.md §3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentEvent:
    """Something that happened to an incident."""

    id: str
    at: datetime
    kind: str
    """The payload's key on the wire: upsertState, assignment, close, …"""
    by: str = ""
    """The person who did it; empty for the alert engine."""
    to: str = ""
    """Who was assigned."""
    minutes: int = 0
    """How long a snoozeIndicator lasts."""
    state: str = ""
    """What an upsertState came to: TRIGGERED or RESOLVED."""
    key: str = ""
    """The payload key of an upsertState."""
    muted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """An event in the account's log."""

    event: IncidentEvent
    incident: str


@dataclass(slots=True, kw_only=True)
class IncidentRecord:
    """One incident. The vendor's words; changed by the world alone."""

    id: str
    name: str | None
    description: str | None
    severity: str
    application: str
    subsystem: str
    contextual: dict[str, str]
    display: dict[str, str]
    meta: tuple[tuple[str, str], ...]
    created: datetime
    updated: datetime
    """When the alert engine last spoke of it; a person's acts do not move it."""
    key: str
    """The payload key of the event that last moved the state."""
    digits: int = 3
    """Fractional digits of its times: 0, 3, 6 or 9, as protobuf writes them."""
    status: str = TRIGGERED
    state: str = STATE_TRIGGERED
    muted: bool = False
    closed: datetime | None = None
    assignments: tuple[tuple[str, str], ...] = ()
    """Pairs: to whom, by whom."""
    events: list[IncidentEvent] = field(default_factory=list)
    cache: dict[tuple[str, bool], bytes] = field(default_factory=dict, repr=False)
    """Its JSON, by form and with or without events, until something changes."""

    @property
    def is_open(self) -> bool:
        """Whether it still needs somebody."""
        return self.status != RESOLVED

    @property
    def duration(self) -> timedelta:
        """From its creation to its end, or to the last word of the alert engine."""
        return (self.closed or self.updated) - self.created

    @property
    def assignees(self) -> tuple[str, ...]:
        """To whom it is assigned."""
        return tuple(to for to, _ in self.assignments)

    def spoken(self, id_: str, state: str) -> IncidentEvent:
        """Make the event *id_*: the alert engine speaks of it as it is now."""
        return IncidentEvent(
            id=id_,
            at=self.updated,
            kind="upsertState",
            state=state,
            key=self.key,
            muted=self.muted,
        )

    def happened(self, event: IncidentEvent) -> None:
        """Note *event*, and forget the JSON made before."""
        self.events.append(event)
        if len(self.events) > KEPT_EVENTS:
            del self.events[1]
        self.cache.clear()

"""An incident as the simulated Coralogix stores it, and its events."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

TRIGGERED = "INCIDENT_STATUS_TRIGGERED"
ACKNOWLEDGED = "INCIDENT_STATUS_ACKNOWLEDGED"
RESOLVED = "INCIDENT_STATUS_RESOLVED"
STATE_TRIGGERED = "INCIDENT_STATE_TRIGGERED"
STATE_RESOLVED = "INCIDENT_STATE_RESOLVED"
MAX_EVENTS = 100
"""Events stored with an incident; the vendor's limit is 10,000 (coralogix.md §3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentEvent:
    """An event of an incident, by a person or the alert engine."""

    id: str
    at: datetime
    kind: str
    """The payload's key on the wire: upsertState, assignment, close, …"""
    by: str = ""
    """The user id of the person; empty for the alert engine."""
    to: str = ""
    """The user id of the new assignee."""
    minutes: int = 0
    """The duration of a snoozeIndicator."""
    state: str = ""
    """The new state of an upsertState: TRIGGERED or RESOLVED."""
    key: str = ""
    """The payload key of an upsertState."""
    muted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """An event in the account's log, with the id of its incident."""

    event: IncidentEvent
    incident: str


@dataclass(slots=True, kw_only=True)
class IncidentRecord:
    """An incident in the vendor's words; only `World` changes it."""

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
    """Time of the alert engine's last event; actions of people do not change it."""
    key: str
    """The payload key of the event that last moved the state."""
    digits: int = 3
    """Fractional digits of its times: 0, 3, 6 or 9, as protobuf writes them."""
    status: str = TRIGGERED
    state: str = STATE_TRIGGERED
    muted: bool = False
    closed: datetime | None = None
    assignments: tuple[tuple[str, str], ...] = ()
    """Pairs of user ids: assigned to, assigned by."""
    events: list[IncidentEvent] = field(default_factory=list)
    cache: dict[tuple[str, bool], bytes] = field(default_factory=dict, repr=False)
    """The JSON by form, and whether with events; cleared by each new event."""

    @property
    def is_open(self) -> bool:
        """Whether it is not resolved."""
        return self.status != RESOLVED

    @property
    def duration(self) -> timedelta:
        """From the creation to the end, or to the last event of the alert engine."""
        return (self.closed or self.updated) - self.created

    @property
    def assignees(self) -> tuple[str, ...]:
        """The user ids of its assignees."""
        return tuple(to for to, _ in self.assignments)

    def engine_event(self, id_: str, state: str) -> IncidentEvent:
        """Create an event of the alert engine with the incident's present state."""
        return IncidentEvent(
            id=id_,
            at=self.updated,
            kind="upsertState",
            state=state,
            key=self.key,
            muted=self.muted,
        )

    def add_event(self, event: IncidentEvent) -> None:
        """Append *event* and clear the cached JSON."""
        self.events.append(event)
        if len(self.events) > MAX_EVENTS:
            del self.events[1]
        self.cache.clear()

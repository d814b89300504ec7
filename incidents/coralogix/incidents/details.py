"""One incident with everything that the vendor says of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from incidents.coralogix import fields
from incidents.coralogix.incidents.events import Events, read_events
from incidents.coralogix.incidents.incident_row import read_row
from incidents.coralogix.shapes import garbled, object_of, rows_of
from incidents.models import Incident, IncidentId

_STATE_KEY = 2000
"""Characters that are kept of the key of an event."""
_KNOWN = frozenset(
    {
        "id",
        "state",
        "status",
        "severity",
        "assignments",
        "contextualLabels",
        "displayLabels",
        "metaLabels",
        "events",
        "createdAt",
        "lastStateUpdateTime",
        "closedAt",
        "lastStateUpdateKey",
        "duration",
        "name",
        "description",
        "isMuted",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """One incident with all that the vendor says of it."""

    incident: Incident
    contextual_labels: Mapping[str, str]
    display_labels: Mapping[str, str]
    """What the alert is grouped by."""
    meta_labels: Mapping[str, str]
    duration: timedelta | None
    """From opening to closing."""
    state_key: str
    """Names the event that last moved the state."""
    events: Events
    """Often none, even where there are some: then ask for the timeline."""
    extra: Mapping[str, object]
    """Fields that we do not know, as they came."""


def read_details(answer: object, id_: IncidentId) -> Details:
    """Read an answer to GetIncident, of *id_*. Raises SourceGarbledError."""
    row = object_of(object_of(answer, "the answer").get("incident"), "incident")
    try:
        details = _details(row)
    except fields.MalformedError as exc:
        raise garbled(str(exc)) from exc
    if details.incident.id.lower() != id_.lower():
        raise garbled("it is about another incident")
    return details


def _details(row: Mapping[str, object]) -> Details:
    odd: list[str] = []
    incident = read_row(row, odd)
    return Details(
        incident=incident,
        contextual_labels=fields.labels(row, "contextualLabels", odd),
        display_labels=fields.labels(row, "displayLabels", odd),
        meta_labels=fields.labels(row, "metaLabels", odd),
        duration=fields.lenient(fields.duration, row, "duration", None, odd),
        state_key=fields.lenient(_state_key, row, "lastStateUpdateKey", "", odd),
        events=read_events(_listed(row.get("events"))),
        extra={name: value for name, value in row.items() if name not in _KNOWN},
    )


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _state_key(row: Mapping[str, object], field: str) -> str:
    return fields.text(row, field, _STATE_KEY)


def read_timeline(answer: object) -> Events:
    """Read an answer to GetIncidentEvents. Raises SourceGarbledError."""
    rows = object_of(answer, "the answer").get("incidentEvents")
    return read_events(rows_of(rows, "incidentEvents"))

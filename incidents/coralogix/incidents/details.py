"""The whole of what the vendor tells: one incident, its people, whose the key is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from incidents.coralogix import fields
from incidents.coralogix.incidents.answers import count_of, garbled, object_of, rows_of
from incidents.coralogix.incidents.events import Events, read_events
from incidents.coralogix.incidents.incident_row import read_row
from incidents.models import Incident, IncidentId, UserId

_KEY, _WHO = 2000, 300
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Ownership the key is (coralogix.md §8). Nothing where it was not said."""

    user: UserId
    """An e-mail."""
    team: str
    team_id: str
    team_url: str
    """An address, or a bare subdomain: see `Links.of_team_url`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Whom incidents are assigned to, and how many each has."""

    counts: Mapping[UserId, int]


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
    incident = read_row(row)
    return Details(
        incident=incident,
        contextual_labels=fields.labels(row, "contextualLabels"),
        display_labels=fields.labels(row, "displayLabels"),
        meta_labels=fields.labels(row, "metaLabels"),
        duration=fields.duration(row, "duration"),
        state_key=fields.text(row, "lastStateUpdateKey", _KEY),
        events=read_events(rows_of(row.get("events"), "events")),
        extra={name: value for name, value in row.items() if name not in _KNOWN},
    )


def read_timeline(answer: object) -> Events:
    """Read an answer to GetIncidentEvents. Raises SourceGarbledError."""
    rows = object_of(answer, "the answer").get("incidentEvents")
    return read_events(rows_of(rows, "incidentEvents"))


def read_people(answer: object) -> People:
    """Read an answer to GetFilterValues. Raises SourceGarbledError."""
    whole = object_of(answer, "the answer")
    values = whole.get("filtersValues")
    values = {} if values is None else object_of(values, "filtersValues")
    counts: dict[UserId, int] = {}
    for row in rows_of(values.get("assigneeWithCount"), "assigneeWithCount"):
        one = object_of(row, "assigneeWithCount")
        who, count = one.get("assignee"), one.get("count")
        if isinstance(who, str) and who:
            counts[UserId(fields.clean(who, fields.USER))] = count_of(count)
    return People(counts=counts)


def read_identity(answer: object) -> Identity:
    """Read an answer to `whoami`. Raises SourceGarbledError."""
    whole = object_of(answer, "the answer")
    team_id = whole.get("team_id")
    try:
        return Identity(
            user=UserId(fields.text(whole, "user_name", fields.USER)),
            team=fields.text(whole, "team_name", _WHO),
            # It is not documented whether it is a number or text.
            team_id=str(team_id)[:_WHO] if isinstance(team_id, int | str) else "",
            team_url=fields.text(whole, "team_url", _WHO),
        )
    except fields.MalformedError as exc:
        raise garbled(str(exc)) from exc

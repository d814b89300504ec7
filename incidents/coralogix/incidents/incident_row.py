"""
The fast way from the API's JSON to `Incident`: plain code, a row at a time.

Ten thousand rows a minute pass here, so nothing is built that is not kept. The
whole of the vendor's model, for looking at one incident, is in `vendor`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from incidents.coralogix import fields
from incidents.coralogix.incidents.enums import SEVERITIES, STATES, STATUSES
from incidents.models import Incident, IncidentId, Quarantined, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What a number of rows came to."""

    incidents: Mapping[IncidentId, Incident]
    quarantined: tuple[Quarantined, ...] = ()


def read_rows(rows: Iterable[object]) -> Rows:
    """Read *rows*. One that is malformed is quarantined, and costs no other."""
    incidents: dict[IncidentId, Incident] = {}
    quarantined: list[Quarantined] = []
    for row in rows:
        try:
            incident = read_row(row)
        except fields.MalformedError as exc:
            quarantined.append(Quarantined(id=fields.id_of(row), reason=str(exc)))
        else:
            incidents[incident.id] = incident
    return Rows(incidents=incidents, quarantined=tuple(quarantined))


def read_row(row: object) -> Incident:
    """Read one incident. Raises MalformedError."""
    if not isinstance(row, dict):
        raise fields.MalformedError("it is not an object")
    id_ = fields.id_of(row)
    if id_ is None:
        raise fields.MalformedError("id is not a UUID")
    opened_at = fields.time(row, "createdAt")
    if opened_at is None:
        raise fields.MalformedError("createdAt is missing")
    contextual = fields.labels(row, "contextualLabels")
    name = fields.text(row, "name", fields.NAME)
    if not name or name.isspace():
        name = fields.clean(contextual.get("alert_name", ""), fields.NAME) or id_
    status = fields.word(row, "status", STATUSES, "INCIDENT_STATUS_UNSPECIFIED")
    pairs = _assignments(row)
    events = _events(row)
    acknowledged_by, resolved_by = _by_whom(events, status)
    snoozed_until, snoozed_by = _snooze(events)
    muted = row.get("isMuted")
    if muted is not None and not isinstance(muted, bool):
        raise fields.MalformedError("isMuted is neither true nor false")
    return Incident(
        id=id_,
        name=name,
        severity=fields.word(
            row, "severity", SEVERITIES, "INCIDENT_SEVERITY_UNSPECIFIED"
        ),
        status=status,
        state=fields.word(row, "state", STATES, "INCIDENT_STATE_UNSPECIFIED"),
        assignees=tuple(sorted({to for to, _ in pairs})) if pairs else (),
        muted=muted or False,
        description=fields.text(row, "description", fields.DESCRIPTION),
        # What the person who wrote the alert chose to show wins over what the
        # system put in, and that over what the alert's definition carries.
        labels=tuple(
            sorted(
                {
                    **fields.labels(row, "metaLabels"),
                    **contextual,
                    **fields.labels(row, "displayLabels"),
                }.items()
            )
        ),
        opened_at=opened_at,
        updated_at=fields.time(row, "lastStateUpdateTime") or opened_at,
        closed_at=fields.time(row, "closedAt"),
        assigned_by=tuple(sorted({(to, by) for to, by in pairs if by})),
        acknowledged_by=acknowledged_by,
        resolved_by=resolved_by,
        snoozed_until=snoozed_until,
        snoozed_by=snoozed_by,
    )


def _assignments(row: Mapping[str, object]) -> list[tuple[UserId, UserId]]:
    """List who it is assigned to, and by whom, or by nobody: an empty id."""
    value = row.get("assignments")
    if value is None:
        return []
    if not isinstance(value, list):
        raise fields.MalformedError("assignments is not a list")
    pairs = []
    for item in value:
        if not isinstance(item, dict):
            raise fields.MalformedError("assignments holds what is no assignment")
        to = fields.user(item.get("assignedTo"))
        if to:
            pairs.append((to, fields.user(item.get("assignedBy"))))
    return pairs


def _events(row: Mapping[str, object]) -> list[object]:
    """List its events, oldest first. They are extra: what is odd is passed over."""
    events = row.get("events")
    return events if isinstance(events, list) else []


def _by_whom(events: list[object], status: str) -> tuple[UserId | None, UserId | None]:
    """
    Find who acknowledged and who resolved it, the latest of each.

    Only while it is so: after a re-trigger the old acknowledgement says nothing.
    """
    if not events or status not in ("acknowledged", "resolved"):
        return None, None
    acknowledged = _latest(events, "acknowledge", "acknowledgedBy")
    if status != "resolved":
        return acknowledged, None
    return acknowledged, _latest(events, "close", "closedBy")


def _latest(events: list[object], payload: str, by: str) -> UserId | None:
    for event, inner in _newest(events, payload):
        if user := _user(inner.get(by)) or _user(event.get("administrativeEvent")):
            return user
    return None


def _snooze(events: list[object]) -> tuple[datetime | None, UserId | None]:
    """Find until when it was snoozed last, and by whom."""
    for event, inner in _newest(events, "snoozeIndicator"):
        minutes = inner.get("durationMinutes")
        if type(minutes) is not int or minutes <= 0:
            continue
        try:
            start = fields.time(inner, "startTime")
            until = start and start + timedelta(minutes=minutes)
        except (fields.MalformedError, OverflowError):
            continue
        if until:
            return until, _user(inner) or _user(event.get("administrativeEvent"))
    return None, None


def _newest(
    events: list[object], payload: str
) -> Iterator[tuple[dict[str, object], dict[str, object]]]:
    """Yield events with *payload*, and what it holds; the newest first."""
    for event in reversed(events):
        if isinstance(event, dict):
            inner = event.get(payload)
            if isinstance(inner, dict):
                yield event, inner


def _user(details: object) -> UserId | None:
    id_ = details.get("userId") if isinstance(details, dict) else None
    if isinstance(id_, str) and id_:
        return UserId(fields.clean(id_, fields.USER))
    return None

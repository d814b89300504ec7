"""
The fast way from the API's JSON to `Incident`: plain code, a row at a time.

Ten thousand rows a minute pass here, so nothing is built that is not kept. The
whole of the vendor's model, for looking at one incident, is in `vendor`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from incidents.coralogix import fields
from incidents.coralogix.incidents.enums import SEVERITIES, STATES, STATUSES
from incidents.models import Incident, IncidentId, Quarantined, UserId

_CHECK_EVERY = 1_000
"""Rows between two looks at the time."""
QUARANTINE = 1_000
"""Rows of one answer that are named as not understood; more are only counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What a number of rows came to."""

    incidents: Mapping[IncidentId, Incident]
    quarantined: tuple[Quarantined, ...] = ()
    """Those without an id or an opening time; `QUARANTINE` at most."""
    beyond: int = 0
    """How many more there are."""
    odd: int = 0
    """Fields that are not as the contract says, and were done without."""


def read_rows(rows: Iterable[object], check: Callable[[], None] = lambda: None) -> Rows:
    """
    Read *rows*. One that is malformed is quarantined, and costs no other.

    *check* is called now and then: it raises when there is no time left.
    """
    incidents: dict[IncidentId, Incident] = {}
    quarantined: list[Quarantined] = []
    odd: list[str] = []
    beyond = fields_odd = 0
    for number, row in enumerate(rows):
        if number % _CHECK_EVERY == 0:
            check()
            fields_odd += len(odd)
            odd.clear()
        try:
            incident = read_row(row, odd)
        except fields.MalformedError as exc:
            if len(quarantined) < QUARANTINE:
                quarantined.append(Quarantined(id=fields.id_of(row), reason=str(exc)))
            else:
                beyond += 1
        else:
            incidents[incident.id] = incident
    return Rows(
        incidents=incidents,
        quarantined=tuple(quarantined),
        beyond=beyond,
        odd=fields_odd + len(odd),
    )


def read_row(row: object, odd: list[str]) -> Incident:
    """
    Read one incident. What is odd falls back, and is noted by name in *odd*.

    Raises:
        MalformedError: If there is no id or no opening time.
    """
    if not isinstance(row, dict):
        raise fields.MalformedError("it is not an object")
    id_ = fields.id_of(row)
    if id_ is None:
        raise fields.MalformedError("id is not a UUID")
    opened_at = fields.time(row, "createdAt")
    if opened_at is None:
        raise fields.MalformedError("createdAt is missing")
    contextual = fields.labels(row, "contextualLabels", odd)
    name = _text(row, "name", fields.NAME, odd)
    if not name or name.isspace():
        name = fields.clean(contextual.get("alert_name", ""), fields.NAME) or id_
    status = _word(row, "status", STATUSES, "INCIDENT_STATUS_UNSPECIFIED", odd)
    pairs = _assignments(row, odd)
    events = _events(row)
    acknowledged_by, resolved_by = _by_whom(events, status)
    snoozed_until, snoozed_by = _snooze(events)
    return Incident(
        id=id_,
        name=name,
        severity=_word(
            row, "severity", SEVERITIES, "INCIDENT_SEVERITY_UNSPECIFIED", odd
        ),
        status=status,
        state=_word(row, "state", STATES, "INCIDENT_STATE_UNSPECIFIED", odd),
        assignees=tuple(sorted({to for to, _ in pairs})) if pairs else (),
        muted=_muted(row, odd),
        description=_text(row, "description", fields.DESCRIPTION, odd),
        # What the person who wrote the alert chose to show wins over what the
        # system put in, and that over what the alert's definition carries.
        labels=tuple(
            sorted(
                {
                    **fields.labels(row, "metaLabels", odd),
                    **contextual,
                    **fields.labels(row, "displayLabels", odd),
                }.items()
            )
        ),
        opened_at=opened_at,
        updated_at=fields.lenient(fields.time, row, "lastStateUpdateTime", None, odd)
        or opened_at,
        closed_at=fields.lenient(fields.time, row, "closedAt", None, odd),
        assigned_by=tuple(sorted({(to, by) for to, by in pairs if by})),
        acknowledged_by=acknowledged_by,
        resolved_by=resolved_by,
        snoozed_until=snoozed_until,
        snoozed_by=snoozed_by,
    )


def _text(row: Mapping[str, object], field: str, limit: int, odd: list[str]) -> str:
    value = fields.scalar(row.get(field))
    if isinstance(value, str):
        return fields.clean(value, limit)
    if value is not None:
        odd.append(field)
    return ""


def _word(
    row: Mapping[str, object],
    field: str,
    words: Mapping[str, str],
    absent: str,
    odd: list[str],
) -> str:
    try:
        return fields.word(row, field, words, absent)
    except fields.MalformedError:
        odd.append(field)
        return absent


def _muted(row: Mapping[str, object], odd: list[str]) -> bool:
    muted = row.get("isMuted")
    if isinstance(muted, bool):
        return muted
    if muted is not None:
        odd.append("isMuted")
    return False


def _assignments(
    row: Mapping[str, object], odd: list[str]
) -> list[tuple[UserId, UserId]]:
    """List who it is assigned to, and by whom, or by nobody: an empty id."""
    value = row.get("assignments")
    if value is None:
        return []
    if not isinstance(value, list):
        odd.append("assignments")
        return []
    pairs = []
    for item in value:
        if not isinstance(item, dict):
            odd.append("assignments")
            continue
        to = fields.lenient(_person, item, "assignedTo", UserId(""), odd)
        if to:
            by = fields.lenient(_person, item, "assignedBy", UserId(""), odd)
            pairs.append((to, by))
    return pairs


def _person(row: Mapping[str, object], field: str) -> UserId:
    return fields.user(row.get(field))


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

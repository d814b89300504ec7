"""
The fast way from the API's JSON to `Incident`: plain code, a row at a time.

Ten thousand rows a minute pass here, so nothing is built that is not kept. The
whole of the vendor's model, for looking at one incident, is in `vendor`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from incidents.coralogix.words import SEVERITIES, STATES, STATUSES
from incidents.errors import SourceGarbledError
from incidents.models import Incident, IncidentId, Quarantined, UserId

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# The contract's own sizes (§3); what is longer has broken it, and is clipped.
_NAME, _DESCRIPTION, _USER = 500, 2000, 300
_LABEL_NAME, _LABEL_VALUE, _WORD = 256, 4096, 100


class MalformedError(SourceGarbledError):
    """One row is not what the contract says; the text holds nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What a number of rows came to."""

    incidents: Mapping[IncidentId, Incident]
    quarantined: tuple[Quarantined, ...] = ()


def is_incident_id(text: str) -> bool:
    """Whether *text* can be the id of an incident: a UUID."""
    return _UUID.fullmatch(text) is not None


def read_rows(rows: Iterable[object]) -> Rows:
    """Read *rows*. One that is malformed is quarantined, and costs no other."""
    incidents: dict[IncidentId, Incident] = {}
    quarantined: list[Quarantined] = []
    for row in rows:
        try:
            incident = read_row(row)
        except MalformedError as exc:
            quarantined.append(Quarantined(id=id_of(row), reason=str(exc)))
        else:
            incidents[incident.id] = incident
    return Rows(incidents=incidents, quarantined=tuple(quarantined))


def read_row(row: object) -> Incident:
    """Read one incident. Raises MalformedError."""
    if not isinstance(row, dict):
        raise MalformedError("it is not an object")
    id_ = id_of(row)
    if id_ is None:
        raise MalformedError("id is not a UUID")
    opened_at = _time(row, "createdAt")
    if opened_at is None:
        raise MalformedError("createdAt is missing")
    contextual = _labels(row, "contextualLabels")
    name = _text(row, "name", _NAME)
    if not name or name.isspace():
        name = _clean(contextual.get("alert_name", ""), _NAME) or id_
    status = _word(row, "status", STATUSES, "INCIDENT_STATUS_UNSPECIFIED")
    pairs = _assignments(row)
    acknowledged_by, resolved_by = _by_whom(row, status)
    muted = row.get("isMuted")
    if muted is not None and not isinstance(muted, bool):
        raise MalformedError("isMuted is neither true nor false")
    return Incident(
        id=id_,
        name=name,
        severity=_word(row, "severity", SEVERITIES, "INCIDENT_SEVERITY_UNSPECIFIED"),
        status=status,
        state=_word(row, "state", STATES, "INCIDENT_STATE_UNSPECIFIED"),
        assignees=tuple(sorted({to for to, _ in pairs})) if pairs else (),
        muted=muted or False,
        description=_text(row, "description", _DESCRIPTION),
        # What the person who wrote the alert chose to show wins over what the
        # system put in, and that over what the alert's definition carries.
        labels=tuple(
            sorted(
                {
                    **_labels(row, "metaLabels"),
                    **contextual,
                    **_labels(row, "displayLabels"),
                }.items()
            )
        ),
        opened_at=opened_at,
        updated_at=_time(row, "lastStateUpdateTime") or opened_at,
        closed_at=_time(row, "closedAt"),
        assigned_by=tuple(sorted({(to, by) for to, by in pairs if by})),
        acknowledged_by=acknowledged_by,
        resolved_by=resolved_by,
    )


def id_of(row: object) -> IncidentId | None:
    """Return the id of *row*; None where it has none that can be one."""
    id_ = row.get("id") if isinstance(row, dict) else None
    if isinstance(id_, str) and _UUID.fullmatch(id_):
        return IncidentId(id_)
    return None


def _text(row: Mapping[str, object], field: str, limit: int) -> str:
    value = row.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise MalformedError(f"{field} is not text")
    return _clean(value, limit)


def _clean(text: str, limit: int) -> str:
    """Clip *text*, and replace halves of characters, which nothing can store."""
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        # As JSON spells them, two halves make one character; one alone is lost.
        halves = text.encode("utf-16-le", "surrogatepass")
        return halves.decode("utf-16-le", "replace")
    return text


def _word(
    row: Mapping[str, object], field: str, words: Mapping[str, str], absent: str
) -> str:
    value = row.get(field)
    if value is None:
        return absent
    if not isinstance(value, str):
        raise MalformedError(f"{field} is not text")
    return words.get(value) or _clean(value, _WORD) or absent


def _time(row: Mapping[str, object], field: str) -> datetime | None:
    """Read a time; what is finer than a microsecond is cut off."""
    value = row.get(field)
    if value is None:
        return None
    try:
        if not isinstance(value, str):
            raise MalformedError(f"{field} is not text")
        time = datetime.fromisoformat(value)
        if time.tzinfo is UTC:
            return time
        if time.tzinfo is None:
            raise MalformedError(f"{field} has no time zone")
        return time.astimezone(UTC)
    except (ValueError, OverflowError) as exc:
        raise MalformedError(f"{field} is not a time") from exc


def _labels(row: Mapping[str, object], field: str) -> dict[str, str]:
    """Read labels as a map, or, as on the seed's page, a list of key and value."""
    value = row.get(field)
    if value is None:
        return {}
    if isinstance(value, dict):
        pairs: Iterable[tuple[object, object]] = value.items()
    elif isinstance(value, list):
        pairs = _listed(value, field)
    else:
        raise MalformedError(f"{field} is neither a map nor a list")
    labels: dict[str, str] = {}
    for key, text in pairs:
        if text is None:
            text = ""  # noqa: PLW2901  # null is absent
        if not isinstance(key, str) or not isinstance(text, str):
            raise MalformedError(f"{field} holds what is not text")
        labels[_clean(key, _LABEL_NAME)] = _clean(text, _LABEL_VALUE)
    return labels


def _listed(value: list[object], field: str) -> Iterator[tuple[object, object]]:
    for item in value:
        if not isinstance(item, dict):
            raise MalformedError(f"{field} holds what is no label")
        yield item.get("key"), item.get("value")


def _assignments(row: Mapping[str, object]) -> list[tuple[UserId, UserId]]:
    """List who it is assigned to, and by whom, or by nobody: an empty id."""
    value = row.get("assignments")
    if value is None:
        return []
    if not isinstance(value, list):
        raise MalformedError("assignments is not a list")
    pairs = []
    for item in value:
        if not isinstance(item, dict):
            raise MalformedError("assignments holds what is no assignment")
        to = _user(item.get("assignedTo"))
        if to:
            pairs.append((to, _user(item.get("assignedBy"))))
    return pairs


def _user(details: object) -> UserId:
    if details is None:
        return UserId("")
    id_ = details.get("userId") if isinstance(details, dict) else details
    if id_ is None:
        return UserId("")
    if not isinstance(id_, str) or not isinstance(details, dict):
        raise MalformedError("a user is not what it should be")
    return UserId(_clean(id_, _USER))


def _by_whom(
    row: Mapping[str, object], status: str
) -> tuple[UserId | None, UserId | None]:
    """
    Find in the events who acknowledged and who resolved it, the latest of each.

    Only while it is so: after a re-trigger the old acknowledgement says nothing.
    Events are extra: what is odd in one is passed over.
    """
    events = row.get("events")
    if not events or status not in ("acknowledged", "resolved"):
        return None, None
    if not isinstance(events, list):
        raise MalformedError("events is not a list")
    acknowledged = _latest(events, "acknowledge", "acknowledgedBy")
    if status != "resolved":
        return acknowledged, None
    return acknowledged, _latest(events, "close", "closedBy")


def _latest(events: list[object], payload: str, by: str) -> UserId | None:
    for event in reversed(events):
        if isinstance(event, dict) and isinstance(event.get(payload), dict):
            user = event[payload].get(by) or event.get("administrativeEvent")
            id_ = user.get("userId") if isinstance(user, dict) else None
            if isinstance(id_, str) and id_:
                return UserId(_clean(id_, _USER))
    return None

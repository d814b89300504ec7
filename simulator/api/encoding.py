"""Write incidents and events as the API's JSON (coralogix.md §3)."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from simulator.world.records import IncidentEvent, IncidentRecord

Json: TypeAlias = (
    "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"
)

ABSENT = "absent"
"""Fields that are not set are left out."""
NULLS = "nulls"
"""Fields that are not set are null, as some gateways write them."""
PAIRS = "pairs"
"""Labels are lists of key and value, as on the reference page of 2025."""

_TYPES = {
    "upsertState": "UPSERT_STATE",
    "assignment": "ASSIGN",
    "unassign": "UNASSIGN",
    "acknowledge": "ACKNOWLEDGE",
    "close": "CLOSE",
    "snoozeIndicator": "SNOOZE_INDICATOR",
}


def stamp(time: datetime, digits: int = 3) -> str:
    """Write a time as protobuf does: 0, 3, 6 or 9 fractional digits, and Z."""
    text = time.strftime("%Y-%m-%dT%H:%M:%S")
    if not digits:
        return f"{text}Z"
    # The world has microseconds; the nanoseconds are derived from them.
    fraction = f"{time.microsecond:06}{time.microsecond * 7 % 1000:03}"
    return f"{text}.{fraction[:digits]}Z"


def span(duration: timedelta) -> str:
    """Write a duration as protobuf does: `3600s`, `1.500s`."""
    seconds, micro = divmod(round(duration.total_seconds() * 1_000_000), 1_000_000)
    if not micro:
        return f"{seconds}s"
    return (
        f"{seconds}.{micro // 1000:03}s"
        if micro % 1000 == 0
        else (f"{seconds}.{micro:06}s")
    )


def incident_json(
    record: IncidentRecord, form: str = ABSENT, *, events: bool = True
) -> dict[str, Json]:
    """Return the JSON of *record*; without *events*, with an empty list of them."""
    row: dict[str, Json] = {
        "id": record.id,
        "state": record.state,
        "status": record.status,
        "severity": record.severity,
        "assignments": [
            {"assignedTo": {"userId": to}, "assignedBy": {"userId": by}}
            for to, by in record.assignments
        ],
        "contextualLabels": _labels(record.contextual, form),
        "displayLabels": _labels(record.display, form),
        "metaLabels": [{"key": key, "value": value} for key, value in record.meta],
        "events": [event_json(event) for event in record.events if events],
        "createdAt": stamp(record.created, record.digits),
        "lastStateUpdateTime": stamp(record.updated, record.digits),
        "lastStateUpdateKey": record.key,
        "duration": span(record.duration),
        "isMuted": record.muted,
    }
    unset: dict[str, Json] = {
        "name": record.name,
        "description": record.description,
        "closedAt": stamp(record.closed, record.digits) if record.closed else None,
    }
    row |= {
        key: value for key, value in unset.items() if value is not None or form == NULLS
    }
    return row


def row_bytes(
    record: IncidentRecord, form: str = ABSENT, *, events: bool = True
) -> bytes:
    """Return *record* as JSON bytes, cached until the record changes."""
    cached = record.cache.get((form, events))
    if cached is None:
        cached = dump(incident_json(record, form, events=events))
        record.cache[form, events] = cached
    return cached


def event_json(event: IncidentEvent) -> dict[str, Json]:
    """Return the JSON of an event: one payload, one originator, no time."""
    row: dict[str, Json] = {
        "id": event.id,
        "incidentEventType": f"INCIDENT_EVENT_TYPE_{_TYPES[event.kind]}",
        event.kind: _payload(event),
    }
    if event.by:
        row["originatorType"] = "ORIGINATOR_TYPE_ADMINISTRATIVE"
        row["administrativeEvent"] = {"userId": event.by}
    else:
        row["originatorType"] = "ORIGINATOR_TYPE_OPERATIONAL"
        row["operationalEvent"] = {"systemName": "alerts"}
    return row


def _payload(event: IncidentEvent) -> dict[str, Json]:
    match event.kind:
        case "upsertState":
            return {
                "stateType": f"UPSERT_INCIDENT_STATE_TYPE_{event.state}",
                "payload": {"cxEventKey": event.key},
                "isMuted": event.muted,
            }
        case "assignment":
            # Twice: the event's payload holds one field of the same name.
            return {
                "assignment": {
                    "assignedTo": {"userId": event.to},
                    "assignedBy": {"userId": event.by},
                }
            }
        case "acknowledge":
            return {"acknowledgedBy": {"userId": event.by}}
        case "close":
            return {"closedBy": {"userId": event.by}}
        case "snoozeIndicator":
            return {
                "startTime": stamp(event.at),
                "durationMinutes": event.minutes,
                "userId": event.by,
            }
        case _:
            return {}


def logged_event_json(event: IncidentEvent, record: IncidentRecord) -> dict[str, Json]:
    """Return an event of the account's log: with a time, without the incident's id."""
    return {
        "cxEventKey": event.key or event.id,
        "cxEventTimestamp": stamp(event.at, 9),
        "incidentEvent": event_json(event),
        "incidentEventExtendedMetadata": {
            "alertId": record.contextual["alert_id"],
            "alertName": record.contextual["alert_name"],
            "alertType": "INCIDENT_EVENT_ALERT_TYPE_METRIC",
            "alertGroupByFields": sorted(record.display),
            "alertLabels": [{"key": key, "value": text} for key, text in record.meta],
            "incidentPermutation": dict(record.display),
            "incidentSeverity": record.severity,
            "incidentState": record.state,
            "incidentStatus": record.status,
            "isMuted": record.muted,
        },
    }


def dump(value: Json) -> bytes:
    """Write JSON without spaces."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def _labels(labels: Mapping[str, str], form: str) -> Json:
    if form == PAIRS:
        return [{"key": key, "value": value} for key, value in labels.items()]
    return dict(labels)

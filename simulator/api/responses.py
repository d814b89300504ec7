"""Responses, and the rows in them with the faults of the plan."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from simulator.api.encoding import (
    ABSENT,
    NULLS,
    PAIRS,
    Json,
    dump,
    incident_json,
    row_bytes,
)
from simulator.api.faults import Plan
from simulator.world.records import IncidentRecord

_JSON = ("Content-Type", "application/json")
_CODES: Mapping[int, str] = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    429: "Too Many Requests",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiResponse:
    """A response, and the faults with which it is sent."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = (_JSON,)
    plan: Plan = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Caller:
    """The owner of the key: a person, or the team."""

    user: str
    """The user id in assignments; empty for the team key."""
    name: str = ""

    def may(self, permission: str) -> bool:
        """Whether the key carries *permission* (coralogix.md §7)."""
        personal = permission in ("incidents:acknowledge", "incidents:assign")
        return bool(self.user) or not personal


def ok_response(value: Json) -> ApiResponse:
    """Return a 200 with *value* as JSON."""
    return ApiResponse(status=HTTPStatus.OK, body=dump(value))


def error_response(
    status: int, text: str, *, plain: bool = False, wait: float = 0.0
) -> ApiResponse:
    """Return an error: an object with the status as its code, or plain text."""
    message = f"{_CODES.get(status, HTTPStatus(status).phrase)}: {text}"
    headers = [_JSON]
    body = dump({"code": status, "message": message})
    if plain:
        headers = [("Content-Type", "text/plain; charset=utf-8")]
        body = message.encode()
    if wait:
        headers.append(("Retry-After", f"{wait:g}"))
    if status in range(300, 400):
        headers.append(("Location", "https://elsewhere.example.com/"))
    return ApiResponse(status=status, body=body, headers=tuple(headers))


def route_not_found() -> ApiResponse:
    """Return the gateway's own 404: its code is gRPC's (coralogix.md §5)."""
    body = dump({"code": 5, "message": "Not Found"})
    return ApiResponse(status=HTTPStatus.NOT_FOUND, body=body)


def incidents_response(records: Iterable[IncidentRecord], plan: Plan) -> ApiResponse:
    """Return the incidents after an action."""
    return ApiResponse(
        status=HTTPStatus.OK, body=b'{"incidents":[%s]}' % rows(records, plan)
    )


def rows(records: Iterable[IncidentRecord], plan: Plan) -> bytes:
    """Join the JSON of *records*."""
    return b",".join(row(record, plan) for record in records)


def row(record: IncidentRecord, plan: Plan) -> bytes:
    """Return one incident as JSON, malformed or with unknown words by the *plan*."""
    form = NULLS if "nulls" in plan else PAIRS if "pairs" in plan else ABSENT
    events = "eventless" not in plan
    if _is_affected(record, plan.get("malformed", 0.0)):
        index = int(record.id[9:13], 16) % len(_BREAKS)
        return dump(_BREAKS[index](incident_json(record, form, events=events)))
    if _is_affected(record, plan.get("words", 0.0)):
        index = int(record.id[9:13], 16) % len(_FUTURE_VALUES)
        return dump(
            {**incident_json(record, form, events=events), **_FUTURE_VALUES[index]}
        )
    return row_bytes(record, form, events=events)


def _is_affected(record: IncidentRecord, share: float) -> bool:
    return share > 0 and int(record.id[:8], 16) < share * 0x1_0000_0000


def _without(name: str) -> Callable[[dict[str, Json]], Json]:
    return lambda row: {key: value for key, value in row.items() if key != name}


_BREAKS: tuple[Callable[[dict[str, Json]], Json], ...] = (
    lambda row: {**row, "createdAt": "yesterday"},
    lambda row: {**row, "assignments": {"assignedTo": "ada"}},
    lambda row: {**row, "contextualLabels": "alert_name=payment"},
    lambda row: {**row, "severity": 4},
    lambda row: {**row, "isMuted": "no"},
    _without("createdAt"),
    _without("id"),
    lambda row: json.dumps(row["id"]),
)
_FUTURE_VALUES: tuple[dict[str, Json], ...] = (
    {"severity": "INCIDENT_SEVERITY_FATAL"},
    {"state": "INCIDENT_STATE_NO_DATA"},
    {"status": "INCIDENT_STATUS_NO_DATA", "impact": {"customers": 3}},
)

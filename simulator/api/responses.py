"""What is answered, and the rows in it with all that may be wrong with them."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from simulator.api.encoding import ABSENT, NULLS, PAIRS, Json, dump, incident, row_bytes
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
class Answer:
    """One answer, and how it goes over the wire."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = (_JSON,)
    plan: Plan = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who asks: a person, or the team."""

    user: str
    """As assignments name them; empty for the team's key."""
    name: str = ""

    def may(self, permission: str) -> bool:
        """Whether the key carries *permission* (coralogix.md §7)."""
        personal = permission in ("incidents:acknowledge", "incidents:assign")
        return bool(self.user) or not personal


def said(value: Json) -> Answer:
    """Answer 200 with *value*."""
    return Answer(status=HTTPStatus.OK, body=dump(value))


def refused(
    status: int, text: str, *, plain: bool = False, wait: float = 0.0
) -> Answer:
    """Answer with an error: an object with the status as its code, or plain text."""
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
    return Answer(status=status, body=body, headers=tuple(headers))


def no_route() -> Answer:
    """Answer as the gateway's own handler: its code is gRPC's (coralogix.md §5)."""
    body = dump({"code": 5, "message": "Not Found"})
    return Answer(status=HTTPStatus.NOT_FOUND, body=body)


def many(records: Iterable[IncidentRecord], plan: Plan) -> Answer:
    """Answer the incidents after an action."""
    return Answer(
        status=HTTPStatus.OK, body=b'{"incidents":[%s]}' % rows(records, plan)
    )


def rows(records: Iterable[IncidentRecord], plan: Plan) -> bytes:
    """Join the JSON of *records*."""
    return b",".join(row(record, plan) for record in records)


def row(record: IncidentRecord, plan: Plan) -> bytes:
    """Write one incident, broken or strange where the *plan* says so."""
    form = NULLS if "nulls" in plan else PAIRS if "pairs" in plan else ABSENT
    events = "eventless" not in plan
    if _befalls(record, plan.get("malformed", 0.0)):
        place = int(record.id[9:13], 16) % len(_BREAKS)
        return dump(_BREAKS[place](incident(record, form, events=events)))
    if _befalls(record, plan.get("words", 0.0)):
        place = int(record.id[9:13], 16) % len(_LATER)
        return dump({**incident(record, form, events=events), **_LATER[place]})
    return row_bytes(record, form, events=events)


def _befalls(record: IncidentRecord, share: float) -> bool:
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
_LATER: tuple[dict[str, Json], ...] = (
    {"severity": "INCIDENT_SEVERITY_FATAL"},
    {"state": "INCIDENT_STATE_NO_DATA"},
    {"status": "INCIDENT_STATUS_NO_DATA", "impact": {"customers": 3}},
)

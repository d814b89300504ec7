"""An API made of a function, and the clockwork around it."""

import json
from collections.abc import Callable, Iterator, Mapping
from uuid import UUID

import httpx

from incidents.coralogix.http.acting_client import ActingHttp
from incidents.coralogix.http.client import Http
from incidents.coralogix.http.key import Key
from incidents.coralogix.http.limits import Limits
from incidents.coralogix.http.regions import Address
from incidents.coralogix.http.routes import Version
from incidents.coralogix.incidents.actor import CoralogixActor
from incidents.models import IncidentId

SECRET = "cxup_EXAMPLE0Secret0Key"
ORIGIN = "https://api.eu2.coralogix.com"
Handler = Callable[[httpx.Request], httpx.Response]


class Clockwork:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def uid(number: int) -> str:
    return str(UUID(int=number))


def row(number: int = 1, **fields: object) -> dict[str, object]:
    """One incident as the API spells it."""
    return {
        "id": uid(number),
        "name": f"Incident {number}",
        "severity": "INCIDENT_SEVERITY_ERROR",
        "status": "INCIDENT_STATUS_TRIGGERED",
        "state": "INCIDENT_STATE_TRIGGERED",
        "assignments": [],
        "contextualLabels": {},
        "displayLabels": {},
        "events": [],
        "createdAt": "2026-01-02T03:04:05Z",
        "lastStateUpdateTime": "2026-01-02T03:04:05Z",
        "lastStateUpdateKey": "key",
        "duration": "60s",
        **fields,
    }


def answer(
    status: int = 200,
    json_: object = None,
    *,
    content: bytes | Iterator[bytes] | None = None,
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    """A response whose body is still to be read, as from a wire."""
    body = json.dumps(json_).encode() if content is None else content
    chunks = [body] if isinstance(body, bytes) else body
    return httpx.Response(status, headers=headers, stream=Chunks(chunks))


class Chunks(httpx.SyncByteStream):
    """Chunks as they come; what is still to come is not made yet."""

    def __init__(self, chunks: list[bytes] | Iterator[bytes]) -> None:
        self._chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        yield from self._chunks


def page(
    rows: list[object], total: int | None = None, token: str | None = None
) -> httpx.Response:
    pagination: dict[str, object] = {"totalSize": len(rows) if total is None else total}
    if token is not None:
        pagination["nextPageToken"] = token
    return answer(json_={"incidents": rows, "pagination": pagination})


def script(*steps: httpx.Response | Exception) -> tuple[Handler, list[httpx.Request]]:
    """A handler that answers one step after another, and what it was asked."""
    asked: list[httpx.Request] = []
    rest = iter(steps)

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        step = next(rest)
        if isinstance(step, Exception):
            raise step
        return step

    return handler, asked


def http(  # one knob each
    handler: Handler,
    *,
    clockwork: Clockwork | None = None,
    version: Version = Version.V5,
    left: float = 1e9,
    limits: Limits | None = None,
) -> Http:
    """A transport over *handler* that only looks, with *left* seconds from now."""
    time = clockwork or Clockwork()
    return Http(
        Address(ORIGIN, version),
        Key(SECRET),
        limits=limits or Limits(),
        remaining=lambda: left - time.now,
        clock=time.clock,
        sleep=time.sleep,
        chance=lambda: 1.0,
        transport=httpx.MockTransport(handler),
    )


def acting_http(
    handler: Handler,
    *,
    clockwork: Clockwork | None = None,
    version: Version = Version.V5,
    limits: Limits | None = None,
) -> ActingHttp:
    """A transport over *handler* that acts as well, and has for ever."""
    time = clockwork or Clockwork()
    return ActingHttp(
        Address(ORIGIN, version),
        Key(SECRET),
        limits=limits or Limits(),
        clock=time.clock,
        sleep=time.sleep,
        chance=lambda: 1.0,
        transport=httpx.MockTransport(handler),
    )


def acting(
    *steps: httpx.Response | Exception,
    version: Version = Version.V5,
    clockwork: Clockwork | None = None,
) -> tuple[CoralogixActor, list[httpx.Request]]:
    """An actor over a script, and what it asked."""
    handler, asked = script(*steps)
    transport = acting_http(handler, version=version, clockwork=clockwork)
    return CoralogixActor(transport), asked


def ids(*numbers: int) -> list[IncidentId]:
    """Ids of the rows with these numbers."""
    return [IncidentId(uid(number)) for number in numbers]


def held(*users: str) -> list[dict[str, object]]:
    """The assignments of a row that *users* have."""
    return [
        {"assignedTo": {"userId": user}, "assignedBy": {"userId": "boss@example.com"}}
        for user in users
    ]


def sent(request: httpx.Request) -> dict[str, object]:
    """The JSON body of *request*."""
    body = json.loads(request.content)
    assert isinstance(body, dict)
    return body

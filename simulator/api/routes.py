"""The path of each operation: one form for v4 and v5, another for v3 and no version."""

from collections.abc import Iterator
from dataclasses import dataclass

from simulator.api.schema import (
    ASSIGN,
    EVENTS,
    FILTERED,
    IDS,
    INCIDENT_IDS,
    LIST,
    NOTHING,
    Message,
)

BASE = "/mgmt/openapi"
WHOAMI = "/identity/whoami"
_ROOT = "/incidents/incidents/v1"
_READ, _ACK, _ASSIGN, _CLOSE = (
    f"incidents:{right}" for right in ("read", "acknowledge", "assign", "close")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRoute:
    """One operation of one form of the API."""

    operation: str
    method: str
    path: str
    """May contain one `{id}`."""
    permission: str
    message: Message
    body: bool = False
    """Whether its fields are in the body; else they are in the query."""

    def match(self, path: str) -> str | None:
        """Return the id in *path*, empty if it has none; None for another path."""
        head, hole, tail = self.path.partition("{id}")
        if not hole:
            return "" if path == head else None
        if not (path.startswith(head) and path.endswith(tail)):
            return None
        id_ = path[len(head) : len(path) - len(tail)]
        return id_ if id_ and "/" not in id_ else None


def _routes(*, modern: bool) -> Iterator[ApiRoute]:
    events = "/incidents/events/v1" if modern else f"{_ROOT}/events"
    values = "/incidents/filter-values/v1" if modern else f"{_ROOT}/filter-values"
    group = f"{_ROOT}/all" if modern else _ROOT
    batch = _ROOT if modern else f"{_ROOT}/batch"
    totals = "/incidents/aggregations/v1" if modern else f"{_ROOT}/aggregations"
    event_values = f"{values}/events" if modern else f"{events}/filter-values"
    table: tuple[tuple[str, str, str, str, Message, bool], ...] = (
        ("list", "POST", _ROOT, _READ, LIST, modern),
        ("batch", "GET", batch, _READ, IDS, False),
        ("list-events", "GET", events, _READ, EVENTS, False),
        (
            "count-events",
            "GET",
            f"{events}/all/count" if modern else f"{events}/count",
            _READ,
            EVENTS,
            False,
        ),
        ("event-filter-values", "GET", event_values, _READ, EVENTS, False),
        ("filter-values", "POST", values, _READ, FILTERED, modern),
        ("aggregations", "GET", totals, _READ, LIST, False),
        ("assign", "POST", f"{group}/by-user", _ASSIGN, ASSIGN, modern),
        ("unassign", "DELETE", f"{group}/by-user", _ASSIGN, INCIDENT_IDS, False),
        ("acknowledge", "POST", f"{group}/acknowledge", _ACK, INCIDENT_IDS, modern),
        ("resolve", "POST", f"{group}/resolve", _CLOSE, INCIDENT_IDS, modern),
        (
            "close",
            "POST",
            f"{group}/closed" if modern else f"{group}/close",
            _CLOSE,
            INCIDENT_IDS,
            modern,
        ),
        ("by-event", "GET", f"{events}/{{id}}", _READ, NOTHING, False),
        (
            "acknowledge-event",
            "POST",
            f"{events}/{{id}}/acknowledge",
            _ACK,
            NOTHING,
            False,
        ),
        ("resolve-event", "POST", f"{events}/{{id}}/resolve", _CLOSE, NOTHING, False),
        ("get", "GET", f"{_ROOT}/{{id}}", _READ, NOTHING, False),
        ("events", "GET", f"{_ROOT}/{{id}}/events", _READ, NOTHING, False),
    )
    for operation, method, path, permission, message, body in table:
        yield ApiRoute(
            operation=operation,
            method=method,
            path=path,
            permission=permission,
            message=message,
            body=body,
        )


MODERN = tuple(_routes(modern=True))
LEGACY = tuple(_routes(modern=False))
FORMS = {"5": MODERN, "4": MODERN, "3": LEGACY}
_WHOAMI = ApiRoute(
    operation="whoami", method="GET", path=WHOAMI, permission="", message=NOTHING
)
OPERATIONS = tuple(route.operation for route in (*MODERN, _WHOAMI))


def version(path: str) -> tuple[str, str]:
    """Split *path* into its version and the rest."""
    rest = path.removeprefix(BASE)
    if rest == path:
        return "", path
    first, _, below = rest.removeprefix("/").partition("/")
    return (first, f"/{below}") if first in FORMS else ("unversioned", rest)


def find(method: str, path: str) -> tuple[ApiRoute, str] | None:
    """Return the route of a request and the id in its path; None without a route."""
    named, below = version(path)
    routes = FORMS.get(named, LEGACY) if named else (_WHOAMI,)
    for route in routes:
        id_ = route.match(below)
        if id_ is not None and route.method == method:
            return route, id_
    return None

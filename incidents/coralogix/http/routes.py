"""The API's wire forms, as data: where each operation lives in each version."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias
from urllib.parse import quote

Json: TypeAlias = str | int | float | bool | Sequence["Json"] | Mapping[str, "Json"]


class Version(StrEnum):
    """A version of the API, by the name of its path segment."""

    V5 = "5"
    V4 = "4"
    V3 = "3"
    UNVERSIONED = "unversioned"
    """As the seed of all this: `/mgmt/openapi/incidents/…`; the form of v3."""

    @property
    def prefix(self) -> str:
        """The path before every operation."""
        if self is Version.UNVERSIONED:
            return "/mgmt/openapi"
        return f"/mgmt/openapi/{self.value}"


NEWEST = Version.V5
"""What is spoken where nothing else is asked for."""


class Operation(StrEnum):
    """What can be asked of the API."""

    LIST = "list incidents"
    BATCH = "get several incidents"
    GET = "get an incident"
    EVENTS = "get an incident's events"
    FILTER_VALUES = "get the filter values"
    WHOAMI = "ask who the key belongs to"
    ASSIGN = "assign"
    UNASSIGN = "unassign"
    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"
    CLOSE = "close"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One operation in one version."""

    operation: Operation
    method: str
    path: str
    """May hold `{id}`."""
    permission: str = "incidents:read"
    body: bool = False
    """Whether its fields travel as a JSON body; in the query otherwise."""
    mutates: bool = False
    names_incidents: bool = False
    """Whether it names incidents, so that a 404 may mean one of them."""
    outside: bool = False
    """Not under the version's prefix, and not in the vendor's documents."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request, ready to be sent: all but the address and the key."""

    route: Route
    id: str = ""
    """For the path, where the route has one."""
    query: str = ""
    body: Mapping[str, Json] | None = None

    @property
    def path(self) -> str:
        """Below the version's prefix, encoded: the route's own, and no other."""
        return self.route.path.replace("{id}", quote(self.id, safe=""))


INCIDENTS = "/incidents/incidents/v1"


def _reads(*, modern: bool) -> Iterator[Route]:
    yield Route(operation=Operation.LIST, method="POST", path=INCIDENTS, body=modern)
    yield Route(
        operation=Operation.BATCH,
        method="GET",
        path=INCIDENTS if modern else f"{INCIDENTS}/batch",
        names_incidents=True,
    )
    yield Route(
        operation=Operation.GET,
        method="GET",
        path=f"{INCIDENTS}/{{id}}",
        names_incidents=True,
    )
    yield Route(
        operation=Operation.EVENTS,
        method="GET",
        path=f"{INCIDENTS}/{{id}}/events",
        names_incidents=True,
    )
    yield Route(
        operation=Operation.FILTER_VALUES,
        method="POST",
        path="/incidents/filter-values/v1" if modern else f"{INCIDENTS}/filter-values",
        body=modern,
    )
    # Known from the vendor's own command line alone (coralogix.md §8).
    yield Route(
        operation=Operation.WHOAMI,
        method="GET",
        path="/identity/whoami",
        permission="",
        outside=True,
    )


MODERN = frozenset({Version.V5, Version.V4})
"""Those that take fields in a body."""
READS: Mapping[Version, Mapping[Operation, Route]] = {
    version: {route.operation: route for route in _reads(modern=version in MODERN)}
    for version in Version
}
"""
What looks. All that the sync's transport will send; what changes something is in
`writes`, which the sync does not import.
"""


def request(
    route: Route, fields: Mapping[str, Json] | None = None, *, id_: str = ""
) -> Request:
    """
    Form the request of *route* with *fields*, named as in the JSON of version 5.

    Raises:
        ValueError: If a field cannot be put in a query: lists of objects.
    """
    if route.body:
        return Request(route, id_, body=fields or {})
    pairs = _pairs("", fields or {})
    query = "&".join(f"{name}={quote(text, safe='')}" for name, text in pairs)
    return Request(route, id_, query)


def _pairs(name: str, value: Json) -> Iterator[tuple[str, str]]:
    """
    Spell *value* the way the gateway reads it.

    Dots between the names of objects, and a key repeated for each item of a
    list. Brackets answer 400; commas make one long value; a name it does not
    know is ignored without a word (coralogix.md §1).
    """
    if isinstance(value, Mapping):
        for key, inner in value.items():
            below = _snake(key)
            yield from _pairs(f"{name}.{below}" if name else below, inner)
    elif isinstance(value, bool):
        yield name, "true" if value else "false"
    elif isinstance(value, str | int | float):
        yield name, str(value)
    else:
        for item in value:
            if isinstance(item, Mapping):
                raise ValueError(  # noqa: TRY004  # the place is wrong, not the type
                    f"{name}: a query has no lists of objects"
                )
            yield from _pairs(name, item)


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)

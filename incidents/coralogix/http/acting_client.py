"""What changes something, as data, and the one transport that will send it."""

from collections.abc import Iterator, Mapping

from incidents.coralogix.http.client import Http
from incidents.coralogix.http.routes import (
    INCIDENTS,
    MODERN,
    READS,
    Operation,
    Route,
    Version,
)


def _writes(*, modern: bool) -> Iterator[Route]:
    group = f"{INCIDENTS}/all" if modern else INCIDENTS
    assign, closing = "incidents:assign", "incidents:close"
    for operation, method, path, permission, body in (
        (Operation.ASSIGN, "POST", "by-user", assign, modern),
        # Its ids stay in the query in every version.
        (Operation.UNASSIGN, "DELETE", "by-user", assign, False),
        (
            Operation.ACKNOWLEDGE,
            "POST",
            "acknowledge",
            "incidents:acknowledge",
            modern,
        ),
        (Operation.RESOLVE, "POST", "resolve", closing, modern),
        (Operation.CLOSE, "POST", "closed" if modern else "close", closing, modern),
    ):
        yield Route(
            operation=operation,
            method=method,
            path=f"{group}/{path}",
            permission=permission,
            body=body,
            mutates=True,
            names_incidents=True,
        )


WRITES: Mapping[Version, Mapping[Operation, Route]] = {
    version: {route.operation: route for route in _writes(modern=version in MODERN)}
    for version in Version
}
"""By version; `by-user` among them. For a person's own actions."""
_ALL: Mapping[Version, Mapping[Operation, Route]] = {
    version: {**READS[version], **WRITES[version]} for version in Version
}


class ActingHttp(Http):
    """
    Sends requests that act as well, with a person's own key.

    One that acts is repeated only where it cannot have reached the server, or was
    turned away for being one too many (429).
    """

    @property
    def routes(self) -> Mapping[Operation, Route]:
        """All there are in this address's version."""
        return _ALL[self.address.version]

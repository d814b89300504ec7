"""Looks at the incidents, and has no way to change one."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from incidents.coralogix.fields import is_incident_id
from incidents.coralogix.http.client import Http
from incidents.coralogix.http.routes import Json, Operation, Version, request
from incidents.coralogix.incidents.answers import read_batch
from incidents.coralogix.incidents.enums import IncidentStatus
from incidents.coralogix.incidents.listing import ListingAccumulator, Pages
from incidents.errors import (
    KeyRejectedError,
    PermissionMissingError,
    RouteMissingError,
    SourceError,
)
from incidents.models import Incident, IncidentId, Quarantined, UserId
from incidents.ports import Listing, Lookup

OPEN: Sequence[str] = (IncidentStatus.TRIGGERED, IncidentStatus.ACKNOWLEDGED)
"""Muted ones too: a filter on `isMuted` would show unmuting as an arrival."""
BATCH = 50
"""Ids in one BatchGet: they travel in the address."""
GLANCE = 3.0
"""Seconds that an answer is worth which only tells more of what is known."""
_ASSIGNEES = 1_000
"""Ids in one filter (coralogix.md §4)."""
_QUERY = 6_000
"""Characters of ids in one filter where the filter travels in the address."""
FATAL = (KeyRejectedError, PermissionMissingError, RouteMissingError)
"""What no later request would mend."""


class CoralogixReader:
    """An `IncidentSource` over ListIncidents and BatchGet, and nothing else."""

    def __init__(self, http: Http) -> None:
        self._http = http
        self._pages = Pages(http)

    def list_open(self, assignees: Collection[UserId] | None) -> Listing:
        """
        Read every open incident, or those of *assignees* alone.

        A page that cannot be read makes the listing incomplete; a refused key
        always raises. Nobody's incidents are none: nothing is sent.

        Raises:
            SourceError: If not even a part of it could be read.
        """
        before = self._http.calls
        accumulator = ListingAccumulator()
        for filter_ in self._filters(assignees):
            if accumulator.problem:
                break
            self._pages.gather(filter_, accumulator)
        return accumulator.listing(calls=self._http.calls - before)

    def list_ended(self, after: datetime, until: datetime) -> Listing:
        """
        Read what opened between *after* and *until* and is resolved by now.

        Raises:
            SourceError: If not even a part of it could be read.
        """
        before = self._http.calls
        accumulator = ListingAccumulator()
        opened: dict[str, Json] = {
            "startTime": after.isoformat(),
            "endTime": until.isoformat(),
        }
        filter_: dict[str, Json] = {
            "status": [IncidentStatus.RESOLVED],
            "createdAtRange": opened,
        }
        self._pages.gather(filter_, accumulator)
        return accumulator.listing(calls=self._http.calls - before, ended=True)

    def look_up(self, ids: Collection[IncidentId]) -> Lookup:
        """
        Read certain incidents, open or not. What cannot be read is left out.

        Raises:
            SourceRejectedError: If the key is refused, or there is no such route.
        """
        before = self._http.calls
        incidents: dict[IncidentId, Incident] = {}
        missing: set[IncidentId] = set()
        quarantined: list[Quarantined] = []
        # One id that is none would have the whole batch refused.
        valid_ids = sorted({id_ for id_ in ids if is_incident_id(id_)})
        route = self._http.routes[Operation.BATCH]
        for start in range(0, len(valid_ids), BATCH):
            batch = valid_ids[start : start + BATCH]
            try:
                answer = self._http.send(request(route, {"ids": batch}))
                rows, absent = read_batch(answer, batch)
            except FATAL:
                raise
            except SourceError:
                continue
            incidents |= rows.incidents
            missing |= absent
            quarantined += rows.quarantined
        return Lookup(
            incidents=incidents,
            missing=frozenset(missing),
            quarantined=tuple(quarantined),
            calls=self._http.calls - before,
        )

    def fetch_once(self, ids: Collection[IncidentId]) -> Lookup:
        """
        Read certain incidents, `BATCH` at most, once and within `GLANCE`.

        Raises:
            SourceError: If they cannot be read.
        """
        valid_ids = sorted(filter(is_incident_id, ids))[:BATCH]
        if not valid_ids:
            return Lookup(incidents={}, missing=frozenset(), calls=0)
        before = self._http.calls
        route = self._http.routes[Operation.BATCH]
        answer = self._http.send(request(route, {"ids": valid_ids}), within=GLANCE)
        rows, absent = read_batch(answer, valid_ids)
        return Lookup(
            incidents=rows.incidents,
            missing=absent,
            quarantined=rows.quarantined,
            calls=self._http.calls - before,
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def _filters(
        self, assignees: Collection[UserId] | None
    ) -> Iterator[dict[str, Json]]:
        if assignees is None:
            yield {"status": OPEN}
            return
        wide = self._http.routes[Operation.LIST].body
        room = float("inf") if wide else _QUERY
        for batch in _chunks(sorted(set(assignees)), room):
            yield {"status": OPEN, "assignee": batch}


def _chunks(ids: Sequence[UserId], room: float) -> Iterator[Sequence[UserId]]:
    chunk: list[UserId] = []
    length = 0
    for id_ in ids:
        # At worst, each byte of an id takes three characters in an address.
        needed = len(Version.V3.prefix) + 3 * len(id_.encode())
        if chunk and (len(chunk) == _ASSIGNEES or length + needed > room):
            yield chunk
            chunk, length = [], 0
        chunk.append(id_)
        length += needed
    if chunk:
        yield chunk

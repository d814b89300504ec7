"""The API's answers from memory, below the client: no network."""

import json
import random
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

import httpx

from benchmarks.workload import pages, wire
from incidents.coralogix.http.client import Http
from incidents.coralogix.http.key import Key
from incidents.coralogix.http.regions import Address
from incidents.coralogix.incidents.reader import CoralogixReader
from incidents.feeds import User
from incidents.models import IncidentId, UserId
from incidents.ports import Listing, Lookup

_CHUNK = 65_536


class _BulkBody(httpx.SyncByteStream):
    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self._body), _CHUNK):
            yield self._body[start : start + _CHUNK]


def _reader(answer: Callable[[Mapping[str, object]], bytes]) -> CoralogixReader:
    def handle(request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            200, stream=_BulkBody(answer(json.loads(request.content)))
        )

    address = Address.parse("https://api.eu2.coralogix.com")
    key = Key("cxtp_" + "0" * 30)
    return CoralogixReader(Http(address, key, transport=httpx.MockTransport(handle)))


def reader(bodies: Sequence[bytes]) -> CoralogixReader:
    """Create the product's reader, with *bodies* as the pages of the answer."""

    def answer(request: Mapping[str, object]) -> bytes:
        pagination = request["pagination"]
        if not isinstance(pagination, dict):
            raise TypeError("a listing names its page")
        first = int(pagination.get("pageToken") or 0)
        return bodies[first // int(pagination["pageSize"])]

    return _reader(answer)


class SyntheticAccount:
    """An account of open incidents that changes on demand."""

    def __init__(self, count: int, people: Sequence[User], seed: int) -> None:
        """Open *count* incidents, assigned to *people* in turn."""
        self._rows = wire(count, people, seed)
        self._rng = random.Random(seed)
        self._read()

    def _read(self) -> None:
        self._bodies = pages(self._rows)
        self._whole = reader(self._bodies)
        self._of: dict[str, list[Mapping[str, object]]] = defaultdict(list)
        for row in self._rows:
            assignments = row["assignments"]
            if isinstance(assignments, list) and assignments:
                self._of[assignments[0]["assignedTo"]["userId"]].append(row)

    def list_open(self, assignees: Collection[UserId] | None) -> Listing:
        """List all incidents or those of *assignees*, as the API does."""
        if assignees is None:
            return self._whole.list_open(None)
        rows = [row for who in assignees for row in self._of.get(who, [])]
        (body,) = pages(rows)
        return _reader(lambda _: body).list_open(assignees)

    def look_up(self, ids: Collection[IncidentId]) -> Lookup:
        """Return all *ids* as missing: no incident leaves the list."""
        return Lookup(incidents={}, missing=frozenset(ids), calls=1)

    def move(self, count: int) -> None:
        """Change *count* incidents: acknowledge them, or trigger them again."""
        for row in self._rng.sample(self._rows, count):
            flipped = row["status"] == "INCIDENT_STATUS_TRIGGERED"
            row["status"] = (
                "INCIDENT_STATUS_ACKNOWLEDGED"
                if flipped
                else "INCIDENT_STATUS_TRIGGERED"
            )
        self._read()

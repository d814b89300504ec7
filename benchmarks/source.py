"""The API's answers from memory, below the client: what a sync reads, no network."""

import json
from collections.abc import Iterator, Sequence

import httpx

from incidents.coralogix.http import Http
from incidents.coralogix.key import Key
from incidents.coralogix.reader import CoralogixReader
from incidents.coralogix.regions import Address

_CHUNK = 65_536


class _Body(httpx.SyncByteStream):
    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self._body), _CHUNK):
            yield self._body[start : start + _CHUNK]


def reader(bodies: Sequence[bytes]) -> CoralogixReader:
    """Make the product's own reader, answered by *bodies*, the pages in order."""

    def answer(request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)["pagination"]
        page = int(asked.get("pageToken") or 0) // asked["pageSize"]
        return httpx.Response(200, stream=_Body(bodies[page]))

    address = Address.parse("https://api.eu2.coralogix.com")
    key = Key("cxtp_" + "0" * 30)
    return CoralogixReader(Http(address, key, transport=httpx.MockTransport(answer)))

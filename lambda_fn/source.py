"""A source whose key may be rotated while the process lives."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import TypeVar

from incidents.coralogix.http.client import Http
from incidents.coralogix.http.key import Key
from incidents.coralogix.http.regions import Address
from incidents.coralogix.incidents.reader import CoralogixReader
from incidents.errors import KeyRejectedError
from incidents.models import IncidentId, UserId
from incidents.ports import Listing, Lookup
from lambda_fn.deadline import Deadline
from lambda_fn.secret import Secret

_T = TypeVar("_T")


class KeyedSource:
    """
    An `IncidentSource` that fetches its key, and once per sync fetches it anew.

    A refused key (401) is read again; if it has changed, the request is sent once
    more. So a rotation needs no deployment.
    """

    def __init__(self, address: Address, key: Key | Secret, deadline: Deadline) -> None:
        """Prepare to read from *address*. Nothing is fetched before it is needed."""
        self._address = address
        self._key = key
        self._deadline = deadline
        self._http: Http | None = None
        self._reader: CoralogixReader | None = None
        self._may_renew = True
        self._calls = 0

    @property
    def calls(self) -> int:
        """How many requests were sent since `begin`, repeated ones included."""
        return self._calls + (self._http.calls if self._http else 0)

    def begin(self) -> None:
        """Begin another sync: the key may be fetched anew once."""
        self._may_renew = True
        self._calls = -(self._http.calls if self._http else 0)

    def list_open(self, assignees: Collection[UserId] | None) -> Listing:
        """Read every open incident, or those of *assignees* alone."""
        return self._with_key(lambda reader: reader.list_open(assignees))

    def list_ended(self, after: datetime, until: datetime) -> Listing:
        """Read what opened between *after* and *until* and is resolved by now."""
        return self._with_key(lambda reader: reader.list_ended(after, until))

    def look_up(self, ids: Collection[IncidentId]) -> Lookup:
        """Read certain incidents, open or not."""
        return self._with_key(lambda reader: reader.look_up(ids))

    def fetch_once(self, ids: Collection[IncidentId]) -> Lookup:
        """Read certain incidents once; for that, no key is fetched anew."""
        reader = self._reader or self._open(self._current(renew=False))
        return reader.fetch_once(ids)

    def close(self) -> None:
        """Let go of the connection; whatever is asked next makes another."""
        if self._http:
            self._http.close()
        self._http = self._reader = None

    def _with_key(self, ask: Callable[[CoralogixReader], _T]) -> _T:
        reader = self._reader or self._open(self._current(renew=False))
        try:
            return ask(reader)
        except KeyRejectedError:
            if not self._may_renew or not isinstance(self._key, Secret):
                raise
            self._may_renew = False
            return ask(self._open(self._current(renew=True)))

    def _current(self, *, renew: bool) -> Key:
        key = self._key
        return key.key(renew=renew) if isinstance(key, Secret) else key

    def _open(self, key: Key) -> CoralogixReader:
        before = self._http
        if before:
            self._calls += before.calls
            before.close()
        self._http = Http(
            self._address,
            key,
            remaining=self._deadline.remaining,
            sleep=self._deadline.sleep,
        )
        self._reader = CoralogixReader(self._http)
        return self._reader

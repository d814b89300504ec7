"""A source whose key may be rotated while the process lives."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import TypeVar

from incidents.coralogix.http.client import Http
from incidents.coralogix.http.key import Key
from incidents.coralogix.http.limits import Limits
from incidents.coralogix.http.regions import Address
from incidents.coralogix.incidents.reader import CoralogixReader
from incidents.errors import IncidentsError, KeyRejectedError, PermissionMissingError
from incidents.models import IncidentId, UserId
from incidents.ports import Listing, Lookup
from lambda_fn.deadline import Deadline
from lambda_fn.secret import Secret

KEY_AGE = 300.0
"""Seconds after which a key is read again, though nobody refused it."""
_DEFAULT = Limits()
_T = TypeVar("_T")


class KeyedSource:
    """
    An `IncidentSource` that fetches its key, and now and then fetches it anew.

    A key in a secret is read again when it is `KEY_AGE` old, and when it is refused
    (401, 403); if it has changed, the request is sent once more. So neither a rotation
    nor a mistake that is put right needs a deployment.
    """

    def __init__(
        self,
        address: Address,
        key: Key | Secret,
        deadline: Deadline,
        limits: Limits = _DEFAULT,
    ) -> None:
        """Prepare to read from *address*. Nothing is fetched before it is needed."""
        self._limits = limits
        self._read_at = 0.0
        self._address = address
        self._key = key
        self._deadline = deadline
        self._used: Key | None = None
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
        if self._deadline.now() - self._read_at >= KEY_AGE:
            reader = self._renewed() or reader
        try:
            return ask(reader)
        except (KeyRejectedError, PermissionMissingError) as error:
            if not self._may_renew or not isinstance(self._key, Secret):
                raise
            self._may_renew = False
            renewed = self._renewed()
            if renewed is None and isinstance(error, PermissionMissingError):
                raise
            return ask(renewed or reader)

    def _renewed(self) -> CoralogixReader | None:
        """Read the key again; a reader with it if it has changed, else None."""
        before = self._used
        try:
            key = self._current(renew=True)
        except IncidentsError:
            # What was read before may still be good, or is refused in its own words.
            self._read_at = self._deadline.now()
            return None
        return None if before is not None and key.equals(before) else self._open(key)

    def _current(self, *, renew: bool) -> Key:
        key = self._key
        self._read_at = self._deadline.now()
        return key.key(renew=renew) if isinstance(key, Secret) else key

    def _open(self, key: Key) -> CoralogixReader:
        before = self._http
        if before:
            self._calls += before.calls
            before.close()
        self._used = key
        self._http = Http(
            self._address,
            key,
            limits=self._limits,
            remaining=self._deadline.remaining,
            sleep=self._deadline.sleep,
        )
        self._reader = CoralogixReader(self._http)
        return self._reader

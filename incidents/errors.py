"""
Every way this system can fail that someone is expected to handle.

* IncidentsError
  x SettingsError                mend the setting that the message names
  x SourceError                  Coralogix could not be read, or not all of it
    + SourceUnavailableError     wait: the next tick tries again
      - ThrottledError           wait for as long as it says
      - SourceFailingError       wait: it answers, and cannot (5xx)
    + SourceRejectedError        fix the request: route, version or a bug of ours
      - KeyRejectedError         fix the key (401)
      - PermissionMissingError   fix the key's permission, named (403)
      - RouteMissingError        fix the address or the API version (404, code 5)
      - IncidentMissingError     give up on this id: there is no such incident
    + SourceGarbledError         the API's shape has moved: raise an alarm
    + NotConfirmedError          look: an action may or may not have happened
  x StoreError                   the feeds could not be read or written
    + StoreUnavailableError      wait: the next tick tries again
      - StoreBusyError           wait: it answers, and cannot now
    + StoreMissingError          create the table, or fix its name
    + AccessDeniedError          sign in again, or fix the reader's tag or policy
    + CredentialsError           sign in: there are no credentials, or they are over
    + StoreDamagedError          set it aside: what is there cannot be read
    + StoreNewerError            upgrade: a newer version wrote what is there
    + ConflictError              another writer won: re-read and compare again
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from incidents.feeds import Head


class IncidentsError(Exception):
    """Base class; catch this only at an edge. Its text is fit for a person."""


class SettingsError(IncidentsError):
    """A setting is missing or wrong; the message names it."""


class SourceError(IncidentsError):
    """The incident source could not be read, or not all of it."""


class SourceUnavailableError(SourceError):
    """A time-out, a refused connection or a 5xx."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds, where the server said so."""


class ThrottledError(SourceUnavailableError):
    """A 429 that outlasted our patience."""


class SourceFailingError(SourceUnavailableError):
    """A 5xx above all: the network is well, and the server is not."""


class SourceRejectedError(SourceError):
    """The server understood, and will not."""


class KeyRejectedError(SourceRejectedError):
    """A 401: the key is wrong, expired or of another region."""


class PermissionMissingError(SourceRejectedError):
    """A 403: the key lacks a permission."""

    def __init__(self, message: str, *, permission: str = "") -> None:
        super().__init__(message)
        self.permission = permission
        """For example `incidents:acknowledge`."""


class RouteMissingError(SourceRejectedError):
    """A 404 with code 5: no such route. Never read as "no such incident"."""


class IncidentMissingError(SourceRejectedError):
    """A 404 that names an incident."""


class SourceGarbledError(SourceError):
    """An answer that is not what the contract says, or larger than the cap."""


class NotConfirmedError(SourceError):
    """An action whose outcome is unknown, even after looking again."""


class StoreError(IncidentsError):
    """The store could not be read or written."""


class StoreUnavailableError(StoreError):
    """Throttling, a time-out, or no network."""


class StoreBusyError(StoreUnavailableError):
    """Throttling, or a fault on its side: the network is well."""


class StoreMissingError(StoreError):
    """There is no such table or file."""


class AccessDeniedError(StoreError):
    """The credentials are good, and may not do this."""


class CredentialsError(StoreError):
    """There are no credentials, or they have expired."""


class StoreDamagedError(StoreError):
    """What is stored cannot be read: a broken file, or an item that is not ours."""


class StoreNewerError(StoreError):
    """What is stored was written by a newer version than this one."""


class ConflictError(StoreError):
    """The head moved between our read and our write."""

    def __init__(self, message: str, *, head: "Head | None" = None) -> None:
        super().__init__(message)
        self.head = head
        """The winner's head, where the store told us."""

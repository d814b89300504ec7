"""What a person can ask for, as data: from the menu, a button or the command line."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TypeAlias

from incidents.models import IncidentId


class Verb(StrEnum):
    """What a person can do to an incident in Coralogix."""

    ACKNOWLEDGE = "acknowledge"
    ASSIGN = "assign"
    """To oneself: the `by-user` endpoint."""
    TAKE = "take"
    """Assign to oneself, then acknowledge."""
    RELEASE = "release"
    RESOLVE = "resolve"


PARTS = {Verb.TAKE: (Verb.ASSIGN, Verb.ACKNOWLEDGE)}
"""What is done one after the other, of those that are more than one."""


@dataclass(frozen=True, slots=True)
class Act:
    """Do *verb* to *ids*, with the person's own key."""

    verb: Verb
    ids: tuple[IncidentId, ...]


@dataclass(frozen=True, slots=True)
class Undo:
    """Take back an action that is still being held."""

    id: IncidentId


@dataclass(frozen=True, slots=True)
class SendNow:
    """Send at once an action that is still being held."""

    id: IncidentId


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """Open the incident in the browser."""

    id: IncidentId


@dataclass(frozen=True, slots=True)
class OpenCoralogix:
    """Open the list of incidents in the browser."""


@dataclass(frozen=True, slots=True)
class CopyLink:
    """Put the incident's link on the clipboard."""

    id: IncidentId


@dataclass(frozen=True, slots=True)
class Snooze:
    """Be quiet for *span*, about one incident or about all. None wakes again."""

    span: timedelta | None
    id: IncidentId | None = None


@dataclass(frozen=True, slots=True)
class SnoozeUntilMorning:
    """Be quiet until tomorrow at nine, about one incident or about all."""

    id: IncidentId | None = None


@dataclass(frozen=True, slots=True)
class ToggleQuietHours:
    """Switch the quiet hours on or off."""


@dataclass(frozen=True, slots=True)
class SyncNow:
    """Look at once."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """Start the sign-in that renews the credentials."""


@dataclass(frozen=True, slots=True)
class ShowDoctor:
    """Say what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class OpenSettings:
    """Open the settings file in what edits text here."""


@dataclass(frozen=True, slots=True)
class OpenLogs:
    """Open the folder of the logs."""


@dataclass(frozen=True, slots=True)
class Raise:
    """Show the tray that runs; a second start of the program sends it."""


@dataclass(frozen=True, slots=True)
class Quit:
    """End the program."""


Intent: TypeAlias = (
    Act
    | Undo
    | SendNow
    | OpenIncident
    | OpenCoralogix
    | CopyLink
    | Snooze
    | SnoozeUntilMorning
    | ToggleQuietHours
    | SyncNow
    | SignIn
    | ShowDoctor
    | OpenSettings
    | OpenLogs
    | Raise
    | Quit
)

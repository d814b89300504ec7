"""What is put on the screen, as data: icon, menu and notifications."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TypeAlias

from incidents.models import IncidentId
from tray_app.model.intents import Intent


class Badge(StrEnum):
    """The icon's states, first match wins (user guide, "The icon")."""

    SIGNED_OUT = "signed out"
    OFFLINE = "offline"
    STALE = "stale"
    FAILED = "failed"
    CRITICAL = "critical"
    ERROR = "error"
    WARNING = "warning"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    CALM = "calm"
    STARTING = "starting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Icon:
    """Everything that decides the icon's pixels, and its tooltip."""

    badge: Badge
    severity: str = ""
    """The worst severity behind the badge: its shape and hue."""
    hollow: bool = False
    """Nothing of what is open needs me."""
    count: int = 0
    """Digits on the icon; 0 draws none, more than 9 draws `9+`."""
    failed: bool = False
    """An exclamation mark over the shape: an action did not succeed."""
    snoozed: bool = False
    """A small moon over the shape."""
    tooltip: str = ""
    """One line, at most 127 UTF-16 units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line. Without an intent it is only there to be read."""

    label: str
    intent: Intent | None = None
    checked: bool | None = None
    default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Submenu:
    """A line that opens to more."""

    label: str
    entries: "tuple[Entry, ...]"


@dataclass(frozen=True, slots=True)
class Separator:
    """A line between groups."""


Entry: TypeAlias = Item | Submenu | Separator


@dataclass(frozen=True, slots=True)
class Menu:
    """The menu as a whole; equal menus are never drawn twice."""

    entries: tuple[Entry, ...]


class Urgency(IntEnum):
    """How loudly to say it; the numbers are freedesktop's."""

    LOW = 0
    NORMAL = 1
    CRITICAL = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button of a notification."""

    key: str
    """Stable: one of `ack assign release resolve open snooze undo now retry show`."""
    label: str
    intent: Intent


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """
    Something to tell a person.

    Title and body are plain text: whoever draws them escapes what needs it.
    """

    key: str
    """What it is about, for example `incident:<id>`: replaced in place."""
    id: str
    """The stable id under which it is shown once, for example `<feed>:<seq>`."""
    title: str
    body: str = ""
    urgency: Urgency = Urgency.NORMAL
    buttons: tuple[Button, ...] = ()
    """At most 3, the likeliest first."""
    click: Intent | None = None
    sound: bool = False
    expires_after: float | None = None
    """Seconds; None leaves it to the desktop, 0 keeps it until it is seen."""


def incident_key(id_: IncidentId) -> str:
    """Return the key of the one notification that an incident has."""
    return f"incident:{id_}"

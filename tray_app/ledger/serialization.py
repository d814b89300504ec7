"""
What the ledger stores as JSON: notifications with their intents, and single values.

Ledgers outlive versions: a stored name, and the name of an intent, never changes.
"""

import dataclasses
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Generic, TypeVar, get_args

from pydantic import TypeAdapter

from incidents.stores.codec import incident_from_json, incident_to_json
from tray_app.model.freshness import Freshness
from tray_app.model.intents import Intent
from tray_app.model.memory import Memory
from tray_app.model.rules import QuietSwitch
from tray_app.model.state import Pending, Problem, Snoozes
from tray_app.model.view import Notification

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class StoredValue(Generic[T]):
    """A value that the ledger holds as JSON under a name."""

    name: str
    to_json: Callable[[T], str]
    from_json: Callable[[str], T]
    """Raises ValueError, KeyError or `StoreDamagedError` for what it cannot read."""


def _value(name: str, make: Callable[[], TypeAdapter[T]]) -> StoredValue[T]:
    adapter = cache(make)
    return StoredValue(
        name,
        lambda value: adapter().dump_json(value).decode(),
        lambda text: adapter().validate_json(text),
    )


@cache
def _pendings() -> TypeAdapter[tuple[Pending, ...]]:
    return TypeAdapter(tuple[Pending, ...])


def _pending_to_json(pending: Iterable[Pending]) -> str:
    """Convert actions under way; their incidents as every store has them."""
    rows = []
    for action in pending:
        bare = dataclasses.replace(action, incident=None)
        (row,) = _pendings().dump_python((bare,), mode="json")
        if action.incident is not None:
            row["incident"] = incident_to_json(action.incident)
        rows.append(row)
    return json.dumps(rows)


def _pending_from_json(text: str) -> tuple[Pending, ...]:
    rows = json.loads(text)
    for row in rows:
        if row["incident"]:
            row["incident"] = incident_from_json(row["incident"])
    return _pendings().validate_python(rows)


@cache
def _memories() -> TypeAdapter[Memory]:
    return TypeAdapter(Memory)


MEMORY = StoredValue(
    "memory",
    lambda memory: _memories().dump_json(memory, by_alias=True).decode(),
    lambda text: _memories().validate_json(text),
)
SNOOZES = _value("snoozes", lambda: TypeAdapter(Snoozes))
QUIET: StoredValue[QuietSwitch | None] = _value(
    "quiet", lambda: TypeAdapter(QuietSwitch | None)
)
PROBLEMS = _value("troubles", lambda: TypeAdapter(tuple[Problem, ...]))
FRESHNESS = _value("ages", lambda: TypeAdapter(Freshness))
PENDING = StoredValue("pending", _pending_to_json, _pending_from_json)

_INTENTS = {kind.__name__: kind for kind in get_args(Intent)}


@cache
def _intents(kind: str) -> TypeAdapter[Intent]:
    return TypeAdapter(_INTENTS[kind])


_STORED_ID = "told"
"""What ledgers name the stable id of a notification."""


@cache
def _notifications() -> TypeAdapter[Notification]:
    return TypeAdapter(Notification)


def notification_to_json(notification: Notification) -> str:
    """Convert *notification* into JSON, each intent as its name and its fields."""
    plain = _notifications().dump_python(notification, mode="json")
    plain[_STORED_ID] = plain.pop("id")
    for row, button in zip(plain["buttons"], notification.buttons, strict=True):
        row["intent"] = {"do": type(button.intent).__name__, "with": row["intent"]}
    if plain["click"] is not None:
        plain["click"] = {
            "do": type(notification.click).__name__,
            "with": plain["click"],
        }
    return json.dumps(plain)


def notification_from_json(text: str) -> Notification:
    """
    Convert JSON back into the notification.

    Raises:
        ValueError, KeyError: If it is not what `notification_to_json` made.
    """
    plain = json.loads(text)
    plain["id"] = plain.pop(_STORED_ID)
    for row in plain["buttons"]:
        row["intent"] = _intent(row["intent"])
    if plain["click"] is not None:
        plain["click"] = _intent(plain["click"])
    return _notifications().validate_python(plain)


def _intent(plain: dict[str, object]) -> Intent:
    return _intents(str(plain["do"])).validate_python(plain["with"])

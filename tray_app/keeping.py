"""What the ledger keeps as JSON: notifications with their intents, and the memory."""

import dataclasses
import json
from collections.abc import Mapping
from functools import cache

from pydantic import TypeAdapter

from tray_app import intents
from tray_app.intents import Intent
from tray_app.memory import Memory
from tray_app.shown import Button, Notification
from tray_app.state import Freshness, Pending, Snoozes, Trouble

_KINDS: Mapping[str, type[Intent]] = {
    kind.__name__: kind
    for kind in (
        intents.Act,
        intents.Undo,
        intents.OpenIncident,
        intents.OpenCoralogix,
        intents.CopyLink,
        intents.Snooze,
        intents.SnoozeUntilMorning,
        intents.ToggleQuietHours,
        intents.SyncNow,
        intents.SignIn,
        intents.ShowDoctor,
    )
}
"""What a notification can ask for, by its name in the ledger: never rename one."""


@cache
def memories() -> TypeAdapter[Memory]:
    """Return what turns the memory into JSON and back."""
    return TypeAdapter(Memory)


@cache
def snoozes() -> TypeAdapter[Snoozes]:
    """Return what turns snoozes into JSON and back."""
    return TypeAdapter(Snoozes)


@cache
def pendings() -> TypeAdapter[tuple[Pending, ...]]:
    """Return what turns actions under way into JSON and back."""
    return TypeAdapter(tuple[Pending, ...])


@cache
def troubles() -> TypeAdapter[tuple[Trouble, ...]]:
    """Return what turns troubles into JSON and back."""
    return TypeAdapter(tuple[Trouble, ...])


@cache
def ages() -> TypeAdapter[Freshness]:
    """Return what turns the two ages into JSON and back."""
    return TypeAdapter(Freshness)


@cache
def _adapter(kind: str) -> TypeAdapter[Intent]:
    return TypeAdapter(_KINDS[kind])


@cache
def _notifications() -> TypeAdapter[Notification]:
    return TypeAdapter(Notification)


def notification_to_json(notification: Notification) -> str:
    """Turn *notification* into JSON, its intents by name."""
    plain = {
        **{
            f.name: getattr(notification, f.name)
            for f in dataclasses.fields(Notification)
        },
        "buttons": [
            {"key": one.key, "label": one.label, "intent": _intent_to(one.intent)}
            for one in notification.buttons
        ],
        "click": _intent_to(notification.click) if notification.click else None,
    }
    return json.dumps(plain)


def notification_from_json(text: str) -> Notification:
    """
    Turn JSON back into the notification.

    Raises:
        ValueError: If it is not what `notification_to_json` made.
    """
    plain = json.loads(text)
    buttons = tuple(
        Button(key=one["key"], label=one["label"], intent=_intent_from(one["intent"]))
        for one in plain.pop("buttons")
    )
    click = plain.pop("click")
    bare = _notifications().validate_python(plain)
    return dataclasses.replace(
        bare, buttons=buttons, click=_intent_from(click) if click else None
    )


def _intent_to(intent: Intent) -> dict[str, object]:
    kind = type(intent)
    body = _adapter(kind.__name__).dump_python(intent, mode="json")
    return {"do": kind.__name__, "with": body}


def _intent_from(plain: Mapping[str, object]) -> Intent:
    return _adapter(str(plain["do"])).validate_python(plain["with"])

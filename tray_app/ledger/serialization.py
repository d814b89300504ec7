"""What the ledger keeps as JSON: notifications with their intents, and the memory."""

import dataclasses
import json
from collections.abc import Iterable, Mapping
from functools import cache

from pydantic import TypeAdapter

from incidents.stores.codec import incident_from_json, incident_to_json
from tray_app.model import intents
from tray_app.model.freshness import Freshness
from tray_app.model.intents import Intent
from tray_app.model.memory import Memory
from tray_app.model.rules import QuietSwitch
from tray_app.model.state import Pending, Problem, Snoozes
from tray_app.model.view import Button, Notification

_KINDS: Mapping[str, type[Intent]] = {
    kind.__name__: kind
    for kind in (
        intents.Act,
        intents.Undo,
        intents.SendNow,
        intents.OpenIncident,
        intents.OpenCoralogix,
        intents.CopyLink,
        intents.Snooze,
        intents.SnoozeUntilMorning,
        intents.ToggleQuietHours,
        intents.SyncNow,
        intents.SignIn,
        intents.ShowDoctor,
        intents.OpenSettings,
        intents.OpenLogs,
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
def _pendings() -> TypeAdapter[tuple[Pending, ...]]:
    return TypeAdapter(tuple[Pending, ...])


def pending_to_json(pending: Iterable[Pending]) -> str:
    """Convert actions under way into JSON; the incidents as every store has them."""
    ones = tuple(pending)
    bare = tuple(dataclasses.replace(one, incident=None) for one in ones)
    plain = _pendings().dump_python(bare, mode="json")
    for one, row in zip(ones, plain, strict=True):
        if one.incident is not None:
            row["incident"] = incident_to_json(one.incident)
    return json.dumps(plain)


def pending_from_json(text: str) -> tuple[Pending, ...]:
    """
    Convert JSON back into actions under way.

    Raises:
        ValueError: If it is not what `pending_to_json` made.
        StoreDamagedError: If an incident in it is none.
    """
    plain = json.loads(text)
    echoed = [row.pop("incident", None) for row in plain]
    return tuple(
        dataclasses.replace(one, incident=incident_from_json(row) if row else None)
        for one, row in zip(_pendings().validate_python(plain), echoed, strict=True)
    )


@cache
def switches() -> TypeAdapter[QuietSwitch | None]:
    """Return what turns the quiet hours' switch into JSON and back."""
    return TypeAdapter(QuietSwitch | None)


@cache
def troubles() -> TypeAdapter[tuple[Problem, ...]]:
    """Return what turns troubles into JSON and back."""
    return TypeAdapter(tuple[Problem, ...])


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
    """Convert *notification* into JSON, its intents by name."""
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
    Convert JSON back into the notification.

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

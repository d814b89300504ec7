"""
The events of an incident, as typed values: who did what (coralogix.md §3).

An event has no time of its own; the API lists them oldest first. What is unknown is
kept as it came, and what is odd in one event costs no other.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, TypeVar

from incidents.coralogix import fields
from incidents.coralogix.incidents.enums import (
    EventType,
    OriginatorType,
    UpsertStateType,
)
from incidents.models import UserId

_ID, _KEY, _SYSTEM = 64, 2000, 300


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChanged:
    """The alert engine saw it trigger or end."""

    state: UpsertStateType | str
    key: str
    """Names the event behind it (`cxEventKey`)."""
    muted: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """Somebody got it."""

    to: UserId
    by: UserId
    """May be who got it; empty where it is not said."""


@dataclass(frozen=True, slots=True)
class Unassigned:
    """Nobody has it any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """Somebody has seen it."""

    by: UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """Somebody resolved or closed it."""

    by: UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Snoozed:
    """Somebody wants no reminders for a while."""

    by: UserId
    start: datetime | None
    minutes: int | None


@dataclass(frozen=True, slots=True)
class UnknownEvent:
    """It has no payload that we know: opening has none; others may come."""


Happening: TypeAlias = (
    StateChanged
    | Assigned
    | Unassigned
    | Acknowledged
    | Closed
    | Snoozed
    | UnknownEvent
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened."""

    id: str
    kind: EventType | str
    """What the vendor calls it; one that we do not know is kept as it came."""
    happening: Happening
    originator: OriginatorType | str
    system: str
    """Of the alert engine, where it made the event."""
    user: UserId
    """The person who made the event, where one did."""
    extra: Mapping[str, object]
    """Fields that we do not know, as they came."""

    @property
    def by(self) -> UserId:
        """The person behind it; empty where it was nobody."""
        match self.happening:
            case Assigned() | Acknowledged() | Closed() | Snoozed():
                return self.happening.by or self.user
            case _:
                return self.user


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """A number of events, oldest first, and how many could not be understood."""

    events: tuple[Event, ...] = ()
    malformed: int = 0


def read_events(rows: Iterable[object]) -> Events:
    """Read *rows*. One that is malformed is counted, and costs no other."""
    events: list[Event] = []
    malformed = 0
    for row in rows:
        try:
            events.append(_event(row))
        except fields.MalformedError:
            malformed += 1
    return Events(events=tuple(events), malformed=malformed)


def _event(row: object) -> Event:
    if not isinstance(row, dict):
        raise fields.MalformedError("an event is not an object")
    payloads = [name for name in _PAYLOADS if row.get(name) is not None]
    happening: Happening = UnknownEvent()
    if payloads:
        happening = _PAYLOADS[payloads[0]](_object(row, payloads[0]))
    return Event(
        id=fields.text(row, "id", _ID),
        kind=_word(row, "incidentEventType", EventType),
        happening=happening,
        originator=_word(row, "originatorType", OriginatorType),
        system=fields.text(_object(row, "operationalEvent"), "systemName", _SYSTEM),
        user=fields.user(row.get("administrativeEvent")),
        extra={name: value for name, value in row.items() if name not in _KNOWN},
    )


def _state_changed(payload: Mapping[str, object]) -> StateChanged:
    muted = payload.get("isMuted")
    return StateChanged(
        state=_word(payload, "stateType", UpsertStateType),
        key=fields.text(_object(payload, "payload"), "cxEventKey", _KEY),
        muted=muted if isinstance(muted, bool) else None,
    )


def _assigned(payload: Mapping[str, object]) -> Assigned:
    # Nested twice: assignment.assignment.assignedTo (coralogix.md §9).
    inner = _object(payload, "assignment")
    return Assigned(
        to=fields.user(inner.get("assignedTo")), by=fields.user(inner.get("assignedBy"))
    )


def _snoozed(payload: Mapping[str, object]) -> Snoozed:
    minutes = payload.get("durationMinutes")
    return Snoozed(
        by=UserId(fields.text(payload, "userId", fields.USER)),
        start=fields.time(payload, "startTime"),
        minutes=minutes if type(minutes) is int else None,
    )


_PAYLOADS: Mapping[str, Callable[[Mapping[str, object]], Happening]] = {
    "upsertState": _state_changed,
    "assignment": _assigned,
    "unassign": lambda _: Unassigned(),
    "acknowledge": lambda payload: Acknowledged(
        by=fields.user(payload.get("acknowledgedBy"))
    ),
    "close": lambda payload: Closed(by=fields.user(payload.get("closedBy"))),
    "snoozeIndicator": _snoozed,
}
_KNOWN = frozenset(
    {
        "id",
        "incidentEventType",
        "originatorType",
        "operationalEvent",
        "administrativeEvent",
        *_PAYLOADS,
    }
)


def _object(row: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = row.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise fields.MalformedError(f"{name} is not an object")
    return value


_Word = TypeVar("_Word", EventType, OriginatorType, UpsertStateType)


def _word(row: Mapping[str, object], name: str, kind: type[_Word]) -> _Word | str:
    said = fields.word(row, name, {}, kind.UNSPECIFIED)
    try:
        return kind(said)
    except ValueError:
        return said

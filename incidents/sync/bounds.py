"""Bound an incident to what a feed may hold of it."""

import json
from collections.abc import Collection, Iterable
from dataclasses import fields, replace
from typing import TypeVar

from incidents.models import Incident, IncidentId, UserId

LIMIT = 1900
"""Bytes, as JSON in UTF-8: a change holds two, and stays below 4 KB."""

# What takes no part in equality is bounded apart from the rest, in a room of its
# own. If it shared one, a re-trigger that only moves a time could move the point
# at which a description is cut, and look like an edit.
_TIMES = 4 * 36
_BY = 80
_ASSIGNED_BY = 200
_REST = LIMIT - _TIMES - 3 * _BY - _ASSIGNED_BY

_WORD = 66
_NAME = 400
_ASSIGNEES = 500
_DESCRIPTION = 240
"""What labels leave of a description; it takes all that they do not need."""
_LABEL = 200
_MARK = "…"
_T = TypeVar("_T")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def bound(incident: Incident, keep: Collection[UserId] = ()) -> Incident:
    """
    Return *incident* if it is within `LIMIT`, or what matters most of it, cut.

    Assignees are left out whole or not at all, those in *keep* (lower case) last of
    all: an id that was shortened would be somebody else's. What it returns, it
    returns unchanged when asked again.
    """
    bounded = _with_bounded_people(incident)
    if _content(bounded) <= _REST:
        return bounded
    return _cut(bounded, keep)


def size(incident: Incident) -> int:
    """Measure *incident* as JSON in UTF-8, every field by its name; bytes."""
    by = (incident.acknowledged_by, incident.resolved_by, incident.snoozed_by)
    people = sum(_cost(user or "") for user in by)
    return _content(incident) + _TIMES + people + _cost(incident.assigned_by)


def _content(incident: Incident) -> int:
    """Measure the texts that take part in equality, and the names of all fields."""
    return _FRAME + _cost(
        [
            incident.id,
            incident.name,
            incident.severity,
            incident.status,
            incident.state,
            incident.assignees,
            incident.description,
            incident.labels,
        ]
    )


def _cost(value: object) -> int:
    text = _encode(value)
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


_NAMES = (field.name for field in fields(Incident) if field.init)
_FRAME = _cost(dict.fromkeys(_NAMES, 0)) + len("falsefalse")


def _with_bounded_people(incident: Incident) -> Incident:
    pairs = incident.assigned_by
    if pairs and _cost(pairs) > _ASSIGNED_BY:
        pairs = _fitting(pairs, _ASSIGNED_BY)
    acknowledged = _bounded(incident.acknowledged_by)
    resolved = _bounded(incident.resolved_by)
    snoozed = _bounded(incident.snoozed_by)
    if (
        pairs is incident.assigned_by
        and acknowledged is incident.acknowledged_by
        and resolved is incident.resolved_by
        and snoozed is incident.snoozed_by
    ):
        return incident
    return replace(
        incident,
        assigned_by=pairs,
        acknowledged_by=acknowledged,
        resolved_by=resolved,
        snoozed_by=snoozed,
    )


def _bounded(user: UserId | None) -> UserId | None:
    return user if user is None or _cost(user) <= _BY else None


def _cut(incident: Incident, keep: Collection[UserId]) -> Incident:
    bare = replace(
        incident,
        id=IncidentId(_clipped(incident.id, _WORD)),
        name=_clipped(incident.name, _NAME),
        severity=_clipped(incident.severity, _WORD),
        status=_clipped(incident.status, _WORD),
        state=_clipped(incident.state, _WORD),
        assignees=(),
        labels=(),
        description="",
        cut=True,
    )
    room = _REST - _content(bare)
    first = sorted(incident.assignees, key=lambda id_: id_.lower() not in keep)
    assignees = tuple(sorted(_fitting(first, min(_ASSIGNEES, room))))
    room -= _cost(assignees)
    reserved = min(_cost(incident.description), _DESCRIPTION)
    labels = _fitting(_short(incident.labels), room - reserved)
    room -= _cost(labels)
    # The two pairs of quotes and brackets that `bare` paid for already are more
    # than the description's own.
    description = _clipped(incident.description, room)
    return replace(bare, assignees=assignees, labels=labels, description=description)


def _short(labels: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    for key, value in labels:
        if _cost(key) <= _LABEL:
            yield key, _clipped(value, _LABEL)


def _fitting(items: Iterable[_T], room: int) -> tuple[_T, ...]:
    """Take, in order, all of *items* that fit into *room* as a list."""
    taken: list[_T] = []
    room -= 2
    for item in items:
        needed = _cost(item) + 1
        if needed <= room:
            taken.append(item)
            room -= needed
    return tuple(taken)


def _clipped(text: str, room: int) -> str:
    """Shorten *text* so that it takes at most *room* bytes, quotes included."""
    if _cost(text) <= room:
        return text
    low, high = 0, min(len(text), room)
    while low < high:
        middle = (low + high + 1) // 2
        if _cost(text[:middle] + _MARK) <= room:
            low = middle
        else:
            high = middle - 1
    return text[:low] + _MARK if low else ""

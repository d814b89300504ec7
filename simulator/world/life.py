"""Random changes of a world, one at a time, drawn from a seed."""

import random
from collections.abc import Sequence
from typing import Protocol

from simulator.world.generation import severity
from simulator.world.people import Person
from simulator.world.records import TRIGGERED, IncidentRecord

_TRIES = 8
_RECENT = 50
"""The newest closed incidents, of which one may be triggered again."""


class LivingWorld(Protocol):
    """The part of a world that random changes use."""

    target: int
    users: Sequence[Person]

    @property
    def open_ids(self) -> Sequence[str]:
        """The ids of the open incidents."""
        ...

    @property
    def closed_ids(self) -> Sequence[str]:
        """The ids of the closed incidents, in the order of their closing."""
        ...

    def find(self, id_: str) -> IncidentRecord | None:
        """Return the incident *id_*; None if there is none."""
        ...

    def open_incident(self, *, severity: str) -> str:
        """Open an incident; return its id."""
        ...

    def acknowledge(self, id_: str, by: str) -> None:
        """Acknowledge an incident as the person *by*."""
        ...

    def resolve(self, id_: str, by: str | None = None) -> None:
        """Resolve an incident; without *by* the alert engine does."""
        ...

    def assign(self, id_: str, user_id: str, by: str, *, keep: bool = False) -> None:
        """Assign an incident; *keep* the assignees before."""
        ...

    def unassign(self, id_: str, by: str) -> None:
        """Remove all assignees of an incident."""
        ...

    def escalate(self, id_: str, severity: str) -> None:
        """Change the severity of an incident."""
        ...

    def retrigger(self, id_: str) -> None:
        """Trigger an incident again."""
        ...

    def mute(self, id_: str, muted: bool = True) -> None:  # noqa: FBT001, FBT002
        """Mute or unmute an incident."""
        ...


def step(world: LivingWorld, rng: random.Random) -> None:
    """Make one random change; above the target number, more incidents end."""
    count = len(world.open_ids)
    create_people = count / max(world.target, 1)
    weights = {
        _open: 24 if create_people < 1 else 12,
        _resolve: 18 if create_people >= 1 else 9,
        _acknowledge: 16,
        _assign: 18,
        _unassign: 5,
        _escalate: 9,
        _retrigger: 6,
        _mute: 4,
    }
    actions = tuple(weights)
    for _ in range(_TRIES if count else 0):
        action = rng.choices(actions, tuple(weights.values()))[0]
        record = world.find(rng.choice(world.open_ids))
        if record and action(world, rng, record):
            return
    world.open_incident(severity=severity(rng))


def _random_user(world: LivingWorld, rng: random.Random) -> str:
    return rng.choice(world.users).id


def _open(world: LivingWorld, rng: random.Random, record: IncidentRecord) -> bool:
    del record
    world.open_incident(severity=severity(rng))
    return True


def _resolve(world: LivingWorld, rng: random.Random, record: IncidentRecord) -> bool:
    by = None
    if world.users and rng.random() < 0.6:  # noqa: PLR2004  # else by itself
        by = next(iter(record.assignees), None) or _random_user(world, rng)
    world.resolve(record.id, by)
    return True


def _acknowledge(
    world: LivingWorld, rng: random.Random, record: IncidentRecord
) -> bool:
    if record.status != TRIGGERED or not world.users:
        return False
    by = next(iter(record.assignees), None) or _random_user(world, rng)
    world.acknowledge(record.id, by)
    return True


def _assign(world: LivingWorld, rng: random.Random, record: IncidentRecord) -> bool:
    if not world.users:
        return False
    user_id = _random_user(world, rng)
    if user_id in record.assignees:
        return False
    # Three in four take it in place of who had it; the rest help them.
    keep = rng.random() < 0.25  # noqa: PLR2004
    world.assign(record.id, user_id, _random_user(world, rng), keep=keep)
    return True


def _unassign(world: LivingWorld, rng: random.Random, record: IncidentRecord) -> bool:
    if not record.assignments:
        return False
    world.unassign(record.id, _random_user(world, rng))
    return True


def _escalate(world: LivingWorld, rng: random.Random, record: IncidentRecord) -> bool:
    new_severity = severity(rng)
    if record.severity.endswith(new_severity):
        return False
    world.escalate(record.id, new_severity)
    return True


def _retrigger(world: LivingWorld, rng: random.Random, record: IncidentRecord) -> bool:
    closed = world.closed_ids
    if closed and rng.random() < 0.5:  # noqa: PLR2004
        age = rng.randrange(1, min(len(closed), _RECENT) + 1)
        world.retrigger(closed[-age])
    else:
        world.retrigger(record.id)
    return True


def _mute(world: LivingWorld, rng: random.Random, record: IncidentRecord) -> bool:
    del rng
    world.mute(record.id, not record.muted)
    return True

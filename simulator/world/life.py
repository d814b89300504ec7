"""What happens by itself: one change after another, drawn from a seed."""

import random
from collections.abc import Sequence
from typing import Protocol

from simulator.world.generation import severity
from simulator.world.people import Person
from simulator.world.records import TRIGGERED, IncidentRecord

_TRIES = 8
_RECENT = 50
"""Closed incidents of which one may come back."""


class LivingWorld(Protocol):
    """What life needs of a world."""

    target: int
    users: Sequence[Person]

    @property
    def open_ids(self) -> Sequence[str]:
        """The ids of the open incidents."""
        ...

    @property
    def closed_ids(self) -> Sequence[str]:
        """The ids of the closed ones, in the order in which they ended."""
        ...

    def find(self, id_: str) -> IncidentRecord | None:
        """Return an incident."""
        ...

    def open_incident(self, *, severity: str) -> str:
        """Open one."""
        ...

    def acknowledge(self, id_: str, by: str) -> None:
        """Acknowledge one."""
        ...

    def resolve(self, id_: str, by: str | None = None) -> None:
        """Resolve one."""
        ...

    def assign(self, id_: str, user_id: str, by: str, *, keep: bool = False) -> None:
        """Assign one."""
        ...

    def unassign(self, id_: str, by: str) -> None:
        """Assign one to nobody."""
        ...

    def escalate(self, id_: str, severity: str) -> None:
        """Change the severity of one."""
        ...

    def retrigger(self, id_: str) -> None:
        """See one again."""
        ...

    def mute(self, id_: str, muted: bool = True) -> None:  # noqa: FBT001, FBT002
        """Mute one, or end that."""
        ...


def step(world: LivingWorld, chance: random.Random) -> None:
    """Let one thing happen. The fuller the world, the more of it ends."""
    count = len(world.open_ids)
    crowd = count / max(world.target, 1)
    weights = {
        _opens: 24 if crowd < 1 else 12,
        _ends: 18 if crowd >= 1 else 9,
        _acknowledged: 16,
        _assigned: 18,
        _unassigned: 5,
        _escalated: 9,
        _seen_again: 6,
        _muted: 4,
    }
    acts = tuple(weights)
    for _ in range(_TRIES if count else 0):
        act = chance.choices(acts, tuple(weights.values()))[0]
        record = world.find(chance.choice(world.open_ids))
        if record and act(world, chance, record):
            return
    world.open_incident(severity=severity(chance))


def _someone(world: LivingWorld, chance: random.Random) -> str:
    return chance.choice(world.users).id


def _opens(world: LivingWorld, chance: random.Random, record: IncidentRecord) -> bool:
    del record
    world.open_incident(severity=severity(chance))
    return True


def _ends(world: LivingWorld, chance: random.Random, record: IncidentRecord) -> bool:
    by = None
    if world.users and chance.random() < 0.6:  # noqa: PLR2004  # else by itself
        by = next(iter(record.assignees), None) or _someone(world, chance)
    world.resolve(record.id, by)
    return True


def _acknowledged(
    world: LivingWorld, chance: random.Random, record: IncidentRecord
) -> bool:
    if record.status != TRIGGERED or not world.users:
        return False
    by = next(iter(record.assignees), None) or _someone(world, chance)
    world.acknowledge(record.id, by)
    return True


def _assigned(
    world: LivingWorld, chance: random.Random, record: IncidentRecord
) -> bool:
    if not world.users:
        return False
    user = _someone(world, chance)
    if user in record.assignees:
        return False
    # Three in four take it in place of who had it; the rest help them.
    keep = chance.random() < 0.25  # noqa: PLR2004
    world.assign(record.id, user, _someone(world, chance), keep=keep)
    return True


def _unassigned(
    world: LivingWorld, chance: random.Random, record: IncidentRecord
) -> bool:
    if not record.assignments:
        return False
    world.unassign(record.id, _someone(world, chance))
    return True


def _escalated(
    world: LivingWorld, chance: random.Random, record: IncidentRecord
) -> bool:
    word = severity(chance)
    if record.severity.endswith(word):
        return False
    world.escalate(record.id, word)
    return True


def _seen_again(
    world: LivingWorld, chance: random.Random, record: IncidentRecord
) -> bool:
    closed = world.closed_ids
    if closed and chance.random() < 0.5:  # noqa: PLR2004
        back = chance.randrange(1, min(len(closed), _RECENT) + 1)
        world.retrigger(closed[-back])
    else:
        world.retrigger(record.id)
    return True


def _muted(world: LivingWorld, chance: random.Random, record: IncidentRecord) -> bool:
    del chance
    world.mute(record.id, not record.muted)
    return True

"""How incidents come to be: one now, or many with a past."""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from simulator.world.people import Person
from simulator.world.records import ACKNOWLEDGED, IncidentEvent, IncidentRecord
from simulator.world.texts import tell

_SEVERITIES = ("CRITICAL", "ERROR", "WARNING", "INFO", "LOW")
_WEIGHTS = (10, 25, 35, 20, 10)
_PAST = timedelta(days=14)


def severity(chance: random.Random) -> str:
    """Draw a severity, the vendor's word without its prefix."""
    return chance.choices(_SEVERITIES, _WEIGHTS)[0]


def state_key(chance: random.Random) -> str:
    """Draw the payload key of an event that moves the state."""
    return f"{chance.getrandbits(64):016x}"


def event_id(chance: random.Random) -> str:
    """Draw the id of an event."""
    return f"{chance.getrandbits(96):024x}"


def born(
    chance: random.Random,
    now: datetime,
    severity: str,
    *,
    name: str | None = None,
    hostile: bool = False,
) -> IncidentRecord:
    """Make an incident that opens *now*."""
    story = tell(chance, severity, name=name, hostile=hostile)
    key = state_key(chance)
    record = IncidentRecord(
        id=str(UUID(int=chance.getrandbits(128), version=4)),
        name=story.name,
        description=story.description,
        severity=f"INCIDENT_SEVERITY_{severity}",
        application=story.application,
        subsystem=story.subsystem,
        contextual=story.contextual,
        display=story.display,
        meta=story.meta,
        created=now,
        updated=now,
        key=key,
        digits=chance.choice((0, 3, 3, 6, 9)),
    )
    record.happened(record.spoken(event_id(chance), "TRIGGERED"))
    return record


def population(
    count: int,
    chance: random.Random,
    users: Sequence[Person],
    now: datetime,
    hostile: float,
) -> Iterator[IncidentRecord]:
    """Make *count* incidents that opened during the last two weeks, oldest first."""
    ages = sorted((chance.random() for _ in range(count)), reverse=True)
    for age in ages:
        record = born(
            chance,
            now - _PAST * age,
            severity(chance),
            hostile=chance.random() < hostile,
        )
        if users:
            _dealt_with(record, chance, users)
        yield record


def _dealt_with(
    record: IncidentRecord, chance: random.Random, users: Sequence[Person]
) -> None:
    """Give *record* a past: people, and the alert engine once more."""
    luck = chance.random()
    if luck < 0.7:  # noqa: PLR2004  # most have an owner, and some have two
        lead = chance.choice(users).id
        owners = [chance.choice(users).id]
        if luck < 0.05:  # noqa: PLR2004
            owners.append(chance.choice(users).id)
        for owner in dict.fromkeys(owners):
            record.assignments = (*record.assignments, (owner, lead))
            _past(record, chance, "assignment", by=lead, to=owner)
    if luck < 0.4:  # noqa: PLR2004
        record.status = ACKNOWLEDGED
        _past(record, chance, "acknowledge", by=record.assignees[0])
    if chance.random() < 0.06:  # noqa: PLR2004
        record.muted = True
        record.happened(record.spoken(event_id(chance), "TRIGGERED"))


def _past(
    record: IncidentRecord, chance: random.Random, kind: str, *, by: str, to: str = ""
) -> None:
    record.happened(
        IncidentEvent(id=event_id(chance), at=record.created, kind=kind, by=by, to=to)
    )

"""Create incidents: a new one, or the initial ones with a history."""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from simulator.world.people import Person
from simulator.world.records import ACKNOWLEDGED, IncidentEvent, IncidentRecord
from simulator.world.texts import write_story

_SEVERITIES = ("CRITICAL", "ERROR", "WARNING", "INFO", "LOW")
_WEIGHTS = (10, 25, 35, 20, 10)
_HISTORY = timedelta(days=14)


def severity(rng: random.Random) -> str:
    """Draw a severity: the vendor's word without its prefix."""
    return rng.choices(_SEVERITIES, _WEIGHTS)[0]


def state_key(rng: random.Random) -> str:
    """Draw the payload key of an event that moves the state."""
    return f"{rng.getrandbits(64):016x}"


def event_id(rng: random.Random) -> str:
    """Draw the id of an event."""
    return f"{rng.getrandbits(96):024x}"


def new_incident(
    rng: random.Random,
    now: datetime,
    severity: str,
    *,
    name: str | None = None,
    hostile: bool = False,
) -> IncidentRecord:
    """Create an incident that opens *now*."""
    story = write_story(rng, severity, name=name, hostile=hostile)
    key = state_key(rng)
    record = IncidentRecord(
        id=str(UUID(int=rng.getrandbits(128), version=4)),
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
        digits=rng.choice((0, 3, 3, 6, 9)),
    )
    record.add_event(record.engine_event(event_id(rng), "TRIGGERED"))
    return record


def initial_incidents(
    count: int,
    rng: random.Random,
    users: Sequence[Person],
    now: datetime,
    hostile: float,
) -> Iterator[IncidentRecord]:
    """Create *count* incidents opened during the last two weeks, oldest first."""
    ages = sorted((rng.random() for _ in range(count)), reverse=True)
    for age in ages:
        record = new_incident(
            rng,
            now - _HISTORY * age,
            severity(rng),
            hostile=rng.random() < hostile,
        )
        if users:
            _add_history(record, rng, users)
        yield record


def _add_history(
    record: IncidentRecord, rng: random.Random, users: Sequence[Person]
) -> None:
    """Add assignments, an acknowledgement or a mute to *record*, at random."""
    share = rng.random()
    if share < 0.7:  # noqa: PLR2004  # most have an owner, and some have two
        lead = rng.choice(users).id
        owners = [rng.choice(users).id]
        if share < 0.05:  # noqa: PLR2004
            owners.append(rng.choice(users).id)
        for owner in dict.fromkeys(owners):
            record.assignments = (*record.assignments, (owner, lead))
            _add_past_event(record, rng, "assignment", by=lead, to=owner)
    if share < 0.4:  # noqa: PLR2004
        record.status = ACKNOWLEDGED
        _add_past_event(record, rng, "acknowledge", by=record.assignees[0])
    if rng.random() < 0.06:  # noqa: PLR2004
        record.muted = True
        record.add_event(record.engine_event(event_id(rng), "TRIGGERED"))


def _add_past_event(
    record: IncidentRecord, rng: random.Random, kind: str, *, by: str, to: str = ""
) -> None:
    record.add_event(
        IncidentEvent(id=event_id(rng), at=record.created, kind=kind, by=by, to=to)
    )

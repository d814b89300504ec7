"""A world of incidents that live, and the truth about it."""

import random
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from threading import RLock

from simulator.world import life
from simulator.world.generation import born, event_id, population, state_key
from simulator.world.people import TEAM_KEY, Person, crowd
from simulator.world.records import (
    ACKNOWLEDGED,
    RESOLVED,
    STATE_RESOLVED,
    STATE_TRIGGERED,
    TRIGGERED,
    IncidentEvent,
    IncidentRecord,
    Logged,
)
from simulator.world.store import RecordStore

__all__ = ["TEAM_KEY", "IncidentRecord", "Person", "World"]

BEGINNING = datetime(2026, 1, 5, 9, tzinfo=UTC)
KEPT_EVENTS = 10_000
LONGEST_SNOOZE = 525_960
"""Minutes: a year, the most that the vendor's document allows."""


class World:
    """
    Incidents and the people who deal with them. Safe for several threads.

    Two worlds with the same arguments, advanced to the same moments, are the
    same: nothing in it comes from a clock or from chance that was not seeded.
    """

    def __init__(  # noqa: PLR0913  # one knob each, all with a default
        self,
        seed: int = 1,
        users: int = 5,
        open: int = 10,  # noqa: A002  # as on the command line
        rate: float = 0.0,
        now: datetime = BEGINNING,
        *,
        hostile: float = 0.0,
        uuid_share: float = 0.0,
    ) -> None:
        """
        Make *users* people and *open* open incidents.

        *rate* changes happen each minute as `advance` lets time pass, and about
        *open* stay open. A share *hostile* of the texts attacks who shows them.
        """
        self.lock = RLock()
        self.now = now
        self.rate = rate
        self.hostile = hostile
        self.target = open
        self.users: Sequence[Person] = crowd(
            users, random.Random(f"{seed}:people"), uuid_share
        )
        self.births = random.Random(f"{seed}:births")
        self._life = random.Random(f"{seed}:life")
        self._next: datetime | None = None
        self._shelf = RecordStore()
        self.log: deque[Logged] = deque(maxlen=KEPT_EVENTS)
        for record in population(open, self.births, self.users, now, hostile):
            self._add(record)

    def advance(self, now: datetime) -> None:
        """Let everything happen that happens until *now*; never goes back."""
        with self.lock:
            if self.rate > 0:
                pause = timedelta(minutes=1 / self.rate)
                due = self._next or self.now + pause
                while due <= now:
                    self.now = max(self.now, due)
                    life.step(self, self._life)
                    due += pause
                self._next = due
            self.now = max(self.now, now)

    def live(self, changes: int) -> None:
        """Let so many *changes* happen right now."""
        with self.lock:
            for _ in range(changes):
                life.step(self, self._life)

    def open_incident(
        self,
        *,
        severity: str = "critical",
        name: str | None = None,
        assignees: Sequence[str] = (),
    ) -> str:
        """Open an incident now, as the alert engine does; return its id."""
        with self.lock:
            hostile = self.births.random() < self.hostile
            record = born(
                self.births, self.now, severity.upper(), name=name, hostile=hostile
            )
            self._add(record)
            for user in assignees:
                self.assign(record.id, user, by=user, keep=True)
            return record.id

    def acknowledge(self, id_: str, by: str) -> None:
        """Acknowledge an open incident; one that is resolved stays so."""
        with self.lock:
            record = self._shelf.records[id_]
            if record.status == TRIGGERED:
                record.status = ACKNOWLEDGED
                self._did(record, "acknowledge", by)

    def resolve(self, id_: str, by: str | None = None) -> None:
        """Resolve it: a person does, or without *by* the alert engine."""
        with self.lock:
            record = self._shelf.records[id_]
            if not record.is_open:
                return
            record.status = RESOLVED
            record.closed = self.now
            if by is None:
                record.state = STATE_RESOLVED
                self._spoke(record, "RESOLVED")
            else:
                self._did(record, "close", by)
            self._shelf.close(id_)

    def snooze(self, id_: str, by: str, minutes: int) -> None:
        """Let an open one rest from now on, as a person does in the browser."""
        if not 1 <= minutes <= LONGEST_SNOOZE:
            raise ValueError(f"minutes must be within 1 and {LONGEST_SNOOZE}")
        with self.lock:
            record = self._shelf.records[id_]
            if record.is_open:
                self._did(record, "snoozeIndicator", by, minutes=minutes)

    def assign(self, id_: str, user_id: str, by: str, *, keep: bool = False) -> None:
        """Assign it to *user_id*, in place of those before, or beside: *keep*."""
        with self.lock:
            record = self._shelf.records[id_]
            if user_id in record.assignees and len(record.assignments) == 1:
                return
            others = tuple(a for a in record.assignments if keep and a[0] != user_id)
            record.assignments = (*others, (user_id, by))
            self._did(record, "assignment", by, to=user_id)

    def unassign(self, id_: str, by: str) -> None:
        """Assign it to nobody."""
        with self.lock:
            record = self._shelf.records[id_]
            if record.assignments:
                record.assignments = ()
                self._did(record, "unassign", by)

    def escalate(self, id_: str, severity: str) -> None:
        """Let the alert engine change its severity, up or down."""
        with self.lock:
            record = self._shelf.records[id_]
            record.severity = f"INCIDENT_SEVERITY_{severity.upper()}"
            self._spoke(record, "TRIGGERED" if record.is_open else "RESOLVED")

    def retrigger(self, id_: str) -> None:
        """Let the alert engine see it again: moves its time, reopens a closed one."""
        with self.lock:
            record = self._shelf.records[id_]
            if not record.is_open:
                record.status = TRIGGERED
                record.closed = None
                self._shelf.reopen(id_)
            record.state = STATE_TRIGGERED
            self._spoke(record, "TRIGGERED")

    def mute(self, id_: str, muted: bool = True) -> None:  # noqa: FBT001, FBT002  # as said aloud
        """Mute it, or end that."""
        with self.lock:
            record = self._shelf.records[id_]
            if record.muted != muted:
                record.muted = muted
                self._spoke(record, "TRIGGERED" if record.is_open else "RESOLVED")

    @property
    def open_ids(self) -> Sequence[str]:
        """The ids of the open incidents, in no order that means anything."""
        return self._shelf.open.ids

    @property
    def closed_ids(self) -> Sequence[str]:
        """The ids of the closed incidents, in the order in which they ended."""
        return self._shelf.closed

    def find(self, id_: str) -> IncidentRecord | None:
        """Return the incident *id_*, open or closed; None if there is none."""
        return self._shelf.records.get(id_)

    def records(self) -> Iterator[IncidentRecord]:
        """Give every incident. Hold the lock meanwhile."""
        return iter(self._shelf.records.values())

    def _add(self, record: IncidentRecord) -> None:
        self._shelf.add(record)
        for event in record.events:
            self.log.append(Logged(event=event, incident=record.id))

    def _spoke(self, record: IncidentRecord, state: str) -> None:
        """Note that the alert engine said something."""
        record.updated = self.now
        record.key = state_key(self.births)
        self._note(record, record.spoken(event_id(self.births), state))

    def _did(
        self,
        record: IncidentRecord,
        kind: str,
        by: str,
        *,
        to: str = "",
        minutes: int = 0,
    ) -> None:
        """Note that a person did something."""
        id_ = event_id(self.births)
        event = IncidentEvent(
            id=id_, at=self.now, kind=kind, by=by, to=to, minutes=minutes
        )
        self._note(record, event)

    def _note(self, record: IncidentRecord, event: IncidentEvent) -> None:
        record.happened(event)
        self.log.append(Logged(event=event, incident=record.id))

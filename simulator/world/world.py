"""The simulated incidents and users, and every way to change them."""

import random
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from threading import RLock

from simulator.world import life
from simulator.world.generation import (
    event_id,
    initial_incidents,
    new_incident,
    state_key,
)
from simulator.world.people import TEAM_KEY, Person, create_people
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
MAX_LOG_EVENTS = 10_000
LONGEST_SNOOZE = 525_960
"""Minutes: a year, the most that the vendor's document allows."""


class World:
    """
    Incidents and users. Safe for several threads.

    Two worlds with the same arguments, advanced to the same times, are equal:
    the content depends on no clock and on no random source without a seed.
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
        Create *users* users and *open* open incidents.

        `advance` makes *rate* random changes a minute; the number of open incidents
        stays near *open*. A share *hostile* of new incidents has hostile texts.
        """
        self.lock = RLock()
        self.now = now
        self.rate = rate
        self.hostile = hostile
        self.target = open
        self.users: Sequence[Person] = create_people(
            users, random.Random(f"{seed}:people"), uuid_share
        )
        self.random = random.Random(f"{seed}:births")
        self._life = random.Random(f"{seed}:life")
        self._next: datetime | None = None
        self._store = RecordStore()
        self.log: deque[Logged] = deque(maxlen=MAX_LOG_EVENTS)
        for record in initial_incidents(open, self.random, self.users, now, hostile):
            self._add(record)

    def advance(self, now: datetime) -> None:
        """Move the time to *now* and make the changes due; never moves it back."""
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
        """Make that many random changes now."""
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
        """Open an incident now as the alert engine; return its id."""
        with self.lock:
            hostile = self.random.random() < self.hostile
            record = new_incident(
                self.random, self.now, severity.upper(), name=name, hostile=hostile
            )
            self._add(record)
            for user in assignees:
                self.assign(record.id, user, by=user, keep=True)
            return record.id

    def acknowledge(self, id_: str, by: str) -> None:
        """Acknowledge a triggered incident; no change to any other."""
        with self.lock:
            record = self._store.records[id_]
            if record.status == TRIGGERED:
                record.status = ACKNOWLEDGED
                self._record_action(record, "acknowledge", by)

    def resolve(self, id_: str, by: str | None = None) -> None:
        """Resolve an incident as the person *by*, or as the alert engine."""
        with self.lock:
            record = self._store.records[id_]
            if not record.is_open:
                return
            record.status = RESOLVED
            record.closed = self.now
            if by is None:
                record.state = STATE_RESOLVED
                self._record_engine_event(record, "RESOLVED")
            else:
                self._record_action(record, "close", by)
            self._store.close(id_)

    def snooze(self, id_: str, by: str, minutes: int) -> None:
        """Snooze an open incident from now on, as a person does in the browser."""
        if not 1 <= minutes <= LONGEST_SNOOZE:
            raise ValueError(f"minutes must be within 1 and {LONGEST_SNOOZE}")
        with self.lock:
            record = self._store.records[id_]
            if record.is_open:
                self._record_action(record, "snoozeIndicator", by, minutes=minutes)

    def assign(self, id_: str, user_id: str, by: str, *, keep: bool = False) -> None:
        """Assign an incident to *user_id*; with *keep* the other assignees stay."""
        with self.lock:
            record = self._store.records[id_]
            if user_id in record.assignees and len(record.assignments) == 1:
                return
            others = tuple(a for a in record.assignments if keep and a[0] != user_id)
            record.assignments = (*others, (user_id, by))
            self._record_action(record, "assignment", by, to=user_id)

    def unassign(self, id_: str, by: str) -> None:
        """Remove all assignees of an incident."""
        with self.lock:
            record = self._store.records[id_]
            if record.assignments:
                record.assignments = ()
                self._record_action(record, "unassign", by)

    def escalate(self, id_: str, severity: str) -> None:
        """Change the severity of an incident as the alert engine."""
        with self.lock:
            record = self._store.records[id_]
            record.severity = f"INCIDENT_SEVERITY_{severity.upper()}"
            self._record_engine_event(
                record, "TRIGGERED" if record.is_open else "RESOLVED"
            )

    def retrigger(self, id_: str) -> None:
        """Trigger an incident again: updates its time, reopens a closed one."""
        with self.lock:
            record = self._store.records[id_]
            if not record.is_open:
                record.status = TRIGGERED
                record.closed = None
                self._store.reopen(id_)
            record.state = STATE_TRIGGERED
            self._record_engine_event(record, "TRIGGERED")

    def mute(self, id_: str, muted: bool = True) -> None:  # noqa: FBT001, FBT002
        """Mute or unmute an incident."""
        with self.lock:
            record = self._store.records[id_]
            if record.muted != muted:
                record.muted = muted
                self._record_engine_event(
                    record, "TRIGGERED" if record.is_open else "RESOLVED"
                )

    @property
    def open_ids(self) -> Sequence[str]:
        """The ids of the open incidents, in no particular order."""
        return self._store.open.ids

    @property
    def closed_ids(self) -> Sequence[str]:
        """The ids of the closed incidents, in the order of their closing."""
        return self._store.closed

    def find(self, id_: str) -> IncidentRecord | None:
        """Return the incident *id_*, open or closed; None if there is none."""
        return self._store.records.get(id_)

    def records(self) -> Iterator[IncidentRecord]:
        """Iterate over all incidents; the caller must hold the lock."""
        return iter(self._store.records.values())

    def _add(self, record: IncidentRecord) -> None:
        self._store.add(record)
        for event in record.events:
            self.log.append(Logged(event=event, incident=record.id))

    def _record_engine_event(self, record: IncidentRecord, state: str) -> None:
        """Add an event of the alert engine with the present state."""
        record.updated = self.now
        record.key = state_key(self.random)
        self._record(record, record.engine_event(event_id(self.random), state))

    def _record_action(
        self,
        record: IncidentRecord,
        kind: str,
        by: str,
        *,
        to: str = "",
        minutes: int = 0,
    ) -> None:
        """Add an event of a person."""
        id_ = event_id(self.random)
        event = IncidentEvent(
            id=id_, at=self.now, kind=kind, by=by, to=to, minutes=minutes
        )
        self._record(record, event)

    def _record(self, record: IncidentRecord, event: IncidentEvent) -> None:
        record.add_event(event)
        self.log.append(Logged(event=event, incident=record.id))

"""A world of incidents that live, and the truth about it."""

import random
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from threading import RLock

from simulator import life
from simulator.births import born, population
from simulator.openset import OpenSet
from simulator.people import TEAM_KEY, User, crowd
from simulator.records import (
    ACKNOWLEDGED,
    RESOLVED,
    STATE_RESOLVED,
    STATE_TRIGGERED,
    TRIGGERED,
    Event,
    Logged,
    Record,
)
from simulator.wire import Json, incident

__all__ = ["TEAM_KEY", "Record", "User", "World"]

BEGINNING = datetime(2026, 1, 5, 9, tzinfo=UTC)
KEPT_CLOSED = 20_000
"""Closed incidents that the world remembers; older ones never were."""
KEPT_EVENTS = 10_000


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
        self.users: Sequence[User] = crowd(
            users, random.Random(f"{seed}:people"), uuid_share
        )
        self.births = random.Random(f"{seed}:births")
        self._life = random.Random(f"{seed}:life")
        self._next: datetime | None = None
        self._records: dict[str, Record] = {}
        self._open = OpenSet()
        self._closed: deque[str] = deque()
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
            record = self._records[id_]
            if record.status == TRIGGERED:
                record.status = ACKNOWLEDGED
                self._happened(record, "acknowledge", by=by)

    def resolve(self, id_: str, by: str | None = None) -> None:
        """Resolve it: a person does, or without *by* the alert engine."""
        with self.lock:
            record = self._records[id_]
            if not record.is_open:
                return
            record.status = RESOLVED
            record.closed = self.now
            if by is None:
                record.state = STATE_RESOLVED
                self._spoke(record, "RESOLVED")
            else:
                self._happened(record, "close", by=by)
            self._open.remove(id_)
            self._closed.append(id_)
            while len(self._closed) > KEPT_CLOSED:
                oldest = self._closed.popleft()
                if oldest not in self._open:
                    self._records.pop(oldest, None)

    def assign(self, id_: str, user_id: str, by: str, *, keep: bool = False) -> None:
        """Assign it to *user_id*, in place of those before, or beside: *keep*."""
        with self.lock:
            record = self._records[id_]
            if user_id in record.assignees and len(record.assignments) == 1:
                return
            others = tuple(a for a in record.assignments if keep and a[0] != user_id)
            record.assignments = (*others, (user_id, by))
            self._happened(record, "assignment", by=by, to=user_id)

    def unassign(self, id_: str, by: str) -> None:
        """Assign it to nobody."""
        with self.lock:
            record = self._records[id_]
            if record.assignments:
                record.assignments = ()
                self._happened(record, "unassign", by=by)

    def escalate(self, id_: str, severity: str) -> None:
        """Let the alert engine change its severity, up or down."""
        with self.lock:
            record = self._records[id_]
            record.severity = f"INCIDENT_SEVERITY_{severity.upper()}"
            self._spoke(record, "TRIGGERED" if record.is_open else "RESOLVED")

    def retrigger(self, id_: str) -> None:
        """Let the alert engine see it again: moves its time, reopens a closed one."""
        with self.lock:
            record = self._records[id_]
            if not record.is_open:
                record.status = TRIGGERED
                record.closed = None
                self._closed.remove(id_)
                self._open.add(id_)
            record.state = STATE_TRIGGERED
            self._spoke(record, "TRIGGERED")

    def mute(self, id_: str, muted: bool = True) -> None:  # noqa: FBT001, FBT002  # as said aloud
        """Mute it, or end that."""
        with self.lock:
            record = self._records[id_]
            if record.muted != muted:
                record.muted = muted
                self._spoke(record, "TRIGGERED" if record.is_open else "RESOLVED")

    @property
    def open_ids(self) -> Sequence[str]:
        """The ids of the open incidents, in no order that means anything."""
        return self._open.ids

    @property
    def closed_ids(self) -> Sequence[str]:
        """The ids of the closed incidents, in the order in which they ended."""
        return self._closed

    def find(self, id_: str) -> Record | None:
        """Return the incident *id_*, open or closed; None if there is none."""
        return self._records.get(id_)

    def records(self) -> Iterator[Record]:
        """Give every incident. Hold the lock meanwhile."""
        return iter(self._records.values())

    def truth(self) -> dict[str, Json]:
        """Tell all there is, the closed incidents too, in the API's own form."""
        with self.lock:
            return {
                "now": self.now.isoformat(),
                "team_key": TEAM_KEY,
                "users": [user.told() for user in self.users],
                "incidents": [incident(record) for record in self.records()],
            }

    def _add(self, record: Record) -> None:
        self._records[record.id] = record
        self._open.add(record.id)
        for event in record.events:
            self.log.append(Logged(event=event, incident=record.id))

    def _spoke(self, record: Record, state: str) -> None:
        """Note that the alert engine said something."""
        record.updated = self.now
        record.key = f"{self.births.getrandbits(64):016x}"
        self._happened(
            record, "upsertState", state=state, key=record.key, muted=record.muted
        )

    def _happened(  # noqa: PLR0913  # the fields of an event
        self,
        record: Record,
        kind: str,
        *,
        by: str = "",
        to: str = "",
        state: str = "",
        key: str = "",
        muted: bool = False,
    ) -> None:
        event = Event(
            id=f"{self.births.getrandbits(96):024x}",
            at=self.now,
            kind=kind,
            by=by,
            to=to,
            state=state,
            key=key,
            muted=muted,
        )
        record.happened(event)
        self.log.append(Logged(event=event, incident=record.id))

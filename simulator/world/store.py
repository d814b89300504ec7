"""Where incidents are kept: all of them, the open ones, and how the others ended."""

from collections import deque
from dataclasses import dataclass, field

from simulator.world.openset import OpenSet
from simulator.world.records import IncidentRecord

KEPT_CLOSED = 20_000
"""Closed incidents that are remembered; older ones never were."""


@dataclass(frozen=True, slots=True)
class RecordStore:
    """Incidents by id. Each is either open or closed."""

    records: dict[str, IncidentRecord] = field(default_factory=dict)
    open: OpenSet = field(default_factory=OpenSet)
    closed: deque[str] = field(default_factory=deque)
    """In the order in which they ended."""

    def add(self, record: IncidentRecord) -> None:
        """Take in an open incident."""
        self.records[record.id] = record
        self.open.add(record.id)

    def close(self, id_: str) -> None:
        """Move an open incident to the closed ones; the oldest may be forgotten."""
        self.open.remove(id_)
        self.closed.append(id_)
        if len(self.closed) > KEPT_CLOSED:
            del self.records[self.closed.popleft()]

    def reopen(self, id_: str) -> None:
        """Move a closed incident back to the open ones."""
        self.closed.remove(id_)
        self.open.add(id_)

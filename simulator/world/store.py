"""The incidents of a world by id, and which are open."""

from collections import deque
from dataclasses import dataclass, field

from simulator.world.records import IncidentRecord

MAX_CLOSED = 20_000
"""Closed incidents in the store; a further one removes the oldest."""


@dataclass(frozen=True, slots=True)
class OpenSet:
    """
    A set of ids as a list, so that a random draw takes constant time.

    The order depends on the calls alone: draws stay the same for a seed.
    """

    ids: list[str] = field(default_factory=list)
    _positions: dict[str, int] = field(default_factory=dict)

    def add(self, id_: str) -> None:
        """Add *id_*, which must not be in the set."""
        self._positions[id_] = len(self.ids)
        self.ids.append(id_)

    def remove(self, id_: str) -> None:
        """Remove *id_*; the last id moves to its position. Raises KeyError."""
        position = self._positions.pop(id_)
        last = self.ids.pop()
        if last != id_:
            self.ids[position] = last
            self._positions[last] = position


@dataclass(frozen=True, slots=True)
class RecordStore:
    """Incidents by id; each is either open or closed."""

    records: dict[str, IncidentRecord] = field(default_factory=dict)
    open: OpenSet = field(default_factory=OpenSet)
    closed: deque[str] = field(default_factory=deque)
    """Ids in the order in which the incidents were closed."""

    def add(self, record: IncidentRecord) -> None:
        """Add an open incident."""
        self.records[record.id] = record
        self.open.add(record.id)

    def close(self, id_: str) -> None:
        """Move an open incident to the closed ones; may remove the oldest of those."""
        self.open.remove(id_)
        self.closed.append(id_)
        if len(self.closed) > MAX_CLOSED:
            del self.records[self.closed.popleft()]

    def reopen(self, id_: str) -> None:
        """Move a closed incident back to the open ones."""
        self.closed.remove(id_)
        self.open.add(id_)

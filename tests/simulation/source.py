"""A source that pages badly, fails, and lies by omission."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from random import Random

from incidents.errors import SourceUnavailableError
from incidents.models import Incident, IncidentId, Quarantined, UserId
from incidents.ports import Listing, Lookup
from tests.simulation.world import World


class Mood(Enum):
    """How one listing goes wrong, if it does."""

    HONEST = auto()
    PAGED = auto()
    """Two pages, between which the world moves on."""
    SHORT = auto()
    """Fewer rows than it counts."""
    OMITTING = auto()
    """Fewer rows, and a count to match."""
    EMPTY = auto()
    """Nothing, and a count of nothing."""
    UNREADABLE = auto()
    """One row is not understood."""
    DOWN = auto()


@dataclass(slots=True)
class ListingSource:
    """What one sync sees of the world."""

    world: World
    gate: Callable[[], None]
    chance: Random
    troubled: bool
    """Whether anything but honesty happens."""
    whole: bool = True
    """Whether every listing so far claimed to be complete."""

    def list_open(self, assignees: Collection[UserId] | None) -> Listing:
        """List what is open, in the mood of the moment."""
        self.gate()
        mood = self._mood()
        if mood is Mood.DOWN:
            raise SourceUnavailableError("Coralogix does not answer.")
        rows = self.world.listed(assignees)
        total = len(rows)
        unread: tuple[Quarantined, ...] = ()
        if mood is Mood.PAGED and rows:
            half = self.chance.randrange(len(rows))
            self.gate()
            later = self.world.listed(assignees)
            rows, total = rows[:half] + later[half:], len(later)
        elif mood is Mood.EMPTY:
            rows, total = [], 0
        elif mood in (Mood.SHORT, Mood.OMITTING):
            rows = [row for row in rows if self.chance.random() < 0.6]
            total = len(rows) if mood is Mood.OMITTING else total
        elif mood is Mood.UNREADABLE and rows:
            lost = rows.pop(self.chance.randrange(len(rows)))
            unread = (Quarantined(id=lost.id, reason="no name"),)
        incidents = {row.id: row for row in rows}
        complete = len(incidents) + len(unread) == total
        self.whole = self.whole and complete
        return Listing(
            incidents=incidents,
            quarantined=unread,
            complete=complete,
            total=total,
            calls=1,
            problem="" if complete else "Some incidents were not listed.",
        )

    def list_ended(self, after: datetime, until: datetime) -> Listing:
        """List what opened between the two and has ended."""
        self.gate()
        if self._trouble(0.05):
            raise SourceUnavailableError("Coralogix does not answer.")
        ended = {
            id_: one
            for id_, one in self.world.incidents.items()
            if not one.is_open and after <= one.opened_at <= until
        }
        return Listing(incidents=ended, complete=True, total=len(ended), calls=1)

    def look_up(self, ids: Collection[IncidentId]) -> Lookup:
        """Tell what became of *ids*, or of some of them."""
        self.gate()
        if self._trouble(0.1):
            raise SourceUnavailableError("Coralogix does not answer.")
        if self._trouble(0.15):
            ids = [id_ for id_ in ids if self.chance.random() < 0.6]
        found: dict[IncidentId, Incident] = {
            id_: self.world.incidents[id_] for id_ in ids if id_ in self.world.incidents
        }
        missing = frozenset(id_ for id_ in ids if id_ not in found)
        return Lookup(found=found, missing=missing, calls=1)

    def _mood(self) -> Mood:
        if not self._trouble(0.4):
            return Mood.HONEST
        return self.chance.choice(list(Mood))

    def _trouble(self, likely: float) -> bool:
        return self.troubled and self.chance.random() < likely

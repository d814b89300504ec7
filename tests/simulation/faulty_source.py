"""A source whose listings fail, are incomplete or change between pages."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from random import Random

from incidents.errors import SourceUnavailableError
from incidents.models import Incident, IncidentId, Quarantined, UserId
from incidents.ports import Listing, Lookup
from tests.simulation.world import World


class ListingFault(Enum):
    """The fault of one listing."""

    HONEST = auto()
    PAGED = auto()
    """Two pages, between which the world changes."""
    SHORT = auto()
    """Fewer rows than the total says."""
    OMITTING = auto()
    """Fewer rows, with a total to match."""
    EMPTY = auto()
    """No rows, and a total of 0."""
    UNREADABLE = auto()
    """One row cannot be read."""
    DOWN = auto()


@dataclass(slots=True)
class ListingSource:
    """The source of one sync."""

    world: World
    gate: Callable[[], None]
    rng: Random
    has_faults: bool
    """Whether requests can have faults."""
    complete_so_far: bool = True
    """Whether every listing so far said that it was complete."""

    def list_open(self, assignees: Collection[UserId] | None) -> Listing:
        """List the open incidents, with a random fault."""
        self.gate()
        fault = self._draw_fault()
        if fault is ListingFault.DOWN:
            raise SourceUnavailableError("Coralogix does not answer.")
        rows = self.world.listed(assignees)
        total = len(rows)
        quarantined: tuple[Quarantined, ...] = ()
        if fault is ListingFault.PAGED and rows:
            half = self.rng.randrange(len(rows))
            self.gate()
            later = self.world.listed(assignees)
            rows, total = rows[:half] + later[half:], len(later)
        elif fault is ListingFault.EMPTY:
            rows, total = [], 0
        elif fault in (ListingFault.SHORT, ListingFault.OMITTING):
            rows = [row for row in rows if self.rng.random() < 0.6]
            total = len(rows) if fault is ListingFault.OMITTING else total
        elif fault is ListingFault.UNREADABLE and rows:
            row = rows.pop(self.rng.randrange(len(rows)))
            quarantined = (Quarantined(id=row.id, reason="no name"),)
        incidents = {row.id: row for row in rows}
        complete = len(incidents) + len(quarantined) == total
        self.complete_so_far = self.complete_so_far and complete
        return Listing(
            incidents=incidents,
            quarantined=quarantined,
            complete=complete,
            total=total,
            calls=1,
            problem="" if complete else "Some incidents were not listed.",
        )

    def list_ended(self, after: datetime, until: datetime) -> Listing:
        """List the ended incidents that opened between *after* and *until*."""
        self.gate()
        if self._fails(0.05):
            raise SourceUnavailableError("Coralogix does not answer.")
        incidents = {
            id_: incident
            for id_, incident in self.world.incidents.items()
            if not incident.is_open and after <= incident.opened_at <= until
        }
        return Listing(
            incidents=incidents, complete=True, total=len(incidents), calls=1
        )

    def look_up(self, ids: Collection[IncidentId]) -> Lookup:
        """Look up *ids*; at random only a part of them."""
        self.gate()
        if self._fails(0.1):
            raise SourceUnavailableError("Coralogix does not answer.")
        if self._fails(0.15):
            ids = [id_ for id_ in ids if self.rng.random() < 0.6]
        incidents: dict[IncidentId, Incident] = {
            id_: self.world.incidents[id_] for id_ in ids if id_ in self.world.incidents
        }
        missing = frozenset(id_ for id_ in ids if id_ not in incidents)
        return Lookup(incidents=incidents, missing=missing, calls=1)

    def _draw_fault(self) -> ListingFault:
        if not self._fails(0.4):
            return ListingFault.HONEST
        return self.rng.choice(list(ListingFault))

    def _fails(self, probability: float) -> bool:
        return self.has_faults and self.rng.random() < probability

"""The true incidents with every version they had, changed at random."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random

from incidents.models import Incident, IncidentId, UserId

PEOPLE = tuple(
    map(UserId, ("alice@x.io", "A-1", "Bob@x.io", "carol@x.io", "ghost@x.io"))
)
SEVERITIES = ("critical", "error", "warning", "info", "low", "no_data")


@dataclass(slots=True)
class World:
    """Incidents, and the history of their versions by step."""

    rng: Random
    step: int = 0
    """Counts the changes: the order of events in one number."""
    incidents: dict[IncidentId, Incident] = field(default_factory=dict)
    history: dict[IncidentId, list[tuple[int, Incident | None]]] = field(
        default_factory=dict
    )

    def change(self, now: datetime) -> None:
        """Make one random change to one incident."""
        if len(self.incidents) < 2 or self.rng.random() < 0.2:
            self._open(now)
            return
        id_ = self.rng.choice(list(self.incidents))
        before = self.incidents[id_]
        kind = self.rng.randrange(8)
        if kind == 0 and self.rng.random() < 0.3:
            self._set(id_, None)
        elif not before.is_open and kind > 2:
            # It is triggered again, or somebody resolved it by mistake.
            self._set(id_, replace(before, status="triggered", updated_at=now))
        elif kind < 3:
            self._set(id_, replace(before, status="resolved", closed_at=now))
        elif kind == 3:
            self._set(id_, replace(before, status="acknowledged"))
        elif kind == 4:
            self._set(id_, replace(before, severity=self.rng.choice(SEVERITIES)))
        elif kind == 5:
            self._set(id_, replace(before, muted=not before.muted))
        else:
            self._set(id_, replace(before, assignees=self._draw_people()))

    def open(self, now: datetime, assignees: tuple[UserId, ...]) -> IncidentId:
        """Open an incident."""
        id_ = IncidentId(f"i{len(self.history)}")
        incident = Incident(
            id=id_,
            name=id_,
            severity=self.rng.choice(SEVERITIES),
            status="triggered",
            assignees=assignees,
            opened_at=now,
            updated_at=now,
        )
        self._set(id_, incident)
        return id_

    def listed(self, assignees: Collection[UserId] | None) -> list[Incident]:
        """Return the open incidents, all or those of *assignees*; newest first."""
        ids = None if assignees is None else {id_.lower() for id_ in assignees}
        return [
            incident
            for incident in reversed(self.incidents.values())
            if incident.is_open
            and (ids is None or any(a.lower() in ids for a in incident.assignees))
        ]

    def was_true(self, id_: IncidentId, version: Incident | None, since: int) -> bool:
        """Whether *id_* was in *version* at any step from *since* on."""
        until = self.step + 1
        for began, version_then in reversed(self.history.get(id_, [])):
            if until <= since:
                return False
            if version_then == version:
                return True
            until = began
        return False

    def _open(self, now: datetime) -> None:
        self.open(now, self._draw_people())

    def _draw_people(self) -> tuple[UserId, ...]:
        count = self.rng.choice((0, 1, 1, 2))
        return tuple(sorted(self.rng.sample(PEOPLE, count)))

    def _set(self, id_: IncidentId, version: Incident | None) -> None:
        self.step += 1
        self.history.setdefault(id_, []).append((self.step, version))
        if version is None:
            del self.incidents[id_]
        else:
            self.incidents[id_] = version

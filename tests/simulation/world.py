"""What is true, ever was, and since when; and the people who change it."""

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
    """Incidents, every version they ever had, and the step of each."""

    chance: Random
    step: int = 0
    """Counts everything that happens, so that "before" has one meaning."""
    incidents: dict[IncidentId, Incident] = field(default_factory=dict)
    history: dict[IncidentId, list[tuple[int, Incident | None]]] = field(
        default_factory=dict
    )

    def move(self, now: datetime) -> None:
        """Let one thing happen to one incident."""
        if len(self.incidents) < 2 or self.chance.random() < 0.2:
            self._open(now)
            return
        id_ = self.chance.choice(list(self.incidents))
        was = self.incidents[id_]
        what = self.chance.randrange(8)
        if what == 0 and self.chance.random() < 0.3:
            self._set(id_, None)
        elif not was.is_open and what > 2:
            # It is triggered again, or somebody resolved it by mistake.
            self._set(id_, replace(was, status="triggered", updated_at=now))
        elif what < 3:
            self._set(id_, replace(was, status="resolved", closed_at=now))
        elif what == 3:
            self._set(id_, replace(was, status="acknowledged"))
        elif what == 4:
            self._set(id_, replace(was, severity=self.chance.choice(SEVERITIES)))
        elif what == 5:
            self._set(id_, replace(was, muted=not was.muted))
        else:
            self._set(id_, replace(was, assignees=self._some_people()))

    def open(self, now: datetime, assignees: tuple[UserId, ...]) -> IncidentId:
        """Open an incident."""
        id_ = IncidentId(f"i{len(self.history)}")
        incident = Incident(
            id=id_,
            name=id_,
            severity=self.chance.choice(SEVERITIES),
            status="triggered",
            assignees=assignees,
            opened_at=now,
            updated_at=now,
        )
        self._set(id_, incident)
        return id_

    def listed(self, assignees: Collection[UserId] | None) -> list[Incident]:
        """Everything open, or what is assigned to any of *assignees*; newest first."""
        ids = None if assignees is None else {id_.lower() for id_ in assignees}
        return [
            one
            for one in reversed(self.incidents.values())
            if one.is_open
            and (ids is None or any(a.lower() in ids for a in one.assignees))
        ]

    def was(self, id_: IncidentId, version: Incident | None, since: int) -> bool:
        """Whether *version* was true of *id_* at some step from *since* on."""
        until = self.step + 1
        for began, then in reversed(self.history.get(id_, [])):
            if until <= since:
                return False
            if then == version:
                return True
            until = began
        return False

    def _open(self, now: datetime) -> None:
        self.open(now, self._some_people())

    def _some_people(self) -> tuple[UserId, ...]:
        count = self.chance.choice((0, 1, 1, 2))
        return tuple(sorted(self.chance.sample(PEOPLE, count)))

    def _set(self, id_: IncidentId, version: Incident | None) -> None:
        self.step += 1
        self.history.setdefault(id_, []).append((self.step, version))
        if version is None:
            del self.incidents[id_]
        else:
            self.incidents[id_] = version

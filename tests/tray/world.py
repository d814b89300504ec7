"""A busy account for a day: incidents that come, go and are taken; a real sync."""

import random
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from incidents.feeds import User
from incidents.models import Incident, IncidentId, UserId
from incidents.ports import Listing, Lookup
from incidents.stores.sqlite.store import SqliteStore
from incidents.sync.run import Sync, SyncSettings
from tests.tray.desk import ADA, DANA, Clock, incident

NAMES = ("payment-latency", "kafka-lag", "5xx-rate", "disk-full", "<b>&amp;</b>")
SEVERITIES = ("critical", "error", "warning", "info", "Sev-Unknown")


@dataclass
class Account:
    """Incidents, and a source that lists them. Implements `IncidentSource`."""

    seed: int
    clock: Clock
    open: dict[IncidentId, Incident] = field(default_factory=dict)
    ended: dict[IncidentId, Incident] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    def list_open(self, assignees: Collection[UserId] | None) -> Listing:
        del assignees
        return Listing(
            incidents=dict(self.open), complete=True, total=len(self.open), calls=1
        )

    def look_up(self, ids: Collection[IncidentId]) -> Lookup:
        known = {**self.ended, **self.open}
        found = {id_: known[id_] for id_ in ids if id_ in known}
        return Lookup(incidents=found, missing=frozenset(), calls=1)

    def start(self, **fields: object) -> Incident:
        """Open an incident."""
        one = incident(
            str(uuid.UUID(int=self.random.getrandbits(128))),
            opened_at=self.clock.now,
            updated_at=self.clock.now,
            **fields,
        )
        self.open[one.id] = one
        return one

    def happen(self) -> None:
        """Let one thing happen that happens to accounts."""
        now, chance = self.clock.now, self.random
        if not self.open or chance.random() < 0.35:
            self.start(
                name=chance.choice(NAMES),
                severity=chance.choice(SEVERITIES),
                assignees=chance.choice(((), (), (), (ADA,), (DANA,))),
            )
            return
        one = chance.choice(list(self.open.values()))
        match chance.randrange(8):
            case 0 | 1:
                self._put(one, status="acknowledged", acknowledged_by=DANA)
            case 2 | 3:
                self._end(one, now)
            case 4:
                self._put(one, severity=chance.choice(SEVERITIES))
            case 5:
                who = chance.choice(((), (ADA,), (DANA,), (ADA, DANA)))
                self._put(one, assignees=who)
            case 6:
                self._put(one, muted=not one.muted)
            case _:
                if self.ended:
                    back = chance.choice(list(self.ended.values()))
                    del self.ended[back.id]
                    self._put(back, status="triggered", closed_at=None)

    def _put(self, one: Incident, **fields: object) -> None:
        self.open[one.id] = replace(one, **fields)  # type: ignore[arg-type]  # see above

    def _end(self, one: Incident, now: datetime) -> None:
        del self.open[one.id]
        self.ended[one.id] = replace(one, status="resolved", closed_at=now)


@dataclass
class Writer:
    """The sync, over a store of this machine's own."""

    path: Path
    account: Account
    retention: timedelta = timedelta(days=30)
    version: str = ""

    def __post_init__(self) -> None:
        clock = self.account.clock
        self.store = SqliteStore(self.path, retention=self.retention, clock=clock)
        self.store.add_user(User(uid="ada", ids=frozenset({ADA})))
        self._sync = Sync(
            source=self.account,
            store=self.store,
            registry=self.store,
            settings=SyncSettings(
                team="ops", retention=self.retention, workers=1, version=self.version
            ),
            clock=clock,
        )
        self._runs = 0

    def sync(self) -> None:
        """Sync once."""
        self._runs += 1
        report = self._sync.run(f"s{self._runs}")
        assert report.complete, report

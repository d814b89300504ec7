"""A world that moves by a number in a file, and a program that syncs it for ever."""

import os
import random
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from incidents.errors import StoreUnavailableError
from incidents.feeds import User, team_feed
from incidents.models import Incident, IncidentId, UserId
from incidents.ports import Listing, Lookup
from incidents.stores.dynamodb.client import dynamodb_client
from incidents.stores.dynamodb.store import DynamoDBStore
from incidents.sync.run import Sync, SyncSettings

SETTINGS = SyncSettings(team="payments", workers=4)
TEAM = team_feed(SETTINGS.team)
ALICE = User(uid="alice", ids=frozenset({UserId("alice@example.com")}))
BOB = User(uid="bob", ids=frozenset({UserId("bob@example.com")}))
_OPENED = datetime(2026, 11, 1, tzinfo=UTC)


def world(version: int) -> dict[IncidentId, Incident]:
    """
    Tell every incident that there is at *version*, resolved ones too.

    Every version moves a third of them, so that no two writers see the same.
    """
    return {
        id_: _incident(id_, random.Random(f"{id_} {(version + number) // 3}"))
        for number, id_ in enumerate(IncidentId(f"i{n:02}") for n in range(12))
    }


def _incident(id_: IncidentId, chance: random.Random) -> Incident:
    people = [UserId("alice@example.com"), UserId("bob@example.com")]
    return Incident(
        id=id_,
        name=f"Incident {id_}",
        severity=chance.choice(["critical", "error", "warning"]),
        status=chance.choice(["triggered", "acknowledged", "resolved"]),
        assignees=tuple(sorted(chance.sample(people, chance.randint(0, 2)))),
        opened_at=_OPENED,
        updated_at=_OPENED + timedelta(minutes=chance.randint(0, 100)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Clockwork:
    """The world's version, in a file that every process can read."""

    path: Path

    def set(self, version: int) -> None:
        """Move the world, in one step."""
        new = self.path.with_suffix(".new")
        new.write_text(str(version))
        new.replace(self.path)

    def list_open(self, assignees: Collection[UserId] | None) -> Listing:
        """Read what is open now."""
        del assignees
        found = self._now()
        still = {id_: one for id_, one in found.items() if one.is_open}
        return Listing(incidents=still, complete=True, total=len(still), calls=1)

    def look_up(self, ids: Collection[IncidentId]) -> Lookup:
        """Read certain incidents as they are now."""
        found = self._now()
        return Lookup(
            incidents={id_: found[id_] for id_ in ids if id_ in found},
            missing=frozenset(ids - found.keys()),
            calls=1,
        )

    def _now(self) -> dict[IncidentId, Incident]:
        return world(int(self.path.read_text()))


def sync(store: DynamoDBStore, clockwork: Clockwork) -> Sync:
    """Wire one sync, as a process would."""
    return Sync(
        source=clockwork,
        store=store,
        registry=store,
        settings=SETTINGS,
        clock=lambda: datetime.now(UTC),
    )


def sync_for_ever(endpoint: str, table: str, path: Path) -> None:
    """Sync again and again, until killed: what a Lambda does, without its pauses."""
    os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test")
    client = dynamodb_client(endpoint=endpoint, region="eu-west-1")
    running = sync(DynamoDBStore(client, table), Clockwork(path=path))
    while True:
        try:
            running.run(uuid.uuid4().hex)
        except StoreUnavailableError:
            continue  # as the next tick would

"""P1 to P4: how often the API is called, and what the table is charged for."""

import itertools
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import naive
from benchmarks.costs import measure_costs
from benchmarks.measure import Measure
from benchmarks.source import World
from benchmarks.workload import NOW, users
from incidents.feeds import Registry, User
from incidents.ports import FeedWriter
from incidents.stores.aws import dynamodb_client
from incidents.stores.dynamodb import DynamoDBStore
from incidents.stores.dynamodb_table import create_table
from incidents.stores.sqlite import SqliteStore
from incidents.sync import Report, Sync, SyncSettings
from simulator.emulator import emulator, environment

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PAGE = 10_000
PEOPLE, OPEN = 1000, 5000
MOVED = 50
WORKERS = 8


class Everybody:
    """A registry in memory."""

    def __init__(self, people: Sequence[User]) -> None:
        """Hold *people*."""
        self._users = {user.uid: user for user in people}

    def registry(self) -> Registry:
        """Answer everybody."""
        return Registry(version=0, users=tuple(self._users.values()))

    def add_user(self, user: User) -> None:
        """Add *user*."""
        self._users[user.uid] = user

    def remove_user(self, uid: str) -> bool:
        """Remove the user *uid*; False if there was none."""
        return self._users.pop(uid, None) is not None


class Account:
    """A world, its people, a store, and a sync that is run minute by minute."""

    def __init__(self, store: FeedWriter, people: Sequence[User], world: World) -> None:
        """Nothing is synced yet."""
        self.world = world
        self._now = NOW
        self._runs = itertools.count()
        self._sync = Sync(
            source=world,
            store=store,
            registry=Everybody(people),
            settings=SyncSettings(team="bench"),
            clock=lambda: self._now,
        )

    def sync(self) -> Report:
        """
        Let a minute pass, and sync.

        Raises:
            RuntimeError: If the sync was not complete.
        """
        self._now += timedelta(minutes=1)
        report = self._sync.run(f"sync-{next(self._runs)}")
        if not report.complete:
            raise RuntimeError(report.error)
        return report


@contextmanager
def table(now: datetime = NOW) -> "Iterator[tuple[DynamoDBClient, DynamoDBStore]]":
    """Run a DynamoDB API with one table, for as long as the context lasts."""
    with emulator() as port:
        os.environ |= environment(port)  # noqa: TID251  # boto3 reads it there
        client = dynamodb_client(workers=WORKERS)
        create_table(client, "bench")
        yield client, DynamoDBStore(client, "bench", clock=lambda: now)


def measure_calls(seed: int) -> Measure:
    """P1: API calls per sync do not depend on the number of users."""
    seen = []
    for count in (1, 10, 100, 1000, 5000):
        with tempfile.TemporaryDirectory() as folder:
            people = users(count)
            with SqliteStore(Path(folder, "feeds")) as store:
                account = Account(store, people, World(2000, people, seed))
                seen.append(account.sync().api_calls)
    costs, people = naive.Costs(), users(PEOPLE)
    naive.sync(World(2000, people, seed), people, lambda _: None, costs)
    floor = -(-2000 // PAGE)
    return Measure(
        id="P1",
        what="API calls per sync, 1 to 5,000 users (naive: 1,000)",
        unit="calls",
        ours=max(seen),
        naive=costs.api_calls,
        floor=floor,
        goal="the floor; >= 1,000 x fewer",
        met=set(seen) == {floor} and costs.api_calls >= 1000 * max(seen),
    )


def measure_units(seed: int) -> list[Measure]:
    """P2 to P4: units of a quiet and a busy sync, and what a month of them costs."""
    people = users(PEOPLE)
    with table() as (client, store):
        account = Account(store, people, World(OPEN, people, seed))
        account.sync()
        store.meter.reset()
        account.sync()
        quiet = store.meter.write_units, store.meter.read_units
        account.world.move(MOVED)
        store.meter.reset()
        busy = account.sync()
        spent = store.meter.write_units, store.meter.read_units
        put = naive.Costs()
        naive.sync(account.world, people, naive.writer(client, "bench"), put)
    per_change = spent[0] / busy.changes
    return [
        Measure(
            id="P2a",
            what="quiet sync, 1,000 users x 5 open, written",
            unit="units",
            ours=quiet[0],
            naive=put.write_units,
            floor=1,
            goal="the floor",
            met=quiet[0] == 1,
        ),
        Measure(
            id="P2b",
            what="quiet sync, 1,000 users x 5 open, read",
            unit="units",
            ours=quiet[1],
            floor=1,
            goal="the floor",
            met=quiet[1] == 1,
        ),
        Measure(
            id="P3a",
            what=f"written per change and recipient ({busy.changes} changes)",
            unit="units",
            ours=per_change,
            naive=put.write_units / busy.changes,
            floor=2,
            goal="<= 6",
            met=per_change <= 6,  # noqa: PLR2004  # the goal
        ),
        Measure(
            id="P3b",
            what=f"read by a warm busy sync ({busy.feeds_changed} feeds)",
            unit="units",
            ours=spent[1],
            floor=1 + busy.feeds_changed,
            goal="<= 1 + changed feeds",
            met=spent[1] <= 1 + busy.feeds_changed,
        ),
        *measure_costs(quiet, per_change, put.write_units / PEOPLE),
    ]

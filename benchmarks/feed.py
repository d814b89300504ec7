"""P1 to P4: API calls, and charged units of the table."""

import itertools
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import naive
from benchmarks.costs import measure_costs
from benchmarks.measure import Measure
from benchmarks.source import SyntheticAccount
from benchmarks.workload import NOW, users
from incidents.feeds import Commit, Registry, User
from incidents.ports import FeedWriter
from incidents.stores.dynamodb.client import dynamodb_client
from incidents.stores.dynamodb.store import DynamoDBStore
from incidents.stores.dynamodb.table import create_table
from incidents.stores.sqlite.store import SqliteStore
from incidents.sync.run import Report, Sync, SyncSettings
from simulator.demo.capacity import report_reads
from simulator.demo.dynamodb import emulator, environment

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PAGE = 10_000
PEOPLE, OPEN = 1000, 5000
MOVED = 50
WORKERS = 8


class Everybody:
    """A registry in memory."""

    def __init__(self, people: Sequence[User]) -> None:
        """Start with *people*."""
        self._users = {user.uid: user for user in people}

    def registry(self) -> Registry:
        """Return all users."""
        return Registry(version=0, users=tuple(self._users.values()))

    def add_user(self, user: User) -> None:
        """Add *user*."""
        self._users[user.uid] = user

    def remove_user(self, uid: str, closing: Commit) -> None:
        """Remove the user *uid*; *closing* has no table here."""
        del self._users[uid], closing


class Account:
    """A world, its users, a store, and a sync that runs minute by minute."""

    def __init__(
        self, store: FeedWriter, people: Sequence[User], world: SyntheticAccount
    ) -> None:
        """Create the sync; `run` starts it."""
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
def table() -> "Iterator[tuple[DynamoDBClient, DynamoDBStore]]":
    """Run a DynamoDB API with one table until the context ends."""
    with emulator() as port:
        os.environ |= environment(port)  # noqa: TID251  # boto3 reads it there
        client = dynamodb_client(workers=WORKERS)
        report_reads(client)
        create_table(client, "bench")
        yield client, DynamoDBStore(client, "bench")


def measure_calls(seed: int) -> Measure:
    """P1: API calls per sync do not depend on the number of users."""
    seen = []
    for count in (1, 10, 100, 1000, 5000):
        with tempfile.TemporaryDirectory() as folder:
            people = users(count)
            with SqliteStore(Path(folder, "feeds")) as store:
                account = Account(store, people, SyntheticAccount(2000, people, seed))
                seen.append(account.sync().api_calls)
    costs, people = naive.Costs(), users(PEOPLE)
    naive.sync(SyntheticAccount(2000, people, seed), people, lambda _: None, costs)
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


@lru_cache(maxsize=1)
def metered(seed: int) -> "Metered":
    """Meter a quiet and a busy sync, and the naive one of the same world."""
    people = users(PEOPLE)
    with table() as (client, store):
        account = Account(store, people, SyntheticAccount(OPEN, people, seed))
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
    return Metered(quiet=quiet, busy=busy, spent=spent, put=put.write_units)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metered:
    """Units written and read."""

    quiet: tuple[float, float]
    busy: Report
    spent: tuple[float, float]
    """Changes of the busy sync."""
    put: float
    """Units written by the naive sync."""

    @property
    def per_change(self) -> float:
        """Write units of one change in one feed."""
        return self.spent[0] / self.busy.changes


def measure_quiet_units(seed: int) -> list[Measure]:
    """P2: a quiet sync is charged for its liveness mark and one read."""
    seen = metered(seed)
    written, read = seen.quiet
    return [
        Measure(
            id="P2a",
            what="quiet sync, 1,000 users x 5 open, written",
            unit="units",
            ours=written,
            naive=seen.put,
            floor=1,
            goal="the floor",
            met=written == 1,
        ),
        Measure(
            id="P2b",
            what="quiet sync, 1,000 users x 5 open, read",
            unit="units",
            ours=read,
            floor=1,
            goal="the floor",
            met=read == 1,
        ),
    ]


def measure_busy_units(seed: int) -> list[Measure]:
    """P3: a change costs its item, its state and its share of the head."""
    seen = metered(seed)
    changes, feeds = seen.busy.changes, seen.busy.feeds_changed
    return [
        Measure(
            id="P3a",
            what=f"written per change and recipient ({changes} changes)",
            unit="units",
            ours=seen.per_change,
            naive=seen.put / changes,
            floor=2,
            goal="<= 6",
            met=seen.per_change <= 6,  # noqa: PLR2004  # the goal
        ),
        Measure(
            id="P3b",
            what=f"read by a warm busy sync ({feeds} feeds)",
            unit="units",
            ours=seen.spent[1],
            floor=1 + feeds,
            goal="<= 1 + changed feeds",
            met=seen.spent[1] <= 1 + feeds,
        ),
    ]


def measure_month(seed: int) -> list[Measure]:
    """P4: the cost of a month."""
    seen = metered(seed)
    return measure_costs(seen.quiet, seen.per_change, seen.put / PEOPLE)

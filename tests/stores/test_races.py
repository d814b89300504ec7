"""Two writers in processes of their own, over the network, killed at any moment."""

import multiprocessing
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from incidents.diff import replay
from incidents.feeds import FeedId, FeedRow, FeedState
from incidents.follow import Advanced, FeedAbsent, Position, Resynced, follow
from incidents.models import Incident, IncidentId
from incidents.stores.dynamodb.store import DynamoDBStore
from incidents.sync.audience import Audience
from simulator.desktop.waiting import until
from tests.stores.engines import fresh_table
from tests.stores.living import (
    ALICE,
    BOB,
    SETTINGS,
    TEAM,
    Clockwork,
    sync,
    sync_for_ever,
    world,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

FEEDS = [TEAM, ALICE.feed, BOB.feed]
SEED = 7
KILLS = 8


@pytest.fixture
def store(ministack_client: "DynamoDBClient") -> DynamoDBStore:
    table = fresh_table(ministack_client, "races")
    store = DynamoDBStore(ministack_client, table)
    store.add_user(ALICE)
    store.add_user(BOB)
    return store


@pytest.fixture
def clockwork(tmp_path: Path) -> Clockwork:
    clockwork = Clockwork(path=tmp_path / "version")
    clockwork.set(0)
    return clockwork


@pytest.fixture
def start(
    store: DynamoDBStore, clockwork: Clockwork, ministack_port: int
) -> Iterator[Callable[[], BaseProcess]]:
    """Start writers; whatever still runs is ended with the test."""
    # What they need is imported once, so that one more starts in milliseconds.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.stores.living"])
    writers: list[BaseProcess] = []

    def one_more() -> BaseProcess:
        endpoint = f"http://127.0.0.1:{ministack_port}"
        table = store._calls.table  # noqa: SLF001  # the same table
        writer = context.Process(
            target=sync_for_ever, args=(endpoint, table, clockwork.path), daemon=True
        )
        writer.start()
        writers.append(writer)
        return writer

    yield one_more
    for writer in writers:
        writer.kill()
        writer.join()


class Follower:
    """A reader from the baseline on, that keeps all it was told."""

    def __init__(self, store: DynamoDBStore, feed: FeedId) -> None:
        self.store, self.feed = store, feed
        self.position: Position | None = None
        self.begin: FeedState | None = None
        self.rows: list[FeedRow] = []

    def step(self) -> bool:
        """Read on; whether there was nothing new."""
        now = datetime.now(UTC)
        match follow(self.store, self.feed, self.position, now=now):
            case Resynced(position=position, state=state):
                assert self.begin is None, "a resync is for who has lost the way"
                self.position, self.begin = position, state
            case Advanced(position=position, rows=rows):
                self.position = position
                self.rows += rows
                return not rows
            case FeedAbsent():
                pass
        return False

    @property
    def replayed(self) -> dict[IncidentId, Incident]:
        """Tell what the changes lead to, from the baseline on."""
        assert self.begin is not None
        return replay(self.begin.incidents, [row.change for row in self.rows])


def test_nothing_is_lost_or_told_twice_while_writers_race_and_are_killed(
    store: DynamoDBStore,
    clockwork: Clockwork,
    start: Callable[[], BaseProcess],
) -> None:
    chance = random.Random(SEED)
    followers = [Follower(store, feed) for feed in FEEDS]
    writers = [start(), start()]
    until(lambda: all(f.step() or f.begin for f in followers), seconds=30)

    version = 0
    for kill in range(KILLS):
        enough = sum(len(f.rows) for f in followers) + chance.randint(20, 60)
        while sum(len(f.rows) for f in followers) < enough:
            version += 1
            clockwork.set(version)
            followers[chance.randrange(3)].step()
        writers[kill % 2].kill()
        writers[kill % 2].join()
        writers[kill % 2] = start()

    for writer in writers:
        writer.kill()
        writer.join()
    final = sync(store, clockwork).run("final")
    until(lambda: all(follower.step() for follower in followers), seconds=60)

    assert final.complete
    _check(followers, store, version)


def _check(followers: list[Follower], store: DynamoDBStore, version: int) -> None:
    still = {id_: one for id_, one in world(version).items() if one.is_open}
    truth = Audience.of(SETTINGS.scope, SETTINGS.team, [ALICE, BOB]).split(still)
    for follower in followers:
        assert follower.begin is not None
        assert follower.begin.head is not None
        first = follower.begin.head.seq + 1
        seqs = [row.seq for row in follower.rows]
        assert seqs == list(range(first, first + len(seqs)))
        assert follower.replayed == truth[follower.feed]
        assert store.state(follower.feed).incidents == truth[follower.feed]
        _check_chain(follower)


def _check_chain(follower: Follower) -> None:
    """See that every change begins where the one before ended: none is told twice."""
    assert follower.begin is not None
    now = dict(follower.begin.incidents)
    for row in follower.rows:
        change = row.change
        assert now.get(change.incident.id) == change.before, f"{row.seq}"
        now = replay(now, [change])

"""P8: changed feeds committed per second, compared with botocore alone."""

import statistics
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from benchmarks.cpu import Busy
from benchmarks.feed import WORKERS, table
from benchmarks.measure import Measure, wall
from benchmarks.workload import users
from incidents.feeds import FeedId, FeedState
from incidents.stores.dynamodb.store import DynamoDBStore
from incidents.stores.dynamodb.table import create_table
from incidents.sync.publish import publish

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

FEEDS = 250
ROUNDS = 5
Call = Mapping[str, object]


class Replay:
    """Records the store's requests, and sends them again with botocore alone."""

    def __init__(self, client: "DynamoDBClient", target: str) -> None:
        """Record the writes of *client*, to repeat them on the table *target*."""
        self._client = boto3.client(
            "dynamodb", config=Config(max_pool_connections=WORKERS)
        )
        self._target = target
        self._calls: list[Call] = []
        self._ready: list[Call] = []
        client.meta.events.register(
            "provide-client-params.dynamodb.TransactWriteItems", self._heard
        )

    def _heard(self, params: Call, **_event: object) -> None:
        self._calls.append(params)

    def prepare(self) -> None:
        """Prepare the requests recorded since the last call for the other table."""
        self._ready = [_elsewhere(call, self._target) for call in self._calls]
        self._calls.clear()

    def send(self) -> None:
        """Send the prepared requests, with as many threads as the store."""
        with ThreadPoolExecutor(max_workers=WORKERS) as pool:
            list(pool.map(self._send, self._ready))

    def _send(self, call: Call) -> None:
        self._client.transact_write_items(**call)  # type: ignore[arg-type]  # as it was sent


def _elsewhere(value: object, target: str) -> dict[str, object]:
    renamed = _renamed(value, target)
    if not isinstance(renamed, dict):
        raise TypeError("a request is a mapping")
    # A token stands for one request; to send another under it is refused.
    return renamed | {"ClientRequestToken": str(uuid.uuid4())}


def _renamed(value: object, target: str) -> object:
    if isinstance(value, Mapping):
        return {
            name: target if name == "TableName" else _renamed(part, target)
            for name, part in value.items()
        }
    if isinstance(value, list | tuple):
        return [_renamed(part, target) for part in value]
    return value


class Rounds:
    """A table in which all feeds change repeatedly."""

    def __init__(self, store: DynamoDBStore, feeds: int, seed: int) -> None:
        """Write the baseline of *feeds* feeds, one incident each."""
        self._busy = Busy(feeds, users(feeds), seed, share=1.0, team=False)
        self._store = store
        self._states: Mapping[FeedId, FeedState] = {
            feed: FeedState(head=None) for feed in self._busy.states
        }
        self._turn = 0
        self.move()
        self.commit()

    def move(self) -> None:
        """Change every incident: the input of the commits."""
        self._facts = self._busy.facts(self._turn)

    def commit(self) -> None:
        """Compare, plan and commit every feed."""
        outcome = publish(self._store, self._facts, self._states, WORKERS)
        if outcome.problem or len(outcome.changed) != len(self._states):
            raise RuntimeError(outcome.problem or "not every feed was committed")
        self._states = outcome.states
        self._turn += 1


def measure_commits(seed: int, feeds: int = FEEDS) -> Measure:
    """P8: feeds a second; the floor is the same requests without us."""
    with table() as (client, store):
        create_table(client, "bench-again")
        replay = Replay(client, "bench-again")
        rounds = Rounds(store, feeds, seed)
        replay.prepare()
        replay.send()
        ours, floor = _in_turn(rounds, replay)
    return Measure(
        id="P8",
        what=f"changed feeds committed a second, {WORKERS} threads",
        unit="1/s",
        ours=feeds / ours,
        floor=feeds / floor,
        goal=">= 80 % of botocore alone",
        met=floor / ours >= 0.8,  # noqa: PLR2004  # the goal
    )


def _in_turn(rounds: Rounds, replay: Replay) -> tuple[float, float]:
    ours, floor = [], []
    for _ in range(ROUNDS):
        rounds.move()
        ours.append(wall(rounds.commit))
        replay.prepare()
        floor.append(wall(replay.send))
    return statistics.median(ours), statistics.median(floor)

"""P8: how many changed feeds a second are committed, beside botocore alone."""

import statistics
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from benchmarks.cpu import Busy
from benchmarks.feed import WORKERS, table
from benchmarks.measure import Measure, wall
from benchmarks.workload import users
from incidents.feeds import FeedId, FeedState
from incidents.publish import publish
from incidents.stores.dynamodb import DynamoDBStore
from incidents.stores.dynamodb_table import create_table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

FEEDS = 250
ROUNDS = 5
Call = Mapping[str, object]


class Replay:
    """The very requests that the store sent, sent again by botocore alone."""

    def __init__(self, client: "DynamoDBClient", target: str) -> None:
        """Listen to *client*; what it writes will be written to *target* too."""
        self._client, self._target = client, target
        self._calls: list[Call] = []
        self._listening = True
        client.meta.events.register(
            "provide-client-params.dynamodb.TransactWriteItems", self._heard
        )

    def _heard(self, params: Call, **_event: object) -> None:
        if self._listening:
            self._calls.append(_elsewhere(params, self._target))

    def send(self) -> None:
        """Send what was heard since the last time, on as many threads."""
        calls, self._calls = self._calls, []
        self._listening = False
        with ThreadPoolExecutor(max_workers=WORKERS) as pool:
            list(pool.map(self._send, calls))
        self._listening = True

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
    """A table whose feeds all change, again and again."""

    def __init__(self, store: DynamoDBStore, feeds: int, seed: int) -> None:
        """Write the baseline of *feeds* feeds, one incident each."""
        self._busy = Busy(feeds, users(feeds), seed, share=1.0, team=False)
        self._store = store
        self._states: Mapping[FeedId, FeedState] = {
            feed: FeedState(head=None) for feed in self._busy.states
        }
        self._turn = 0
        self.commit()

    def commit(self) -> None:
        """Let every incident change, and commit every feed."""
        facts = self._busy.facts(self._turn)
        outcome = publish(self._store, facts, self._states, WORKERS)
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
        replay.send()
        ours, floor = _in_turn(rounds.commit, replay.send)
    return Measure(
        id="P8",
        what=f"changed feeds committed a second, {WORKERS} threads",
        unit="1/s",
        ours=feeds / ours,
        floor=feeds / floor,
        goal=">= 80 % of botocore alone",
        met=floor / ours >= 0.8,  # noqa: PLR2004  # the goal
    )


def _in_turn(*works: Callable[[], object]) -> Sequence[float]:
    taken = [[wall(work) for work in works] for _ in range(ROUNDS)]
    return [statistics.median(times) for times in zip(*taken, strict=True)]

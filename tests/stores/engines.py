"""What the contract suite runs on. A new store is one more line in `ENGINES`."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

import moto
import pytest

from incidents.feeds import FeedId, FeedState
from incidents.ports import FeedReader, FeedWriter, RegistryStore
from incidents.stores.dynamodb.client import dynamodb_client
from incidents.stores.dynamodb.store import DynamoDBStore
from incidents.stores.dynamodb.table import create_table
from incidents.stores.sqlite.store import SqliteStore
from tests.simulation.faulty_store import FaultyStore
from tests.simulation.table import Table
from tests.stores.examples import NOW

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Store(FeedWriter, FeedReader, RegistryStore, Protocol):
    """What every store is."""

    def state(self, feed: FeedId) -> FeedState: ...


Open: TypeAlias = Callable[[], Store]
"""Opens one more store over the same feeds, as another process would."""
Fresh: TypeAlias = Callable[[pytest.FixtureRequest, Path], AbstractContextManager[Open]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """One thing that keeps feeds, and what it cannot do."""

    fresh: Fresh
    lacks: Mapping[str, str]
    """What it is known to get wrong, and why: those cases are not collected."""


@contextmanager
def _sqlite(_: pytest.FixtureRequest, folder: Path) -> Iterator[Open]:
    with ExitStack() as stack:
        yield lambda: stack.enter_context(
            SqliteStore(folder / "feeds.db", clock=lambda: NOW)
        )


@contextmanager
def _moto(_: pytest.FixtureRequest, folder: Path) -> Iterator[Open]:
    with moto.mock_aws():
        yield _table(dynamodb_client(), folder.name)


@contextmanager
def _ministack(request: pytest.FixtureRequest, folder: Path) -> Iterator[Open]:
    yield _table(request.getfixturevalue("ministack_client"), folder.name)


@contextmanager
def _dynamodb_local(request: pytest.FixtureRequest, folder: Path) -> Iterator[Open]:
    yield _table(request.getfixturevalue("dynamodb_local_client"), folder.name)


@contextmanager
def _double(_: pytest.FixtureRequest, _folder: Path) -> Iterator[Open]:
    table = Table()
    yield lambda: FaultyStore(table=table)


def _table(client: "DynamoDBClient", prefix: str) -> Open:
    name = fresh_table(client, prefix)
    return lambda: DynamoDBStore(client, name)


def fresh_table(client: "DynamoDBClient", prefix: str) -> str:
    """Create a table that nobody has, whose name begins with *prefix*."""
    # Names of folders repeat from run to run, and DynamoDB Local outlasts them.
    name = f"{prefix[:40]}-{uuid.uuid4().hex[:8]}"
    create_table(client, name)
    return name


ENGINES: Mapping[str, Engine] = {
    "sqlite": Engine(fresh=_sqlite, lacks={}),
    "moto": Engine(
        fresh=_moto,
        lacks={
            "threads": "it answers HTTP 500 to transactions of several threads",
            "volume": "it copies the whole table for each transaction",
        },
    ),
    "ministack": Engine(fresh=_ministack, lacks={}),
    "double": Engine(fresh=_double, lacks={}),
}
LOCAL = Engine(fresh=_dynamodb_local, lacks={})
"""Amazon's own, where somebody who may use it has started one."""

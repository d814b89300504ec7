"""What the service says it charged is what the published rules say."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from incidents.feeds import Commit, SyncStatus, user_feed
from incidents.stores.dynamodb import items
from incidents.stores.dynamodb.client import dynamodb_client
from incidents.stores.dynamodb.store import DynamoDBStore
from incidents.stores.dynamodb.table import create_table
from simulator.demo.capacity import (
    item_size,
    query_units,
    read_units,
    report_reads,
    write_units,
)
from tests.stores.conftest import LOCAL_URL
from tests.stores.examples import ALICE, baseline, changed, following, incident

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

RETENTION = timedelta(days=30)
BEGIN = baseline(*(incident(f"i{number}") for number in range(60)))
STEP = following(BEGIN, changed(incident("i1"), incident("i1", "error")))
GONE = following(STEP, changed(incident("i1", "error"), None), writer="s3")
CLIENTS = ["ministack_client", *["dynamodb_local_client"] * bool(LOCAL_URL)]
"""Amazon's own engine reports its reads itself; both report their writes."""


@pytest.fixture(params=CLIENTS)
def store(request: pytest.FixtureRequest) -> Iterator[DynamoDBStore]:
    client: DynamoDBClient = request.getfixturevalue(request.param)
    if request.param == "ministack_client":
        client = dynamodb_client(endpoint=client.meta.endpoint_url)
        report_reads(client)
    create_table(client, "consumed")
    yield DynamoDBStore(client, "consumed", retention=RETENTION)
    client.delete_table(TableName="consumed")


def sizes(commit: Commit) -> Iterator[int]:
    """The larger of what every item of *commit* was and is."""
    feed, head = commit.feed, commit.head
    before = {
        change.incident.id: item_size(items.state_item(feed, change.before, None))
        for change in commit.changes
        if change.before
    }
    yield item_size(items.head_item(feed, head))
    for change in commit.changes:
        yield item_size(
            items.change_item(feed, head.seq, head.epoch, change, RETENTION)
        )
    for one in commit.puts:
        size = item_size(items.state_item(feed, one, None))
        yield max(size, before.get(one.id, 0))
    for id_ in commit.deletes:
        yield before.get(id_, 0)


def test_commits(store: DynamoDBStore) -> None:
    for commit in (BEGIN, STEP, GONE):
        store.meter.reset()
        store.commit(commit)

        assert store.meter.read_units == 0
        assert store.meter.write_units == sum(
            write_units(size, transactional=True) for size in sizes(commit)
        )


def test_reads(store: DynamoDBStore) -> None:
    for commit in (BEGIN, STEP, GONE):
        store.commit(commit)
    changes = [
        items.change_item(ALICE, seq, one.head.epoch, one.changes[0], RETENTION)
        for seq, one in enumerate((STEP, GONE), 1)
    ]
    states = [
        items.state_item(ALICE, one, None) for one in BEGIN.puts if one.id != "i1"
    ]
    head = read_units(item_size(items.head_item(ALICE, GONE.head)), strong=True)

    def cost(read: object) -> float:
        del read
        units = store.meter.read_units
        store.meter.reset()
        return units

    store.meter.reset()
    assert cost(store.head(ALICE)) == head
    assert cost(store.heads([ALICE, user_feed("nobody")])) == head + 1
    assert cost(store.state(ALICE)) == head + query_units(states, strong=True)
    assert cost(store.rows(ALICE, 0)) == query_units(changes, strong=False)
    assert cost(store.rows(ALICE, 0, strong=True)) == query_units(changes, strong=True)
    assert cost(store.rows(ALICE, 2)) == 0.5


def test_the_status(store: DynamoDBStore) -> None:
    store.status()
    store.begin_write("s1")
    store.write_status(SyncStatus(writer="s1"))

    assert (store.meter.read_units, store.meter.write_units) == (1.0, 2.0)

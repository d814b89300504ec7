"""Our meter beside what Amazon's own engine says; collected where one was started."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pytest

from incidents.feeds import SyncStatus, user_feed
from incidents.stores.dynamodb.store import DynamoDBStore
from incidents.stores.dynamodb.table import create_table
from tests.stores.examples import ALICE, baseline, changed, following, incident

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

READS = ("GetItem", "Query", "BatchGetItem")
WRITES = ("UpdateItem", "TransactWriteItems")


class Told:
    """The units that the engine says it charged."""

    def __init__(self, client: "DynamoDBClient") -> None:
        self.read_units = self.write_units = 0.0
        events = client.meta.events
        for name in READS + WRITES:
            events.register(f"provide-client-params.dynamodb.{name}", self._ask)
            events.register(f"after-call.dynamodb.{name}", self._hear)

    def _ask(self, params: dict[str, object], **_: object) -> None:
        params["ReturnConsumedCapacity"] = "TOTAL"

    def _hear(self, parsed: dict[str, object], model: object, **_: object) -> None:
        found = parsed.get("ConsumedCapacity", [])
        each: Sequence[object] = found if isinstance(found, list) else [found]
        units = sum(one["CapacityUnits"] for one in each if isinstance(one, dict))
        if getattr(model, "name", "") in READS:
            self.read_units += units
        else:
            self.write_units += units


@pytest.fixture
def store(dynamodb_local_client: "DynamoDBClient") -> Iterator[DynamoDBStore]:
    name = "consumed"
    create_table(dynamodb_local_client, name)
    yield DynamoDBStore(dynamodb_local_client, name)
    dynamodb_local_client.delete_table(TableName=name)


def test_the_meter_agrees_with_what_is_charged(
    store: DynamoDBStore, dynamodb_local_client: "DynamoDBClient"
) -> None:
    told = Told(dynamodb_local_client)
    begin = baseline(*(incident(f"i{number}") for number in range(60)))
    step = following(begin, changed(incident("i1"), incident("i1", "error")))
    gone = following(step, changed(incident("i1", "error"), None), writer="s3")

    store.status()
    store.begin_write("s1")
    store.write_status(SyncStatus(writer="s1"))
    for commit in (begin, step, gone):
        store.commit(commit)
    store.heads([ALICE, user_feed("nobody")])
    store.state(ALICE)
    store.rows(ALICE, 0)
    store.rows(ALICE, 0, strong=True)
    store.rows(ALICE, 2)

    assert store.meter.read_units == told.read_units
    assert store.meter.write_units == told.write_units

"""One step of a feed as a transaction."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from incidents.feeds import Commit, Head
from incidents.stores.dynamodb import items
from incidents.stores.dynamodb.capacity import Item, item_size
from incidents.stores.dynamodb.requests import Write

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import DeleteTypeDef, PutTypeDef


def transaction(table: str, commit: Commit, retention: timedelta) -> Sequence[Write]:
    """List the writes of *commit*, its head first."""
    return list(_writes(table, commit, retention))


def put(table: str, item: Item, before: int = 0) -> Write:
    """Put *item* over one that had *before* bytes."""
    return Write(
        action={"Put": {"TableName": table, "Item": item}},
        size=max(item_size(item), before),
    )


def _writes(table: str, commit: Commit, retention: timedelta) -> Iterator[Write]:
    feed, head = commit.feed, commit.head
    # A write is charged for the larger of what was there and what is.
    sizes = {
        change.incident.id: item_size(items.state_item(feed, change.before))
        for change in commit.changes
        if change.before
    }
    item = items.head_item(feed, head)
    fenced = _fenced(table, item, commit.expected)
    yield Write(action={"Put": fenced}, size=item_size(item))
    first = head.seq - len(commit.changes) + 1
    for seq, change in enumerate(commit.changes, first):
        yield put(table, items.change_item(feed, seq, head.epoch, change, retention))
    for incident in commit.puts:
        state = items.state_item(feed, incident)
        yield put(table, state, sizes.get(incident.id, 0))
    for id_ in commit.deletes:
        gone: DeleteTypeDef = {"TableName": table, "Key": items.state_key(feed, id_)}
        yield Write(action={"Delete": gone}, size=sizes.get(id_, 0))


def _fenced(table: str, item: Item, expected: Head | None) -> "PutTypeDef":
    """Put the head on condition that the one there is *expected* (ADR 0003)."""
    fenced: PutTypeDef = {
        "TableName": table,
        "Item": item,
        "ConditionExpression": "attribute_not_exists(pk)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    if expected:
        fenced["ConditionExpression"] = "rev = :rev AND epoch = :epoch"
        fenced["ExpressionAttributeValues"] = {
            ":rev": {"N": str(expected.rev)},
            ":epoch": {"S": expected.epoch},
        }
    return fenced

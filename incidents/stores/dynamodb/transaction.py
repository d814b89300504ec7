"""One step of a feed as a transaction."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from incidents.feeds import Commit, Head
from incidents.stores.dynamodb import items
from incidents.stores.dynamodb.items import Item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import PutTypeDef, TransactWriteItemTypeDef


def transaction(
    table: str, commit: Commit, retention: timedelta
) -> "Sequence[TransactWriteItemTypeDef]":
    """List the writes of *commit*, its head first."""
    feed, head = commit.feed, commit.head
    ends = head.closed.ends if head.closed else None
    first = head.seq - len(commit.changes) + 1
    puts = [
        *(
            items.change_item(feed, seq, head.epoch, change, retention)
            for seq, change in enumerate(commit.changes, first)
        ),
        *(items.state_item(feed, incident, ends) for incident in commit.puts),
    ]
    writes: list[TransactWriteItemTypeDef] = [
        {"Put": _fenced(table, items.head_item(feed, head), commit.expected)}
    ]
    writes += [{"Put": {"TableName": table, "Item": item}} for item in puts]
    writes += [
        {"Delete": {"TableName": table, "Key": items.state_key(feed, id_)}}
        for id_ in commit.deletes
    ]
    return writes


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

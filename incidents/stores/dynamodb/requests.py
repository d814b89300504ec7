"""Requests to one DynamoDB table: translated, metered, and patient."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from incidents.errors import StoreUnavailableError
from incidents.stores.dynamodb.capacity import Item, Meter, item_size
from incidents.stores.dynamodb.client import ContendedError, check_genuine, translated

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import (
        BatchGetItemInputTypeDef,
        QueryInputTypeDef,
        TransactWriteItemTypeDef,
        UpdateItemInputTypeDef,
    )

_T = TypeVar("_T")
_BATCH = 100
"""Keys that BatchGetItem takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How often and how long a request is tried again: full jitter, doubling."""

    tries: int = 6
    first: float = 0.05
    longest: float = 1.0
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random

    def wait(self, attempt: int) -> None:
        """Wait after *attempt*, counted from 0."""
        self.sleep(self.chance() * min(self.longest, self.first * 2**attempt))


USUAL = Patience()


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One action of a transaction, and the bytes that it is charged for."""

    action: "TransactWriteItemTypeDef"
    size: int


class Calls:
    """The requests that a store makes. Every one may raise any `StoreError`."""

    def __init__(
        self, client: "DynamoDBClient", table: str, meter: Meter, patience: Patience
    ) -> None:
        """Prepare calls to *table*; nothing is sent yet."""
        self.table = table
        self._client = client
        self._meter = meter
        self._patience = patience

    def get(self, key: Item, *, strong: bool = True) -> Item | None:
        """Read one item; None if it is not there."""
        with translated(self.table):
            answer = self._client.get_item(
                TableName=self.table, Key=key, ConsistentRead=strong
            )
            check_genuine(answer["ResponseMetadata"])
        item = answer.get("Item")
        self._meter.read(item_size(item) if item else 0, strong=strong)
        return item

    def batch(self, keys: Sequence[Item]) -> Iterator[Item]:
        """Read items by their *keys*, strongly; those that are not there are not."""
        for start in range(0, len(keys), _BATCH):
            yield from self._batch(keys[start : start + _BATCH])

    def _batch(self, keys: Sequence[Item]) -> Iterator[Item]:
        request: BatchGetItemInputTypeDef = {
            "RequestItems": {self.table: {"Keys": keys, "ConsistentRead": True}}
        }
        asked = len(keys)
        for attempt in range(self._patience.tries):
            with translated(self.table):
                answer = self._client.batch_get_item(**request)
                check_genuine(answer["ResponseMetadata"])
            found = answer["Responses"].get(self.table, [])
            left = answer.get("UnprocessedKeys") or {}
            remaining = len(left[self.table]["Keys"]) if self.table in left else 0
            for item in found:
                self._meter.read(item_size(item), strong=True)
            for _absent in range(asked - remaining - len(found)):
                self._meter.read(0, strong=True)
            yield from found
            if not remaining:
                return
            request, asked = {"RequestItems": left}, remaining
            self._patience.wait(attempt)
        raise StoreUnavailableError("DynamoDB left some reads undone, again and again.")

    def query(
        self, pk: str, low: str, high: str, *, strong: bool, limit: int | None = None
    ) -> Iterator[Item]:
        """Read at most *limit* items of *pk* from *low* to *high*, in order."""
        request: QueryInputTypeDef = {
            "TableName": self.table,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :low AND :high",
            "ExpressionAttributeValues": {
                ":pk": {"S": pk},
                ":low": {"S": low},
                ":high": {"S": high},
            },
            "ConsistentRead": strong,
        }
        left = limit
        while True:
            if left is not None:
                request["Limit"] = left
            with translated(self.table):
                answer = self._client.query(**request)
                check_genuine(answer["ResponseMetadata"])
            found = answer["Items"]
            self._meter.query(found, strong=strong)
            yield from found
            if left is not None:
                left -= len(found)
            if "LastEvaluatedKey" not in answer or left == 0:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def update(self, key: Item, attributes: Item, *, condition: str = "") -> Item:
        """
        Set *attributes* of one item, made if need be; answer what they were.

        In *condition* an attribute is `#name`, and its new value `:name`.

        Raises:
            ConditionFailedError: If the condition does not hold.
        """
        assignments = ", ".join(f"#{name} = :{name}" for name in attributes)
        request: UpdateItemInputTypeDef = {
            "TableName": self.table,
            "Key": key,
            "UpdateExpression": f"SET {assignments}",
            "ExpressionAttributeNames": {f"#{name}": name for name in attributes},
            "ExpressionAttributeValues": {f":{n}": v for n, v in attributes.items()},
            "ReturnValues": "UPDATED_OLD",
        }
        if condition:
            request["ConditionExpression"] = condition
        size = item_size({**key, **attributes})

        def send() -> Item:
            self._meter.write(size)
            answer = self._client.update_item(**request)
            check_genuine(answer["ResponseMetadata"])
            return answer.get("Attributes", {})

        return self._patiently(send)

    def transact(self, writes: Sequence[Write], token: str) -> None:
        """
        Take all *writes* or none; *token* makes repetitions harmless for 10 minutes.

        Raises:
            ConditionFailedError: If a condition does not hold.
        """
        actions = [write.action for write in writes]
        sizes = [write.size for write in writes]

        def send() -> None:
            self._meter.transaction(sizes)
            answer = self._client.transact_write_items(
                TransactItems=actions, ClientRequestToken=token
            )
            check_genuine(answer["ResponseMetadata"])

        self._patiently(send)

    def _patiently(self, send: Callable[[], _T]) -> _T:
        """Try again what DynamoDB refuses because others were at the same items."""
        last = self._patience.tries - 1
        for attempt in range(last):
            try:
                with translated(self.table):
                    return send()
            except ContendedError:
                self._patience.wait(attempt)
        with translated(self.table):
            return send()

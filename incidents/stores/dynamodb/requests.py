"""Requests to one DynamoDB table: translated, metered, and tried again."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import TYPE_CHECKING, TypeVar

from incidents.backoff import Backoff
from incidents.errors import StoreUnavailableError
from incidents.stores.dynamodb.client import ContendedError, check_genuine, translated
from incidents.stores.dynamodb.items import Item
from incidents.stores.dynamodb.meter import Meter

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


RETRIES = Backoff(first=0.05, longest=1.0, attempts=6)
"""For what botocore does not try again by itself."""


class Calls:
    """The requests that a store makes. Every one may raise any `StoreError`."""

    def __init__(
        self,
        client: "DynamoDBClient",
        table: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Prepare calls to *table*; nothing is sent yet."""
        self.table = table
        self.meter = Meter()
        """The units that these calls cost."""
        self._client = client
        self._sleep = sleep
        self._chance = chance

    def get(self, key: Item, *, strong: bool = True) -> Item | None:
        """Read the item at *key*; None if there is none."""
        with translated(self.table):
            answer = self._client.get_item(
                TableName=self.table,
                Key=key,
                ConsistentRead=strong,
                ReturnConsumedCapacity="TOTAL",
            )
            check_genuine(answer["ResponseMetadata"])
        self.meter.add_read(answer.get("ConsumedCapacity", {}))
        return answer.get("Item")

    def batch(self, keys: Sequence[Item]) -> Iterator[Item]:
        """Read the items at *keys*, strongly; missing items are left out."""
        for start in range(0, len(keys), _BATCH):
            yield from self._batch(keys[start : start + _BATCH])

    def _batch(self, keys: Sequence[Item]) -> Iterator[Item]:
        request: BatchGetItemInputTypeDef = {
            "RequestItems": {self.table: {"Keys": keys, "ConsistentRead": True}},
            "ReturnConsumedCapacity": "TOTAL",
        }
        for attempt in count(1):
            with translated(self.table):
                answer = self._client.batch_get_item(**request)
                check_genuine(answer["ResponseMetadata"])
            self.meter.add_read(*answer.get("ConsumedCapacity", []))
            yield from answer["Responses"].get(self.table, [])
            left = answer.get("UnprocessedKeys")
            if not left:
                return
            request["RequestItems"] = left
            if not self._wait(attempt):
                break
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
            "ReturnConsumedCapacity": "TOTAL",
        }
        left = limit
        while True:
            if left is not None:
                request["Limit"] = left
            with translated(self.table):
                answer = self._client.query(**request)
                check_genuine(answer["ResponseMetadata"])
            self.meter.add_read(answer.get("ConsumedCapacity", {}))
            items = answer["Items"]
            yield from items
            if left is not None:
                left -= len(items)
            if "LastEvaluatedKey" not in answer or left == 0:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def update(self, key: Item, attributes: Item, *, condition: str = "") -> Item:
        """
        Set *attributes* of one item, created if need be; return what they were.

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
            "ReturnConsumedCapacity": "TOTAL",
        }
        if condition:
            request["ConditionExpression"] = condition

        def send() -> Item:
            answer = self._client.update_item(**request)
            check_genuine(answer["ResponseMetadata"])
            self.meter.add_write(answer.get("ConsumedCapacity", {}))
            return answer.get("Attributes", {})

        return self._retrying(send)

    def transact(
        self, writes: "Sequence[TransactWriteItemTypeDef]", token: str
    ) -> None:
        """
        Make all *writes* or none; with the same *token*, once in 10 minutes.

        Raises:
            ConditionFailedError: If a condition does not hold.
        """

        def send() -> None:
            answer = self._client.transact_write_items(
                TransactItems=writes,
                ClientRequestToken=token,
                ReturnConsumedCapacity="TOTAL",
            )
            check_genuine(answer["ResponseMetadata"])
            self.meter.add_write(*answer.get("ConsumedCapacity", []))

        self._retrying(send)

    def _retrying(self, send: Callable[[], _T]) -> _T:
        """Try again what DynamoDB refuses because others were at the same items."""
        attempt = 1
        while True:
            try:
                with translated(self.table):
                    return send()
            except ContendedError:
                if not self._wait(attempt):
                    raise
            attempt += 1

    def _wait(self, attempt: int) -> bool:
        """Wait after *attempt*; False if it was the last."""
        pause = RETRIES.pause(attempt, chance=self._chance())
        if pause is None:
            return False
        self._sleep(pause)
        return True

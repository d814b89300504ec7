"""
Read and write units by the published rules.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
and .../read-write-operations.html. The product sums what DynamoDB says instead; this
is for plans and for engines that say nothing.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypedDict

from incidents.stores.dynamodb.items import Item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import (
        AttributeValueTypeDef,
        ConsumedCapacityTypeDef,
        KeysAndAttributesTypeDef,
    )

_READ = 4096
_WRITE = 1024
_CONTAINER = 3
"""Bytes of overhead of a list or a map, whatever it holds; one more an element."""


class _Request(TypedDict, total=False):
    """The parts of a request that decide what it costs."""

    RequestItems: "Mapping[str, KeysAndAttributesTypeDef]"
    ConsistentRead: bool


class _Answer(TypedDict, total=False):
    """The parts of an answer that decide what it costs, and what it cost."""

    Error: object
    Item: Item
    Items: Sequence[Item]
    Responses: Mapping[str, Sequence[Item]]
    UnprocessedKeys: "Mapping[str, KeysAndAttributesTypeDef]"
    ConsumedCapacity: "ConsumedCapacityTypeDef | Sequence[ConsumedCapacityTypeDef]"


class _Context(TypedDict):
    """What botocore carries from a request to its answer."""

    request: _Request


def item_size(item: Item) -> int:
    """Measure *item* in bytes: names and values."""
    return sum(_text(name) + _value(value) for name, value in item.items())


def _text(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def _value(value: "AttributeValueTypeDef") -> int:
    match value:
        case {"S": text}:
            size = _text(text)
        case {"N": number}:
            size = _number(number)
        case {"B": blob}:
            size = len(bytes(blob))
        case {"SS": texts}:
            size = sum(map(_text, texts))
        case {"NS": numbers}:
            size = sum(map(_number, numbers))
        case {"BS": blobs}:
            size = sum(len(bytes(blob)) for blob in blobs)
        case {"L": values}:
            size = _CONTAINER + sum(_value(one) + 1 for one in values)
        case {"M": parts}:
            inner = sum(_text(name) + _value(one) + 1 for name, one in parts.items())
            size = _CONTAINER + inner
        case _:
            size = 1  # NULL and BOOL
    return size


def _number(text: str) -> int:
    """One byte for two significant digits, one more, and one for a minus."""
    mantissa = text.lower().partition("e")[0]
    digits = mantissa.lstrip("+-").replace(".", "").strip("0")
    return math.ceil(len(digits) / 2) + 1 + text.startswith("-")


def read_units(size: int, *, strong: bool) -> float:
    """Charge a read of *size* bytes, none included: one for each 4 KB, or half."""
    blocks = max(1, math.ceil(size / _READ))
    return blocks if strong else blocks / 2


def write_units(size: int, *, transactional: bool = False) -> float:
    """Charge a write of an item of *size* bytes: one for each KB, or two."""
    blocks = max(1, math.ceil(size / _WRITE))
    return 2.0 * blocks if transactional else float(blocks)


def query_units(items: Iterable[Item], *, strong: bool) -> float:
    """Charge one page of a query: its items together."""
    return read_units(sum(map(item_size, items)), strong=strong)


def report_reads(client: "DynamoDBClient") -> None:
    """
    Let *client* report what reads cost by the rules.

    ministack reports one unit, whatever their size, and nothing of a batch.
    """
    for operation in ("GetItem", "Query", "BatchGetItem"):
        events = client.meta.events
        events.register(f"provide-client-params.dynamodb.{operation}", _remember)
        events.register(f"after-call.dynamodb.{operation}", _report)


def _remember(params: _Request, context: _Context, **_: object) -> None:
    context["request"] = params


def _report(parsed: _Answer, context: _Context, **_: object) -> None:
    if "Error" in parsed:
        return
    request = context["request"]
    if "RequestItems" in request:
        parsed["ConsumedCapacity"] = [
            {"CapacityUnits": _batch_units(parsed, table, len(keys["Keys"]))}
            for table, keys in request["RequestItems"].items()
        ]
    else:
        items = parsed["Items"] if "Items" in parsed else [parsed.get("Item", {})]
        units = query_units(items, strong=request["ConsistentRead"])
        parsed["ConsumedCapacity"] = {"CapacityUnits": units}


def _batch_units(answer: _Answer, table: str, keys: int) -> float:
    """Charge strong reads, one item each; also of those that are not there."""
    items = answer.get("Responses", {}).get(table, [])
    left = answer.get("UnprocessedKeys", {}).get(table)
    absent = keys - len(items) - (len(left["Keys"]) if left else 0)
    sizes = [*map(item_size, items), *[0] * absent]
    return sum(read_units(size, strong=True) for size in sizes)

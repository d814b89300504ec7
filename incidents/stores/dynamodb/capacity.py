"""
Read and write units by the published rules.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
and .../read-write-operations.html. No engine but Amazon's reports them right.
"""

import math
import threading
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

Item: TypeAlias = Mapping[str, "AttributeValueTypeDef"]
"""An item as DynamoDB's low-level API takes and gives it."""

_READ = 4096
_WRITE = 1024
_CONTAINER = 3
"""Bytes of overhead of a list or a map, whatever it holds; one more an element."""


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


class Meter:
    """Adds up what requests cost; any number of threads."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self._lock = threading.Lock()
        self._read = self._write = 0.0

    @property
    def read_units(self) -> float:
        """Read units so far."""
        return self._read

    @property
    def write_units(self) -> float:
        """Write units so far."""
        return self._write

    def reset(self) -> None:
        """Begin at nothing again."""
        with self._lock:
            self._read = self._write = 0.0

    def read(self, size: int, *, strong: bool) -> None:
        """Count one read request, or one item of a batch, of *size* bytes."""
        with self._lock:
            self._read += read_units(size, strong=strong)

    def query(self, items: Iterable[Item], *, strong: bool) -> None:
        """Count one page of a query: its items together."""
        self.read(sum(map(item_size, items)), strong=strong)

    def write(self, size: int) -> None:
        """Count a write of one item: the larger of what was there and what is."""
        with self._lock:
            self._write += write_units(size)

    def transaction(self, sizes: Iterable[int]) -> None:
        """Count a transaction that writes items of *sizes*, done or cancelled."""
        cost = sum(write_units(size, transactional=True) for size in sizes)
        with self._lock:
            self._write += cost

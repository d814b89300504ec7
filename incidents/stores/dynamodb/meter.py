"""The capacity units that DynamoDB says its answers cost."""

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import ConsumedCapacityTypeDef


class Meter:
    """
    Sums capacity units; any number of threads.

    A write that is refused costs as well, but DynamoDB does not say how much: it is
    not in the sum.
    """

    def __init__(self) -> None:
        """Start at zero."""
        self._lock = threading.Lock()
        self._read = self._write = 0.0

    @property
    def read_units(self) -> float:
        """Read units since the last reset."""
        return self._read

    @property
    def write_units(self) -> float:
        """Write units since the last reset."""
        return self._write

    def reset(self) -> None:
        """Start at zero again."""
        with self._lock:
            self._read = self._write = 0.0

    def add_read(self, *consumed: "ConsumedCapacityTypeDef") -> None:
        """Add the cost of a request that reads."""
        with self._lock:
            self._read += sum(each.get("CapacityUnits", 0.0) for each in consumed)

    def add_write(self, *consumed: "ConsumedCapacityTypeDef") -> None:
        """Add the cost of a request that writes."""
        # A transaction that is repeated with its token is charged as a read.
        read = sum(each.get("ReadCapacityUnits", 0.0) for each in consumed)
        total = sum(each.get("CapacityUnits", 0.0) for each in consumed)
        with self._lock:
            self._read += read
            self._write += total - read

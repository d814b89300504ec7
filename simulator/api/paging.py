"""Sort incidents, and cut them into pages by token."""

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from simulator.api.decoding import BadRequestError, Value, Values, inner, text
from simulator.api.schema import SEVERITIES
from simulator.world.records import IncidentRecord

Sortable: TypeAlias = "int | str"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime.max.replace(tzinfo=UTC)
PREFIX = "INCIDENTS_FIELDS_"


def _micros(time: datetime) -> int:
    since = time - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


KEYS: Mapping[str, Callable[[IncidentRecord], Sortable]] = {
    "UNSPECIFIED": lambda r: _micros(r.created),
    "ID": lambda r: r.id,
    # By the enum's number, in which LOW is the highest: no order of badness.
    "SEVERITY": lambda r: (
        SEVERITIES.index(r.severity) if r.severity in SEVERITIES else len(SEVERITIES)
    ),
    "NAME": lambda r: r.name or "",
    "CREATED_TIME": lambda r: _micros(r.created),
    "CLOSED_TIME": lambda r: _micros(r.closed or _LATEST),
    "STATE": lambda r: r.state,
    "STATUS": lambda r: r.status,
    "LAST_STATE_UPDATE_TIME": lambda r: _micros(r.updated),
    "APPLICATION_NAME": lambda r: r.application,
    "SUBSYSTEM_NAME": lambda r: r.subsystem,
    "DURATION": lambda r: int(r.duration.total_seconds()),
}


@dataclass(frozen=True, slots=True)
class SortKey:
    """One part of a sort order."""

    get: Callable[[IncidentRecord], Sortable]
    descending: bool


def order(values: Iterable[Values]) -> list[SortKey]:
    """Read a sort order; the default is newest first."""
    result = []
    for part in values:
        field, label = text(part, "incidentField"), text(part, "contextualLabel")
        if bool(field) == bool(label):
            raise BadRequestError("invalid orderBys: one field or label is required")
        get = KEYS[field.removeprefix(PREFIX)] if field else _label(label)
        result.append(
            SortKey(get, text(part, "direction") == "ORDER_BY_DIRECTION_DESC")
        )
    result = result or [SortKey(KEYS["CREATED_TIME"], descending=True)]
    return [*result, SortKey(KEYS["ID"], descending=False)]


def _label(name: str) -> Callable[[IncidentRecord], Sortable]:
    return lambda r: r.contextual.get(name, "")


def sort_records(
    records: list[IncidentRecord], by: Sequence[SortKey]
) -> list[IncidentRecord]:
    """Sort *records* in place by each part in turn."""
    for part in reversed(by):
        records.sort(key=part.get, reverse=part.descending)
    return records


def page_token(record: IncidentRecord, by: Sequence[SortKey]) -> str:
    """Encode the position after *record*; it stays valid while others change."""
    keys = json.dumps([part.get(record) for part in by], ensure_ascii=False)
    return base64.urlsafe_b64encode(keys.encode()).decode()


def page_start(
    records: Sequence[IncidentRecord], by: Sequence[SortKey], token_: str
) -> int:
    """
    Return the index in the sorted *records* at which the page of *token_* starts.

    Raises:
        BadRequestError: If the token is invalid.
    """
    try:
        keys = json.loads(base64.urlsafe_b64decode(token_.encode()))
        low, high = 0, len(records)
        while low < high:
            middle = (low + high) // 2
            if _is_after(records[middle], by, keys):
                high = middle
            else:
                low = middle + 1
    except (ValueError, TypeError, binascii.Error) as exc:
        raise BadRequestError("invalid page token") from exc
    return low


def _is_after(record: IncidentRecord, by: Sequence[SortKey], keys: object) -> bool:
    if not isinstance(keys, list) or len(keys) != len(by):
        raise ValueError("another order")
    for part, key in zip(by, keys, strict=True):
        value = part.get(record)
        if value != key:
            larger = bool(value > key)
            return larger != part.descending
    return False


def paging(values: Mapping[str, Value], *, limit: int) -> tuple[int | None, str]:
    """
    Return the page's size and token; the size is None without `pagination`.

    Raises:
        BadRequestError: If the size is not from 1 to *limit*.
    """
    pagination = inner(values, "pagination")
    if pagination is None:
        return None, ""
    size = pagination.get("pageSize", 0)
    if not isinstance(size, int) or not 1 <= size <= limit:
        raise BadRequestError(
            f"invalid PaginationRequest.PageSize: must be within 1 and {limit}"
        )
    return size, text(pagination, "pageToken")

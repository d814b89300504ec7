"""In which order incidents are listed, and where a page begins."""

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
    """One part of an order."""

    get: Callable[[IncidentRecord], Sortable]
    descending: bool


def order(values: Iterable[Values]) -> list[SortKey]:
    """Read an order; without one, newest first, as any direction is allowed."""
    result = []
    for one in values:
        field, label = text(one, "incidentField"), text(one, "contextualLabel")
        if bool(field) == bool(label):
            raise BadRequestError("invalid orderBys: one field or label is required")
        get = KEYS[field.removeprefix(PREFIX)] if field else _label(label)
        result.append(SortKey(get, text(one, "direction") == "ORDER_BY_DIRECTION_DESC"))
    result = result or [SortKey(KEYS["CREATED_TIME"], descending=True)]
    return [*result, SortKey(KEYS["ID"], descending=False)]


def _label(name: str) -> Callable[[IncidentRecord], Sortable]:
    return lambda r: r.contextual.get(name, "")


def arranged(
    records: list[IncidentRecord], by: Sequence[SortKey]
) -> list[IncidentRecord]:
    """Sort *records* in place by each part in turn."""
    for part in reversed(by):
        records.sort(key=part.get, reverse=part.descending)
    return records


def token(record: IncidentRecord, by: Sequence[SortKey]) -> str:
    """Name the place right after *record*, wherever others come and go."""
    keys = json.dumps([part.get(record) for part in by], ensure_ascii=False)
    return base64.urlsafe_b64encode(keys.encode()).decode()


def after(records: Sequence[IncidentRecord], by: Sequence[SortKey], token_: str) -> int:
    """
    Find where in the sorted *records* the page named by *token_* begins.

    Raises:
        BadRequestError: If it is no token.
    """
    try:
        keys = json.loads(base64.urlsafe_b64decode(token_.encode()))
        low, high = 0, len(records)
        while low < high:
            middle = (low + high) // 2
            if _beyond(records[middle], by, keys):
                high = middle
            else:
                low = middle + 1
    except (ValueError, TypeError, binascii.Error) as exc:
        raise BadRequestError("invalid page token") from exc
    return low


def _beyond(record: IncidentRecord, by: Sequence[SortKey], keys: object) -> bool:
    if not isinstance(keys, list) or len(keys) != len(by):
        raise ValueError("another order")
    for part, key in zip(by, keys, strict=True):
        mine = part.get(record)
        if mine != key:
            larger = bool(mine > key)
            return larger != part.descending
    return False


def paging(values: Mapping[str, Value], *, limit: int) -> tuple[int | None, str]:
    """
    Read the page's size and token; without `pagination`, all at once.

    Raises:
        BadRequestError: If the size is not within 1 and *limit*.
    """
    found = inner(values, "pagination")
    if found is None:
        return None, ""
    size = found.get("pageSize", 0)
    if not isinstance(size, int) or not 1 <= size <= limit:
        raise BadRequestError(
            f"invalid PaginationRequest.PageSize: must be within 1 and {limit}"
        )
    return size, text(found, "pageToken")

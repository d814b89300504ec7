"""The fields of a row, read one by one: null is absent, what is odd is named."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from incidents.errors import SourceGarbledError
from incidents.models import IncidentId, UserId

_T = TypeVar("_T")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# Protobuf itself ends at 315,576,000,000 seconds.
_DURATION = re.compile(r"(-?)([0-9]{1,12})(?:\.([0-9]{1,9}))?s")
# The API's own sizes (coralogix.md §3); what is longer is clipped.
NAME, DESCRIPTION, USER = 500, 2000, 300
_LABEL_NAME, _LABEL_VALUE, _WORD = 256, 4096, 100


class MalformedError(SourceGarbledError):
    """One row is not what the contract says; the text holds nothing of it."""


def is_incident_id(text: str) -> bool:
    """Whether *text* can be the id of an incident: a UUID."""
    return _UUID.fullmatch(text) is not None


def id_of(row: object) -> IncidentId | None:
    """Return the id of *row*; None where it has none that can be one."""
    id_ = row.get("id") if isinstance(row, dict) else None
    if isinstance(id_, str) and _UUID.fullmatch(id_):
        return IncidentId(id_)
    return None


def lenient(
    read: Callable[[Mapping[str, object], str], _T],
    row: Mapping[str, object],
    field: str,
    absent: _T,
    odd: list[str],
) -> _T:
    """*Read* a field that is not needed: where it is odd, note it, return *absent*."""
    try:
        return read(row, field)
    except MalformedError:
        odd.append(field)
        return absent


def scalar(value: object) -> object:
    """Spell a number as text; anything else is returned as it came."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value


def text(row: Mapping[str, object], field: str, limit: int) -> str:
    """Read a text, clipped to *limit*. Raises MalformedError."""
    value = row.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise MalformedError(f"{field} is not text")
    return clean(value, limit)


def clean(text: str, limit: int) -> str:
    """Clip *text*, and replace halves of characters, which nothing can store."""
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        # As JSON spells them, two halves make one character; one alone is lost.
        halves = text.encode("utf-16-le", "surrogatepass")
        return halves.decode("utf-16-le", "replace")
    return text


def word(
    row: Mapping[str, object], field: str, words: Mapping[str, str], absent: str
) -> str:
    """Read one of *words*; another is kept as it came. Raises MalformedError."""
    value = row.get(field)
    if value is None:
        return absent
    if not isinstance(value, str):
        raise MalformedError(f"{field} is not text")
    return words.get(value) or clean(value, _WORD) or absent


def time(row: Mapping[str, object], field: str) -> datetime | None:
    """
    Read a time; what is finer than a microsecond is cut off.

    Raises:
        MalformedError: If it is none, or does not say where.
    """
    value = row.get(field)
    if value is None:
        return None
    try:
        if not isinstance(value, str):
            raise MalformedError(f"{field} is not text")
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is UTC:
            return moment
        if moment.tzinfo is None:
            raise MalformedError(f"{field} has no time zone")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as exc:
        raise MalformedError(f"{field} is not a time") from exc


def labels(row: Mapping[str, object], field: str, odd: list[str]) -> dict[str, str]:
    """
    Read labels as a map, or, as on the seed's page, a list of key and value.

    What is odd is left out and noted in *odd*; numbers and truth values are text.
    """
    value = row.get(field)
    if value is None:
        return {}
    if isinstance(value, dict):
        pairs: Iterable[tuple[object, object]] = value.items()
    elif isinstance(value, list):
        pairs = _listed(value)
    else:
        odd.append(field)
        return {}
    result: dict[str, str] = {}
    for key, raw in pairs:
        shown = raw
        if not isinstance(raw, str):
            shown = _label(raw)
        if not isinstance(key, str) or not isinstance(shown, str):
            odd.append(field)
            continue
        # Nearly all are short and plain; a call for each is what would cost.
        if len(key) > _LABEL_NAME or not key.isascii():
            key = clean(key, _LABEL_NAME)  # noqa: PLW2901  # the same name, bounded
        if len(shown) > _LABEL_VALUE or not shown.isascii():
            shown = clean(shown, _LABEL_VALUE)
        result[key] = shown
    return result


def _label(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return scalar(value)


def _listed(value: list[object]) -> Iterator[tuple[object, object]]:
    for item in value:
        if isinstance(item, dict):
            yield item.get("key"), item.get("value")
        else:
            yield None, None


def user(details: object) -> UserId:
    """Read a person's id; empty where there is none. Raises MalformedError."""
    if details is None:
        return UserId("")
    id_ = details.get("userId") if isinstance(details, dict) else details
    if id_ is None:
        return UserId("")
    if not isinstance(id_, str) or not isinstance(details, dict):
        raise MalformedError("a user is not what it should be")
    return UserId(clean(id_, USER))


def duration(row: Mapping[str, object], field: str) -> timedelta | None:
    """
    Read a protobuf duration: `3600s`, `1.5s` (coralogix.md §3).

    Raises:
        MalformedError: If it is none.
    """
    value = row.get(field)
    if value is None:
        return None
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise MalformedError(f"{field} is no duration")
    sign, seconds, fraction = match.groups()
    micros = int((fraction or "")[:6].ljust(6, "0"))
    span = timedelta(seconds=int(seconds), microseconds=micros)
    return -span if sign else span

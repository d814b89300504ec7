"""Select incidents by a filter."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import TypeAlias

from simulator.api.decoding import BadRequestError, Values, inner, rows, text, texts
from simulator.api.paging import KEYS, PREFIX
from simulator.world.records import IncidentRecord

Test: TypeAlias = Callable[[IncidentRecord], bool]
_LATEST = datetime.max.replace(tzinfo=UTC)
_LIMIT = 1_000
"""Values in one field of a filter (coralogix.md §4)."""


def select(
    records: Iterable[IncidentRecord], filter_: Values | None
) -> list[IncidentRecord]:
    """
    Return the *records* that match: all fields, and any value of each.

    Raises:
        BadRequestError: If the filter is invalid or has too many values.
    """
    tests = _tests(filter_ or {})
    if not tests:
        return list(records)
    return [record for record in records if all(test(record) for test in tests)]


def _tests(filter_: Values) -> list[Test]:
    for name, value in filter_.items():
        if isinstance(value, list) and len(value) > _LIMIT:
            raise BadRequestError(f"invalid {name}: {_LIMIT} values at most")
    tests: list[Test] = []
    for name, get in _LISTS.items():
        accepted = frozenset(texts(filter_, name))
        if accepted:
            tests.append(_within(get, accepted))
    people = {user.casefold() for user in texts(filter_, "assignee")}
    if people:
        tests.append(
            lambda r: any(assignee.casefold() in people for assignee in r.assignees)
        )
    muted = filter_.get("isMuted")
    if muted is not None:
        tests.append(lambda r: r.muted is muted)
    tests += _labels(filter_, "contextualLabels", lambda r: r.contextual)
    tests += _labels(filter_, "displayLabels", lambda r: r.display)
    tests += _meta(filter_)
    tests += _times(filter_)
    search = inner(filter_, "searchQuery")
    if search is not None:
        tests.append(_search(search))
    return tests


def _within(
    get: Callable[[IncidentRecord], str | None], accepted: Collection[str]
) -> Test:
    return lambda record: get(record) in accepted


_LISTS: Mapping[str, Callable[[IncidentRecord], str]] = {
    "status": lambda r: r.status,
    "state": lambda r: r.state,
    "severity": lambda r: r.severity,
    "applicationName": lambda r: r.application,
    "subsystemName": lambda r: r.subsystem,
}


def _labels(
    filter_: Values, name: str, get: Callable[[IncidentRecord], Mapping[str, str]]
) -> list[Test]:
    field = f"{name.removesuffix('s')}Values"
    tests: list[Test] = []
    for key, value in (inner(filter_, name) or {}).items():
        accepted = frozenset(texts(value, field)) if isinstance(value, dict) else ()
        tests.append(_labelled(get, key, accepted))
    return tests


def _labelled(
    get: Callable[[IncidentRecord], Mapping[str, str]],
    key: str,
    accepted: Collection[str],
) -> Test:
    return lambda record: get(record).get(key) in accepted


def _meta(filter_: Values) -> list[Test]:
    accepted = {
        (text(row, "key"), text(row, "value")) for row in rows(filter_, "metaLabels")
    }
    if not accepted:
        return []
    if text(filter_, "metaLabelsOp") == "FILTER_OPERATOR_AND":
        return [lambda r: accepted <= set(r.meta)]
    return [lambda r: not accepted.isdisjoint(r.meta)]


def _times(filter_: Values) -> list[Test]:
    tests: list[Test] = []
    created = inner(filter_, "createdAtRange")
    if created is not None:
        start, end = _range(created, "createdAtRange")
        tests.append(lambda r: start <= r.created <= end)
    window = inner(filter_, "incidentDurationRange")
    if window is not None:
        since, until = _range(window, "incidentDurationRange")
        tests.append(lambda r: r.created <= until and (r.closed or _LATEST) >= since)
    # Deprecated, with the same meaning: open at some time between the two.
    first, last = _time(filter_, "startTime"), _time(filter_, "endTime")
    if first is not None:
        tests.append(lambda r: (r.closed or _LATEST) >= first)
    if last is not None:
        tests.append(lambda r: r.created <= last)
    return tests


def _range(values: Values, name: str) -> tuple[datetime, datetime]:
    start, end = _time(values, "startTime"), _time(values, "endTime")
    if start is None or end is None:
        raise BadRequestError(f"invalid {name}: startTime and endTime are required")
    return start, end


def _time(values: Values, name: str) -> datetime | None:
    time = values.get(name)
    return time if isinstance(time, datetime) else None


def _search(search: Values) -> Test:
    query = text(search, "query").casefold()
    label = text(search, "contextualLabel")
    field = text(search, "incidentField")
    if bool(label) == bool(field) or not query:
        raise BadRequestError("invalid searchQuery: a query and one field are required")
    if label:
        return lambda r: query in r.contextual.get(label, "").casefold()
    get = KEYS[field.removeprefix(PREFIX)]
    return lambda r: query in str(get(r)).casefold()

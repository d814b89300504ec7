"""Counts of field values, for filters and totals."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from simulator.api.call import RequestContext
from simulator.api.decoding import Values, inner, text, texts
from simulator.api.encoding import Json, stamp
from simulator.world.records import IncidentEvent, IncidentRecord

_LIMIT = 1_000
EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
LATEST = datetime(9999, 12, 31, tzinfo=UTC)


def matching_events(
    context: RequestContext,
) -> list[tuple[IncidentEvent, IncidentRecord]]:
    """Return the logged events that match the filter, with their incidents."""
    filter_ = inner(context.fields, "filter") or {}
    severities = frozenset(texts(filter_, "severity"))
    statuses = frozenset(texts(filter_, "status"))
    muted, name = filter_.get("isMuted"), text(filter_, "name")
    span = inner(filter_, "timestamp") or {}
    start = _time(span, "startTime", EARLIEST)
    end = _time(span, "endTime", LATEST)
    matches = []
    for logged in context.world.log:
        record, event = context.world.find(logged.incident), logged.event
        if (
            record is not None
            and (not severities or record.severity in severities)
            and (not statuses or record.status in statuses)
            and (muted is None or record.muted is muted)
            and (not name or record.name == name)
            and start <= event.at <= end
        ):
            matches.append((event, record))
    return matches


def _time(span: Values, name: str, absent: datetime) -> datetime:
    time = span.get(name)
    return time if isinstance(time, datetime) else absent


def values(records: Sequence[IncidentRecord]) -> dict[str, Json]:
    """Count the field values of *records*, in the API's JSON."""
    return {
        "assigneeWithCount": _with_counts(
            "assignee", (user for r in records for user in r.assignees)
        ),
        "statusWithCount": _with_counts("status", (r.status for r in records)),
        "stateWithCount": _with_counts("state", (r.state for r in records)),
        "severityWithCount": _with_counts("severity", (r.severity for r in records)),
        "contextualLabels": _labels(
            "contextualLabelValue", (r.contextual for r in records)
        ),
        "displayLabels": _labels("displayLabelValue", (r.display for r in records)),
        "metaLabelsWithCount": _meta(records),
        "metaLabelsOp": "FILTER_OPERATOR_OR_OR_UNSPECIFIED",
    }


def totals(records: Sequence[IncidentRecord]) -> dict[str, Json]:
    """Return the totals of *records*, at least one, as one group."""
    first = min(r.created for r in records)
    return {
        "groupBysValue": [],
        "aggStateCount": _with_counts("state", (r.state for r in records)),
        "aggStatusCount": _with_counts("status", (r.status for r in records)),
        "aggSeverityCount": _with_counts("severity", (r.severity for r in records)),
        "aggAssignmentsCount": [
            {"assignedTo": {"userId": user}, "count": count}
            for user, count in _most_common(u for r in records for u in r.assignees)
        ],
        "firstCreatedAt": stamp(first),
        "lastClosedAt": stamp(max(r.closed or first for r in records)),
        "allValuesCount": len(records),
        "listIncidentsId": [r.id for r in records[:_LIMIT]],
        "lastStateUpdateTime": stamp(max(r.updated for r in records)),
        "aggMetaLabelsCount": _meta(records),
    }


def _most_common(entries: Iterable[str]) -> list[tuple[str, int]]:
    return Counter(entries).most_common(_LIMIT)


def _with_counts(name: str, entries: Iterable[str]) -> list[Json]:
    return [{name: value, "count": count} for value, count in _most_common(entries)]


def _meta(records: Iterable[IncidentRecord]) -> list[Json]:
    counts = Counter(label for r in records for label in r.meta)
    return [
        {"metaLabel": {"key": key, "value": value}, "count": count}
        for (key, value), count in counts.most_common(_LIMIT)
    ]


def _labels(name: str, entries: Iterable[Mapping[str, str]]) -> dict[str, Json]:
    by_key: dict[str, list[str]] = {}
    for labels in entries:
        for key, value in labels.items():
            by_key.setdefault(key, []).append(value)
    return {
        key: {"valuesWithCount": _with_counts(name, label_values)}
        for key, label_values in by_key.items()
    }

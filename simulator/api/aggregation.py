"""Values and how often each occurs, for filters and totals."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from simulator.api.call import RequestContext
from simulator.api.decoding import Values, inner, text, texts
from simulator.api.encoding import Json, stamp
from simulator.world.records import IncidentEvent, IncidentRecord

_MOST = 1_000
EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
LATEST = datetime(9999, 12, 31, tzinfo=UTC)


def events_like(asked: RequestContext) -> list[tuple[IncidentEvent, IncidentRecord]]:
    """Find the events that the filter means, each with its incident."""
    filter_ = inner(asked.fields, "filter") or {}
    severities = frozenset(texts(filter_, "severity"))
    statuses = frozenset(texts(filter_, "status"))
    muted, name = filter_.get("isMuted"), text(filter_, "name")
    span = inner(filter_, "timestamp") or {}
    start = _time(span, "startTime", EARLIEST)
    end = _time(span, "endTime", LATEST)
    found = []
    for logged in asked.world.log:
        record, event = asked.world.find(logged.incident), logged.event
        if (
            record is not None
            and (not severities or record.severity in severities)
            and (not statuses or record.status in statuses)
            and (muted is None or record.muted is muted)
            and (not name or record.name == name)
            and start <= event.at <= end
        ):
            found.append((event, record))
    return found


def _time(span: Values, name: str, absent: datetime) -> datetime:
    found = span.get(name)
    return found if isinstance(found, datetime) else absent


def values(records: Sequence[IncidentRecord]) -> dict[str, Json]:
    """Count the values of *records*, in the shape of the API."""
    return {
        "assigneeWithCount": _counted(
            "assignee", (user for r in records for user in r.assignees)
        ),
        "statusWithCount": _counted("status", (r.status for r in records)),
        "stateWithCount": _counted("state", (r.state for r in records)),
        "severityWithCount": _counted("severity", (r.severity for r in records)),
        "contextualLabels": _labels(
            "contextualLabelValue", (r.contextual for r in records)
        ),
        "displayLabels": _labels("displayLabelValue", (r.display for r in records)),
        "metaLabelsWithCount": _meta(records),
        "metaLabelsOp": "FILTER_OPERATOR_OR_OR_UNSPECIFIED",
    }


def totals(records: Sequence[IncidentRecord]) -> dict[str, Json]:
    """Sum up *records*, at least one, as one group."""
    first = min(r.created for r in records)
    return {
        "groupBysValue": [],
        "aggStateCount": _counted("state", (r.state for r in records)),
        "aggStatusCount": _counted("status", (r.status for r in records)),
        "aggSeverityCount": _counted("severity", (r.severity for r in records)),
        "aggAssignmentsCount": [
            {"assignedTo": {"userId": user}, "count": count}
            for user, count in _common(u for r in records for u in r.assignees)
        ],
        "firstCreatedAt": stamp(first),
        "lastClosedAt": stamp(max(r.closed or first for r in records)),
        "allValuesCount": len(records),
        "listIncidentsId": [r.id for r in records[:_MOST]],
        "lastStateUpdateTime": stamp(max(r.updated for r in records)),
        "aggMetaLabelsCount": _meta(records),
    }


def _common(found: Iterable[str]) -> list[tuple[str, int]]:
    return Counter(found).most_common(_MOST)


def _counted(name: str, found: Iterable[str]) -> list[Json]:
    return [{name: value, "count": count} for value, count in _common(found)]


def _meta(records: Iterable[IncidentRecord]) -> list[Json]:
    counts = Counter(label for r in records for label in r.meta)
    return [
        {"metaLabel": {"key": key, "value": value}, "count": count}
        for (key, value), count in counts.most_common(_MOST)
    ]


def _labels(name: str, found: Iterable[Mapping[str, str]]) -> dict[str, Json]:
    by_key: dict[str, list[str]] = {}
    for labels in found:
        for key, value in labels.items():
            by_key.setdefault(key, []).append(value)
    return {
        key: {"valuesWithCount": _counted(name, several)}
        for key, several in by_key.items()
    }

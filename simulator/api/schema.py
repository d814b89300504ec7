"""The requests' fields, as the gateway's protobuf descriptors know them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class FieldType(StrEnum):
    """What one value of a field is."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    TIME = "time"
    WORD = "word"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """A field of one value, or of several."""

    kind: FieldType = FieldType.TEXT
    many: bool = False
    words: tuple[str, ...] = ()
    """Of an enum: by number, which may stand instead of the word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Object:
    """A field that is a message; a list or a map of such cannot be in a query."""

    fields: "Message"
    many: bool = False
    keyed: bool = False


Field: TypeAlias = "Scalar | Object"
Message: TypeAlias = Mapping[str, Field]
"""By name, as in JSON; a query may also spell it with underscores."""


def words(prefix: str, *names: str) -> tuple[str, ...]:
    """Spell the words of an enum."""
    return tuple(prefix + name for name in names)


SEVERITIES = words(
    "INCIDENT_SEVERITY_", "UNSPECIFIED", "INFO", "WARNING", "ERROR", "CRITICAL", "LOW"
)
STATUSES = words(
    "INCIDENT_STATUS_", "UNSPECIFIED", "TRIGGERED", "ACKNOWLEDGED", "RESOLVED"
)
STATES = words("INCIDENT_STATE_", "UNSPECIFIED", "TRIGGERED", "RESOLVED")
FIELDS = words(
    "INCIDENTS_FIELDS_",
    "UNSPECIFIED",
    "ID",
    "SEVERITY",
    "NAME",
    "CREATED_TIME",
    "CLOSED_TIME",
    "STATE",
    "STATUS",
    "LAST_STATE_UPDATE_TIME",
    "APPLICATION_NAME",
    "SUBSYSTEM_NAME",
    "DURATION",
)
DIRECTIONS = words("ORDER_BY_DIRECTION_", "UNSPECIFIED", "ASC", "DESC")
OPERATORS = words("FILTER_OPERATOR_", "OR_OR_UNSPECIFIED", "AND")

_TEXT = Scalar()
_TEXTS = Scalar(many=True)
_TIME = Scalar(kind=FieldType.TIME)
_FLAG = Scalar(kind=FieldType.FLAG)


def _word(words: tuple[str, ...], *, many: bool = False) -> Scalar:
    return Scalar(kind=FieldType.WORD, words=words, many=many)


_RANGE = Object(fields={"startTime": _TIME, "endTime": _TIME})
_META = Object(fields={"key": _TEXT, "value": _TEXT}, many=True)


def _labels(inner: str) -> Object:
    return Object(fields={inner: _TEXTS}, keyed=True)


_FILTER = Object(
    fields={
        "applicationName": _TEXTS,
        "subsystemName": _TEXTS,
        "assignee": _TEXTS,
        "status": _word(STATUSES, many=True),
        "state": _word(STATES, many=True),
        "severity": _word(SEVERITIES, many=True),
        "isMuted": _FLAG,
        "contextualLabels": _labels("contextualLabelValues"),
        "displayLabels": _labels("displayLabelValues"),
        "metaLabels": _META,
        "metaLabelsOp": _word(OPERATORS),
        "searchQuery": Object(
            fields={
                "query": _TEXT,
                "incidentField": _word(FIELDS),
                "contextualLabel": _TEXT,
            }
        ),
        "createdAtRange": _RANGE,
        "incidentDurationRange": _RANGE,
        "startTime": _TIME,
        "endTime": _TIME,
    }
)
_PAGINATION = Object(
    fields={"pageSize": Scalar(kind=FieldType.NUMBER), "pageToken": _TEXT}
)
LIST: Message = {
    "filter": _FILTER,
    "pagination": _PAGINATION,
    "orderBys": Object(
        fields={
            "incidentField": _word(FIELDS),
            "contextualLabel": _TEXT,
            "direction": _word(DIRECTIONS),
        },
        many=True,
    ),
}
FILTERED: Message = {"filter": _FILTER}
IDS: Message = {"ids": _TEXTS}
INCIDENT_IDS: Message = {"incidentIds": _TEXTS}
ASSIGN: Message = {
    "incidentIds": _TEXTS,
    "assignedTo": Object(fields={"userId": _TEXT}),
}
EVENTS: Message = {
    "filter": Object(
        fields={
            "severity": _word(SEVERITIES, many=True),
            "status": _word(STATUSES, many=True),
            "isMuted": _FLAG,
            "name": _TEXT,
            "timestamp": _RANGE,
        }
    ),
    "pagination": _PAGINATION,
    "orderBy": Object(
        fields={
            "field": _word(
                ("INCIDENT_EVENT_ORDER_BY_FIELD_TYPE_TIMESTAMP_OR_UNSPECIFIED",)
            ),
            "direction": _word(DIRECTIONS),
        }
    ),
}
NOTHING: Message = {}

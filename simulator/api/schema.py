"""The fields of requests, as in the gateway's protobuf descriptors."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class FieldType(StrEnum):
    """The type of one value of a field."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    TIME = "time"
    WORD = "word"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """A field of one value, or a list of them."""

    kind: FieldType = FieldType.TEXT
    repeated: bool = False
    enum_words: tuple[str, ...] = ()
    """The words of an enum; the index is the number, which requests may use too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Object:
    """A field that is a message; a list or a map of messages cannot be in a query."""

    fields: "Message"
    repeated: bool = False
    keyed: bool = False


Field: TypeAlias = "Scalar | Object"
Message: TypeAlias = Mapping[str, Field]
"""Fields by JSON name; a query may also use the name with underscores."""


def enum_words(prefix: str, *names: str) -> tuple[str, ...]:
    """Prefix the words of an enum."""
    return tuple(prefix + name for name in names)


SEVERITIES = enum_words(
    "INCIDENT_SEVERITY_", "UNSPECIFIED", "INFO", "WARNING", "ERROR", "CRITICAL", "LOW"
)
STATUSES = enum_words(
    "INCIDENT_STATUS_", "UNSPECIFIED", "TRIGGERED", "ACKNOWLEDGED", "RESOLVED"
)
STATES = enum_words("INCIDENT_STATE_", "UNSPECIFIED", "TRIGGERED", "RESOLVED")
FIELDS = enum_words(
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
DIRECTIONS = enum_words("ORDER_BY_DIRECTION_", "UNSPECIFIED", "ASC", "DESC")
OPERATORS = enum_words("FILTER_OPERATOR_", "OR_OR_UNSPECIFIED", "AND")

_TEXT = Scalar()
_TEXTS = Scalar(repeated=True)
_TIME = Scalar(kind=FieldType.TIME)
_FLAG = Scalar(kind=FieldType.FLAG)


def _enum(enum_words: tuple[str, ...], *, repeated: bool = False) -> Scalar:
    return Scalar(kind=FieldType.WORD, enum_words=enum_words, repeated=repeated)


_RANGE = Object(fields={"startTime": _TIME, "endTime": _TIME})
_META = Object(fields={"key": _TEXT, "value": _TEXT}, repeated=True)


def _labels(inner: str) -> Object:
    return Object(fields={inner: _TEXTS}, keyed=True)


_FILTER = Object(
    fields={
        "applicationName": _TEXTS,
        "subsystemName": _TEXTS,
        "assignee": _TEXTS,
        "status": _enum(STATUSES, repeated=True),
        "state": _enum(STATES, repeated=True),
        "severity": _enum(SEVERITIES, repeated=True),
        "isMuted": _FLAG,
        "contextualLabels": _labels("contextualLabelValues"),
        "displayLabels": _labels("displayLabelValues"),
        "metaLabels": _META,
        "metaLabelsOp": _enum(OPERATORS),
        "searchQuery": Object(
            fields={
                "query": _TEXT,
                "incidentField": _enum(FIELDS),
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
            "incidentField": _enum(FIELDS),
            "contextualLabel": _TEXT,
            "direction": _enum(DIRECTIONS),
        },
        repeated=True,
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
            "severity": _enum(SEVERITIES, repeated=True),
            "status": _enum(STATUSES, repeated=True),
            "isMuted": _FLAG,
            "name": _TEXT,
            "timestamp": _RANGE,
        }
    ),
    "pagination": _PAGINATION,
    "orderBy": Object(
        fields={
            "field": _enum(
                ("INCIDENT_EVENT_ORDER_BY_FIELD_TYPE_TIMESTAMP_OR_UNSPECIFIED",)
            ),
            "direction": _enum(DIRECTIONS),
        }
    ),
}
NOTHING: Message = {}

"""The vendor's words, all of them, and ours for those we rank (coralogix.md §3)."""

from collections.abc import Mapping
from enum import StrEnum

from incidents.models import Severity, Status


class IncidentSeverity(StrEnum):
    """How bad it is. The vendor's numbers are no order: LOW is 5."""

    UNSPECIFIED = "INCIDENT_SEVERITY_UNSPECIFIED"
    INFO = "INCIDENT_SEVERITY_INFO"
    WARNING = "INCIDENT_SEVERITY_WARNING"
    ERROR = "INCIDENT_SEVERITY_ERROR"
    CRITICAL = "INCIDENT_SEVERITY_CRITICAL"
    LOW = "INCIDENT_SEVERITY_LOW"


class IncidentStatus(StrEnum):
    """The state, and what people did."""

    UNSPECIFIED = "INCIDENT_STATUS_UNSPECIFIED"
    TRIGGERED = "INCIDENT_STATUS_TRIGGERED"
    ACKNOWLEDGED = "INCIDENT_STATUS_ACKNOWLEDGED"
    RESOLVED = "INCIDENT_STATUS_RESOLVED"


class IncidentState(StrEnum):
    """The alert engine's view."""

    UNSPECIFIED = "INCIDENT_STATE_UNSPECIFIED"
    TRIGGERED = "INCIDENT_STATE_TRIGGERED"
    RESOLVED = "INCIDENT_STATE_RESOLVED"


class EventType(StrEnum):
    """What an event of an incident is about."""

    UNSPECIFIED = "INCIDENT_EVENT_TYPE_UNSPECIFIED"
    UPSERT_STATE = "INCIDENT_EVENT_TYPE_UPSERT_STATE"
    OPEN = "INCIDENT_EVENT_TYPE_OPEN"
    CLOSE = "INCIDENT_EVENT_TYPE_CLOSE"
    SNOOZE_INDICATOR = "INCIDENT_EVENT_TYPE_SNOOZE_INDICATOR"
    ASSIGN = "INCIDENT_EVENT_TYPE_ASSIGN"
    UNASSIGN = "INCIDENT_EVENT_TYPE_UNASSIGN"
    ACKNOWLEDGE = "INCIDENT_EVENT_TYPE_ACKNOWLEDGE"


class UpsertStateType(StrEnum):
    """Where an event took the state."""

    UNSPECIFIED = "UPSERT_INCIDENT_STATE_TYPE_UNSPECIFIED"
    TRIGGERED = "UPSERT_INCIDENT_STATE_TYPE_TRIGGERED"
    RESOLVED = "UPSERT_INCIDENT_STATE_TYPE_RESOLVED"


class OriginatorType(StrEnum):
    """Who made an event: the alert engine, or a person."""

    UNSPECIFIED = "ORIGINATOR_TYPE_UNSPECIFIED"
    OPERATIONAL = "ORIGINATOR_TYPE_OPERATIONAL"
    ADMINISTRATIVE = "ORIGINATOR_TYPE_ADMINISTRATIVE"


class AlertType(StrEnum):
    """The kind of alert behind an event."""

    STANDARD = "INCIDENT_EVENT_ALERT_TYPE_STANDARD_OR_UNSPECIFIED"
    METRIC = "INCIDENT_EVENT_ALERT_TYPE_METRIC"
    NEW_VALUE = "INCIDENT_EVENT_ALERT_TYPE_NEW_VALUE"
    RATIO = "INCIDENT_EVENT_ALERT_TYPE_RATIO"
    TIME_RELATIVE = "INCIDENT_EVENT_ALERT_TYPE_TIME_RELATIVE"
    UNIQUE_COUNT = "INCIDENT_EVENT_ALERT_TYPE_UNIQUE_COUNT"
    TRACING = "INCIDENT_EVENT_ALERT_TYPE_TRACING"
    FLOW = "INCIDENT_EVENT_ALERT_TYPE_FLOW"
    SLO = "INCIDENT_EVENT_ALERT_TYPE_SLO"


class Field(StrEnum):
    """What a listing can be ordered by. Mind the S."""

    UNSPECIFIED = "INCIDENTS_FIELDS_UNSPECIFIED"
    ID = "INCIDENTS_FIELDS_ID"
    SEVERITY = "INCIDENTS_FIELDS_SEVERITY"
    NAME = "INCIDENTS_FIELDS_NAME"
    CREATED_TIME = "INCIDENTS_FIELDS_CREATED_TIME"
    CLOSED_TIME = "INCIDENTS_FIELDS_CLOSED_TIME"
    STATE = "INCIDENTS_FIELDS_STATE"
    STATUS = "INCIDENTS_FIELDS_STATUS"
    LAST_STATE_UPDATE_TIME = "INCIDENTS_FIELDS_LAST_STATE_UPDATE_TIME"
    APPLICATION_NAME = "INCIDENTS_FIELDS_APPLICATION_NAME"
    SUBSYSTEM_NAME = "INCIDENTS_FIELDS_SUBSYSTEM_NAME"
    DURATION = "INCIDENTS_FIELDS_DURATION"


class SortDirection(StrEnum):
    """Which way to order."""

    UNSPECIFIED = "ORDER_BY_DIRECTION_UNSPECIFIED"
    ASCENDING = "ORDER_BY_DIRECTION_ASC"
    DESCENDING = "ORDER_BY_DIRECTION_DESC"


class FilterOperator(StrEnum):
    """How the filters on meta labels are joined."""

    OR = "FILTER_OPERATOR_OR_OR_UNSPECIFIED"
    AND = "FILTER_OPERATOR_AND"


class EventOrder(StrEnum):
    """What a listing of events can be ordered by."""

    TIMESTAMP = "INCIDENT_EVENT_ORDER_BY_FIELD_TYPE_TIMESTAMP_OR_UNSPECIFIED"


SEVERITIES: Mapping[str, str] = {
    IncidentSeverity.CRITICAL: Severity.CRITICAL.value,
    IncidentSeverity.ERROR: Severity.ERROR.value,
    IncidentSeverity.WARNING: Severity.WARNING.value,
    IncidentSeverity.INFO: Severity.INFO.value,
    IncidentSeverity.LOW: Severity.LOW.value,
}
"""The vendor's word to ours. One that is missing is kept as it came."""
STATUSES: Mapping[str, str] = {
    IncidentStatus.TRIGGERED: Status.TRIGGERED.value,
    IncidentStatus.ACKNOWLEDGED: Status.ACKNOWLEDGED.value,
    IncidentStatus.RESOLVED: Status.RESOLVED.value,
}
STATES: Mapping[str, str] = {
    IncidentState.TRIGGERED: "triggered",
    IncidentState.RESOLVED: "resolved",
}

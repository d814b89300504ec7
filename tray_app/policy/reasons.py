"""Why a change is notified of or not: the rule that decided, and its facts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from incidents.models import Severity
from tray_app.model.memory import QuietReason
from tray_app.model.rules import Topic


class Rule(Enum):
    """The rules that can decide about a change."""

    NOTIFY_IS_ON = auto()
    OWN_FEED = auto()
    """The person's own feed has the same change, and decides there."""
    OWN_ACTION = auto()
    HISTORY_ONLY = auto()
    """The topic never notifies."""
    MUTED_IN_CORALOGIX = auto()
    EASING = auto()
    """An end, or something better: it only changes what is on the screen."""
    ACKNOWLEDGED = auto()
    SWITCHED_OFF = auto()
    BELOW_NOTIFY_FROM = auto()
    OTHERS = auto()
    """Somebody else's, and not bad enough."""
    SNOOZED_INCIDENT = auto()
    QUIET_PERIOD = auto()
    AWAY = auto()
    STILL_FLAPPING = auto()
    FLAPPING = auto()


class Amendment(Enum):
    """What changed a ruling afterwards."""

    QUIET = auto()
    """Nothing is said now."""
    OVERTAKEN = auto()
    """A later change to the incident takes its place."""
    CLEARED = auto()
    """Too many updates at once: the notification is withdrawn instead."""
    DIGEST = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One rule, with the facts that its sentence needs."""

    rule: Rule
    topic: Topic
    severity: str = ""
    threshold: Severity | None = None
    """What the severity did not reach; None is never reached."""
    until: datetime | None = None
    """When the snooze or the quiet period ends."""
    quiet: QuietReason | None = None
    openings: int = 0
    """How often the incident opened within *span*."""
    span: timedelta = timedelta()
    amendment: Amendment | None = None

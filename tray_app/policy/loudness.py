"""How loudly something is said: urgency, sound, and for how long."""

from datetime import timedelta

from incidents.models import Severity
from tray_app.model.rules import Rules, Topic, reaches
from tray_app.model.view import Urgency

BRIEFLY = timedelta(seconds=8)
"""How long a notification of low urgency stays on the screen."""
_PASSING = (Topic.LOWERED, Topic.ACKNOWLEDGED, Topic.RESOLVED, Topic.MUTED)


def urgency_of(topic: Topic, severity: str) -> Urgency:
    """Return how urgent *topic* is about an incident of *severity*."""
    if topic in _PASSING:
        return Urgency.LOW
    if severity == Severity.CRITICAL and topic is not Topic.UNASSIGNED:
        return Urgency.CRITICAL
    return Urgency.NORMAL


def sounds(topic: Topic, severity: str, rules: Rules) -> bool:
    """Whether *rules* let *topic* sound about an incident of *severity*."""
    return topic in rules.sound and reaches(severity, rules.sound_from)

"""The order in which incidents matter."""

from collections.abc import Collection
from datetime import datetime

from incidents.models import Incident, rank


def worst(incidents: Collection[Incident]) -> Incident | None:
    """Return the worst of *incidents*, the oldest of the worst; None of none."""
    return min(incidents, key=severity_first, default=None)


def severity_first(incident: Incident) -> tuple[int, datetime, str]:
    """Return a sort key: the worst first, then the oldest."""
    return -rank(incident.severity), incident.opened_at, incident.id


def urgent_first(incident: Incident) -> tuple[bool, int, datetime, str]:
    """Return a sort key: what needs attention first, and of that the worst."""
    return (
        not incident.needs_attention or incident.muted,
        *severity_first(incident),
    )

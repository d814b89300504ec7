"""One incident and what happened to it, as lines for a person and as JSON."""

from collections.abc import Iterator
from datetime import datetime

from incidents.coralogix.incidents.details import Details
from incidents.coralogix.incidents.events import (
    Acknowledged,
    Assigned,
    Closed,
    Event,
    Events,
    Snoozed,
    StateChanged,
    Unassigned,
    UnknownEvent,
)
from incidents.stores.codec import incident_to_json
from tray_app.present.phrases import lasted
from tray_app.present.safe_text import one_line


def as_lines(details: Details, events: Events) -> Iterator[str]:
    """Yield what a person wants to know; whatever the text holds, a line stays one."""
    incident = details.incident
    people = ", ".join(map(one_line, incident.assignees)) or "nobody"
    yield one_line(incident.name)
    if incident.description:
        yield one_line(incident.description)
    muted = ", muted" if incident.muted else ""
    yield (
        f"{one_line(incident.severity)}, {one_line(incident.status)}{muted},"
        f" assigned to {people}"
    )
    yield f"opened {_when(incident.opened_at)}"
    if incident.closed_at:
        after = (
            f", after {lasted(details.duration)}"
            if details.duration is not None
            else ""
        )
        yield f"closed {_when(incident.closed_at)}{after}"
    for name, value in incident.labels:
        yield f"  {one_line(name)}: {one_line(value)}"
    yield from (f"- {sentence(event)}" for event in events.events)
    if events.malformed:
        yield f"- {events.malformed} more that could not be understood"


def as_json(details: Details, events: Events) -> dict[str, object]:
    """Return what `--json` prints of it, beside the outcome."""
    lasting = details.duration
    return {
        **incident_to_json(details.incident),
        "duration_seconds": lasting.total_seconds() if lasting is not None else None,
        "events": [
            {
                "id": event.id,
                "kind": event.kind,
                "by": event.by,
                "text": sentence(event),
            }
            for event in events.events
        ],
    }


def sentence(event: Event) -> str:
    """Say what happened, in a line."""
    by = _by(event.by)
    match event.happening:
        case StateChanged(state=state, muted=muted):
            what = _word(state, "UPSERT_INCIDENT_STATE_TYPE_")
            what += ", muted" if muted else ""
        case Assigned(to=to):
            what = f"assigned to {one_line(to) or 'somebody'}"
        case Unassigned():
            what = "unassigned"
        case Acknowledged():
            what = "acknowledged"
        case Closed():
            what = "closed"
        case Snoozed(minutes=minutes):
            what = f"snoozed for {minutes} minutes" if minutes else "snoozed"
        case UnknownEvent():
            what = _word(event.kind, "INCIDENT_EVENT_TYPE_")
    return f"{what}{by or _by(event.system)}"


def _word(said: str, prefix: str) -> str:
    return one_line(said).removeprefix(prefix).replace("_", " ").lower()


def _by(who: str) -> str:
    return f" by {one_line(who)}" if who else ""


def _when(moment: datetime) -> str:
    try:
        return f"{moment.astimezone():%Y-%m-%d %H:%M:%S %Z}"
    except (OverflowError, ValueError):
        # The first and the last year do not fit into every time zone.
        return f"{moment:%Y-%m-%d %H:%M:%S %Z}"

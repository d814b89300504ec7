"""The buttons of a notification: what a person is likeliest to do next, and may."""

from collections.abc import Iterator
from datetime import timedelta

from incidents.models import Incident
from tray_app.model.intents import (
    PARTS,
    Act,
    Intent,
    OpenCoralogix,
    OpenIncident,
    Snooze,
    Verb,
)
from tray_app.model.rules import Ownership, Topic
from tray_app.model.state import TrayState
from tray_app.model.view import Button

SNOOZE_SPAN = timedelta(minutes=15)
"""For how long a reminder is put off."""
SHORT = timedelta(minutes=30)
"""For how long a digest is put off."""
MOST = 3

_LABELS = {
    Verb.ACKNOWLEDGE: ("ack", "Acknowledge"),
    Verb.ASSIGN: ("assign", "Assign to me"),
    Verb.RELEASE: ("release", "Release"),
    Verb.RESOLVE: ("resolve", "Resolve"),
}
_VERBS: dict[Topic, tuple[Verb, ...]] = {
    Topic.OPENED: (Verb.ACKNOWLEDGE, Verb.ASSIGN),
    Topic.REOPENED: (Verb.ACKNOWLEDGE, Verb.ASSIGN),
    Topic.UNMUTED: (Verb.ACKNOWLEDGE, Verb.ASSIGN),
    Topic.RAISED: (Verb.ACKNOWLEDGE,),
    Topic.ASSIGNED: (Verb.ACKNOWLEDGE, Verb.RELEASE),
    Topic.UNASSIGNED: (Verb.ASSIGN,),
    Topic.REMINDER: (Verb.ACKNOWLEDGE, Verb.ASSIGN),
    Topic.FORGOTTEN: (Verb.RESOLVE,),
}


def allowed(verb: Verb, state: TrayState) -> bool:
    """Whether there is a key, and nothing has shown that it may not do *verb*."""
    needed = {verb, *PARTS.get(verb, ())}
    return state.can_act and not needed & state.forbidden


def makes_sense(verb: Verb, incident: Incident, state: TrayState) -> bool:
    """Whether doing *verb* to *incident* would change anything."""
    match verb:
        case Verb.ACKNOWLEDGE:
            return incident.needs_attention
        case Verb.ASSIGN:
            return state.ownership(incident) is not Ownership.MINE
        case Verb.TAKE:
            return incident.needs_attention and not incident.assignees
        case Verb.RELEASE:
            return state.ownership(incident) is Ownership.MINE
        case Verb.RESOLVE:
            return incident.is_open


def for_incident(
    topic: Topic, incident: Incident, state: TrayState
) -> tuple[Button, ...]:
    """Return the buttons under a notification about *topic*."""
    return tuple(_buttons(topic, incident, state))[:MOST]


def _buttons(topic: Topic, incident: Incident, state: TrayState) -> Iterator[Button]:
    for verb in _VERBS.get(topic, ()):
        taken = topic is Topic.UNASSIGNED and incident.assignees
        if allowed(verb, state) and makes_sense(verb, incident, state) and not taken:
            key, label = _LABELS[verb]
            yield Button(key=key, label=label, intent=Act(verb, (incident.id,)))
    if topic is Topic.REMINDER:
        put_off = Snooze(SNOOZE_SPAN, incident.id)
        yield Button(key="snooze", label="Snooze 15 min", intent=put_off)
    if state.link:
        yield Button(key="open", label="Open", intent=OpenIncident(incident.id))


def click(incident: Incident, state: TrayState) -> Intent | None:
    """Return what a click on the text does: it opens, and never changes anything."""
    return OpenIncident(incident.id) if state.link else None


def of_digest(worst: Incident | None, state: TrayState) -> tuple[Button, ...]:
    """Return the buttons under a digest."""
    put_off = Button(key="snooze", label="Snooze 30 min", intent=Snooze(SHORT))
    if worst is None or not state.link:
        return (put_off,)
    show = Button(key="show", label="Show worst", intent=OpenIncident(worst.id))
    return (show, put_off)


def of_summary(state: TrayState) -> tuple[Button, ...]:
    """Return the button under a summary."""
    if not state.link:
        return ()
    return (Button(key="show", label="Show", intent=OpenCoralogix()),)

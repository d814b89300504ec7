"""The terminal view as data: an inbox of open incidents, and what each key does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum, auto

from incidents.models import Incident, IncidentId, rank
from tray_app.model.intents import (
    Act,
    CopyLink,
    Intent,
    OpenIncident,
    Quit,
    Snooze,
    SyncNow,
    Verb,
)
from tray_app.model.rules import Ownership
from tray_app.model.state import TrayState
from tray_app.present.buttons import allowed, makes_sense

SNOOZE_SPAN = timedelta(minutes=30)
KEYS: Mapping[str, str] = {
    "↑↓": "move",
    "enter": "detail",
    "q": "quit",
    "a": "acknowledge",
    "m": "mine",
    "u": "release",
    "r": "resolve",
    "o": "open",
    "c": "copy",
    "s": "snooze",
    "l": "look",
}
_VERBS = {
    "a": Verb.ACKNOWLEDGE,
    "m": Verb.ASSIGN,
    "u": Verb.RELEASE,
    "r": Verb.RESOLVE,
}


class KeyHint(Enum):
    """A key that is no character."""

    UP = auto()
    DOWN = auto()
    ENTER = auto()
    ESCAPE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxView:
    """What the view shows: the selected incident, its detail, a question."""

    at: IncidentId | None = None
    detail: bool = False
    question: Verb | None = None
    """What `y` would do: only resolving needs a confirmation."""
    message: str = ""
    """The last line: what was done, or what is wrong."""
    timeline: tuple[str, ...] = ()
    """The events of the incident in the detail, once they are read."""


def inbox(state: TrayState) -> list[Incident]:
    """Return the open incidents: those that need attention first, then mine, worst."""
    return sorted(
        state.shown(),
        key=lambda incident: (
            not incident.needs_attention or incident.muted,
            state.ownership(incident) is Ownership.OTHERS,
            -rank(incident.severity),
            incident.opened_at,
            incident.id,
        ),
    )


def selected(view: InboxView, incidents: Sequence[Incident]) -> Incident | None:
    """Return the selected incident; the first if it is no longer open."""
    incident = next((i for i in incidents if i.id == view.at), None)
    return incident or (incidents[0] if incidents else None)


def pressed(  # noqa: PLR0911  # a line for each key
    key: str | KeyHint, view: InboxView, state: TrayState
) -> tuple[InboxView, Intent | None]:
    """Return the view after *key*, and the intent of that key, if any."""
    incidents = inbox(state)
    incident = selected(view, incidents)
    view = replace(view, at=incident.id if incident else None, message="")
    if view.question is not None and incident is not None:
        verb, view = view.question, replace(view, question=None)
        return view, Act(verb, (incident.id,)) if key == "y" else None
    match key:
        case "q":
            return view, Quit()
        case "l":
            return replace(view, message="looking…"), SyncNow()
        case KeyHint.UP | "k" | KeyHint.DOWN | "j":
            step = -1 if key in (KeyHint.UP, "k") else 1
            return _moved(view, incidents, step), None
        case KeyHint.ENTER:
            return replace(view, detail=incident is not None, timeline=()), None
        case KeyHint.ESCAPE:
            return replace(view, detail=False, timeline=()), None
        case _:
            return (
                (view, None)
                if incident is None
                else _pressed_on(key, view, incident, state)
            )


def _moved(view: InboxView, incidents: Sequence[Incident], step: int) -> InboxView:
    ids = [incident.id for incident in incidents]
    if view.at is None or view.at not in ids:
        return view
    at = min(max(ids.index(view.at) + step, 0), len(ids) - 1)
    return replace(view, at=ids[at], timeline=())


def _pressed_on(  # noqa: PLR0911  # a line for each key
    key: str | KeyHint, view: InboxView, incident: Incident, state: TrayState
) -> tuple[InboxView, Intent | None]:
    """Return the view after *key* on *incident*, and its intent, if any."""
    match key:
        case "o" | "c" if not state.link:
            return replace(view, message="There is no link: set coralogix.link."), None
        case "o":
            return view, OpenIncident(incident.id)
        case "c":
            return replace(view, message="copied"), CopyLink(incident.id)
        case "s":
            return replace(view, message="snoozed for 30 min"), Snooze(
                SNOOZE_SPAN, incident.id
            )
        case "a" | "m" | "u" | "r":
            verb = _VERBS[key]
        case _:
            return view, None
    if not allowed(verb, state):
        return replace(view, message="There is no key that may do that."), None
    if not makes_sense(verb, incident, state):
        return replace(view, message="That would change nothing."), None
    if verb is Verb.RESOLVE:
        return replace(view, question=verb), None
    return replace(view, message=f"{verb}: sent…"), Act(verb, (incident.id,))

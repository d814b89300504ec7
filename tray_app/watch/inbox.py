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

SHORT = timedelta(minutes=30)
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
    """Where a person is in the inbox."""

    at: IncidentId | None = None
    detail: bool = False
    asking: Verb | None = None
    """What `y` would do: only resolving is asked about."""
    said: str = ""
    """The last line's word, of what was done or is wrong."""
    timeline: tuple[str, ...] = ()
    """Of the incident in the detail, once it is known."""


def inbox(state: TrayState) -> list[Incident]:
    """Return what is open: what needs somebody, me first, and of that the worst."""
    return sorted(
        state.shown(),
        key=lambda one: (
            not one.needs_attention or one.muted,
            state.ownership(one) is Ownership.OTHERS,
            -rank(one.severity),
            one.opened_at,
            one.id,
        ),
    )


def chosen(view: InboxView, incidents: Sequence[Incident]) -> Incident | None:
    """Return the incident that the view is at; the first where it has gone."""
    found = next((one for one in incidents if one.id == view.at), None)
    return found or (incidents[0] if incidents else None)


def pressed(  # noqa: PLR0911  # a line for each key
    key: str | KeyHint, view: InboxView, state: TrayState
) -> tuple[InboxView, Intent | None]:
    """Return the view after *key*, and what is asked for by it."""
    incidents = inbox(state)
    one = chosen(view, incidents)
    view = replace(view, at=one.id if one else None, said="")
    if view.asking is not None and one is not None:
        asked, view = view.asking, replace(view, asking=None)
        return view, Act(asked, (one.id,)) if key == "y" else None
    match key:
        case "q":
            return view, Quit()
        case "l":
            return replace(view, said="looking…"), SyncNow()
        case KeyHint.UP | "k" | KeyHint.DOWN | "j":
            step = -1 if key in (KeyHint.UP, "k") else 1
            return _moved(view, incidents, step), None
        case KeyHint.ENTER:
            return replace(view, detail=one is not None, timeline=()), None
        case KeyHint.ESCAPE:
            return replace(view, detail=False, timeline=()), None
        case _:
            return (view, None) if one is None else _wanted(key, view, one, state)


def _moved(view: InboxView, incidents: Sequence[Incident], step: int) -> InboxView:
    ids = [one.id for one in incidents]
    if view.at is None or view.at not in ids:
        return view
    at = min(max(ids.index(view.at) + step, 0), len(ids) - 1)
    return replace(view, at=ids[at], timeline=())


def _wanted(  # noqa: PLR0911  # a line for each key
    key: str | KeyHint, view: InboxView, one: Incident, state: TrayState
) -> tuple[InboxView, Intent | None]:
    """Return what a key asks for about one incident."""
    match key:
        case "o" | "c" if not state.link:
            return replace(view, said="There is no link: set coralogix.link."), None
        case "o":
            return view, OpenIncident(one.id)
        case "c":
            return replace(view, said="copied"), CopyLink(one.id)
        case "s":
            return replace(view, said="snoozed for 30 min"), Snooze(SHORT, one.id)
        case "a" | "m" | "u" | "r":
            verb = _VERBS[key]
        case _:
            return view, None
    if not allowed(verb, state):
        return replace(view, said="There is no key that may do that."), None
    if not makes_sense(verb, one, state):
        return replace(view, said="That would change nothing."), None
    if verb is Verb.RESOLVE:
        return replace(view, asking=verb), None
    return replace(view, said=f"{verb}: sent…"), Act(verb, (one.id,))

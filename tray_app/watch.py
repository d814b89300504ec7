"""The terminal view: an inbox of open incidents, as data and as what rich draws."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from incidents.models import Incident, IncidentId, Status, rank
from tray_app import badge
from tray_app.buttons import allowed, makes_sense
from tray_app.desktop.safe_text import one_line
from tray_app.intents import (
    Act,
    CopyLink,
    Intent,
    OpenIncident,
    Quit,
    Snooze,
    SyncNow,
    Verb,
)
from tray_app.phrases import (
    clock,
    coarse_age,
    joined,
    lasted,
    name_of,
    people,
    place,
    word,
)
from tray_app.rules import Whose
from tray_app.shown import Badge
from tray_app.state import Stage, State

SHORT = timedelta(minutes=30)
KEYS: Mapping[str, str] = {
    "↑↓": "move",
    "enter": "detail",
    "a": "acknowledge",
    "m": "mine",
    "u": "release",
    "r": "resolve",
    "o": "open",
    "c": "copy",
    "s": "snooze",
    "l": "look",
    "q": "quit",
}
COLUMNS: Mapping[str, int] = {
    "": 10,
    "incident": -3,
    "where": -2,
    "whose": 10,
    "stands": 9,
    "age": 4,
}
"""The list's columns and their widths; those below 0 share what is left."""
_VERBS = {
    "a": Verb.ACKNOWLEDGE,
    "m": Verb.ASSIGN,
    "u": Verb.RELEASE,
    "r": Verb.RESOLVE,
}
_STYLES = {
    "critical": "bold white on red",
    "error": "bold black on dark_orange",
    "warning": "bold black on yellow",
    "info": "bold white on blue",
    "low": "bold white on blue",
}
_BARS = {
    Badge.CRITICAL: "bold white on red",
    Badge.ERROR: "bold black on dark_orange",
    Badge.WARNING: "black on yellow",
    Badge.CALM: "bold",
}


class Key(Enum):
    """A key that is no character."""

    UP = auto()
    DOWN = auto()
    ENTER = auto()
    ESCAPE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Where a person is in the inbox."""

    at: IncidentId | None = None
    detail: bool = False
    asking: Verb | None = None
    """What `y` would do: only resolving is asked about."""
    said: str = ""
    """The last line's word, of what was done or is wrong."""
    timeline: tuple[str, ...] = ()
    """Of the incident in the detail, once it is known."""


def inbox(state: State) -> list[Incident]:
    """Return what is open: what needs somebody, me first, and of that the worst."""
    return sorted(
        state.shown(),
        key=lambda one: (
            not one.needs_attention or one.muted,
            state.whose(one) is Whose.OTHERS,
            -rank(one.severity),
            one.opened_at,
            one.id,
        ),
    )


def chosen(view: View, incidents: Sequence[Incident]) -> Incident | None:
    """Return the incident that the view is at; the first where it has gone."""
    found = next((one for one in incidents if one.id == view.at), None)
    return found or (incidents[0] if incidents else None)


def pressed(  # noqa: PLR0911  # a line for each key
    key: str | Key, view: View, state: State
) -> tuple[View, Intent | None]:
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
        case Key.UP | "k" | Key.DOWN | "j":
            step = -1 if key in (Key.UP, "k") else 1
            return _moved(view, incidents, step), None
        case Key.ENTER:
            return replace(view, detail=one is not None, timeline=()), None
        case Key.ESCAPE:
            return replace(view, detail=False, timeline=()), None
        case _:
            return (view, None) if one is None else _wanted(key, view, one, state)


def _moved(view: View, incidents: Sequence[Incident], step: int) -> View:
    ids = [one.id for one in incidents]
    if view.at is None or view.at not in ids:
        return view
    at = min(max(ids.index(view.at) + step, 0), len(ids) - 1)
    return replace(view, at=ids[at], timeline=())


def _wanted(  # noqa: PLR0911  # a line for each key
    key: str | Key, view: View, one: Incident, state: State
) -> tuple[View, Intent | None]:
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


def drawn(view: View, state: State, now: datetime, height: int) -> RenderableType:
    """Return the screen: how things stand, the list or one incident, the keys."""
    incidents = inbox(state)
    one = chosen(view, incidents)
    icon = badge.icon(state, now)
    bar = Text(f" {icon.tooltip} ", style=_BARS.get(icon.badge, "reverse"))
    body = (
        _detail(one, view, state, now)
        if view.detail and one is not None
        else _list(incidents, one, state, now, max(height - 5, 3))
    )
    return Group(bar, Text(), body, Text(), _foot(view, one))


def _list(
    incidents: Sequence[Incident],
    at: Incident | None,
    state: State,
    now: datetime,
    room: int,
) -> RenderableType:
    if not incidents:
        return Text("  Nothing is open.", style="dim")
    table = Table(box=None, expand=True, show_header=True, header_style="dim")
    for heading, width in COLUMNS.items():
        table.add_column(
            heading,
            no_wrap=True,
            overflow="ellipsis",
            width=width if width > 0 else None,
            ratio=-width if width < 0 else None,
        )
    index = incidents.index(at) if at in incidents else 0
    first = max(0, min(index - room // 2, len(incidents) - room))
    for one in incidents[first : first + room]:
        table.add_row(
            Text(f" {word(one.severity)[:8]:<8} ", style=_STYLES.get(one.severity, "")),
            Text(name_of(one)),
            Text(place(one)),
            Text(people(one.assignees) or "nobody"),
            Text(_stands(one, state, now)),
            Text(coarse_age(now - one.opened_at)),
            style="reverse" if one is at else ("" if one.needs_attention else "dim"),
        )
    return table


def _stands(one: Incident, state: State, now: datetime) -> str:
    pending = state.pending.get(one.id)
    if pending is not None and pending.stage is not Stage.CONFIRMED:
        return f"{pending.verb}: {pending.stage}"
    if state.snoozes.until(one.id, now):
        return "snoozed"
    if one.muted:
        return "muted"
    return "ack'd" if one.status == Status.ACKNOWLEDGED else one_line(one.status)


def _detail(one: Incident, view: View, state: State, now: datetime) -> RenderableType:
    lines = Text()
    lines.append(f" {word(one.severity)} ", style=_STYLES.get(one.severity, "reverse"))
    lines.append(f"  {one_line(one.name)}\n\n", style="bold")
    if one.description:
        lines.append(f"{one_line(one.description, longest=500)}\n\n")
    facts = {
        "stands": _stands(one, state, now),
        "whose": joined(one_line(user) for user in one.assignees) or "nobody",
        "opened": f"{clock(one.opened_at, now)}, {lasted(now - one.opened_at)} ago",
        **{one_line(key): one_line(value) for key, value in one.labels},
        "id": one.id,
    }
    for name, value in facts.items():
        lines.append(f"{name[:24]:<24} ", style="dim").append(f"{value}\n")
    lines.append("\nwhat happened\n", style="dim")
    for event in view.timeline or ("…",):
        lines.append(f"  {one_line(event)}\n")
    return Panel(lines, expand=True, border_style="dim")


def _foot(view: View, one: Incident | None) -> RenderableType:
    if view.asking is not None and one is not None:
        question = f" {str(view.asking).capitalize()} “{name_of(one)}”? y / n "
        return Text(question, style="bold reverse")
    keys = Text(no_wrap=True, overflow="ellipsis")
    for key, what in (("esc", "back"), *KEYS.items()) if view.detail else KEYS.items():
        keys.append(f" {key}", style="bold").append(f" {what} ", style="dim")
    return Group(Text(f" {one_line(view.said)}", style="italic"), keys)

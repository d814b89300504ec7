"""The terminal view as what rich draws: the list, one incident, the keys."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from incidents.models import Incident, Status
from tray_app import badge
from tray_app.desktop.safe_text import one_line
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
from tray_app.shown import Badge
from tray_app.state import Stage, State
from tray_app.watch import KEYS, View, chosen, inbox

COLUMNS: Mapping[str, int] = {
    "": 10,
    "incident": -3,
    "where": -2,
    "whose": 10,
    "stands": 9,
    "age": 4,
}
"""The list's columns and their widths; those below 0 share what is left."""

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

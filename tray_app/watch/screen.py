"""The terminal view as what rich draws: the list, one incident, the keys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.console import (
    Console,
    ConsoleOptions,
    Group,
    RenderableType,
    RenderResult,
)
from rich.panel import Panel
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from incidents.models import Incident, Status
from tray_app.model.state import Stage, TrayState
from tray_app.model.view import Badge
from tray_app.present import badge
from tray_app.present.phrases import (
    clock,
    coarse_age,
    joined,
    lasted,
    name_of,
    people,
    place,
    word,
)
from tray_app.present.safe_text import one_line
from tray_app.watch.inbox import KEYS, InboxView, inbox, selected

STORY = 8
"""Lines of what happened, the newest."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the list."""

    heading: str
    width: int
    """Characters; below 0: a share of what is left."""
    since: int = 0
    """The narrowest terminal that has room for it, in characters."""


COLUMNS = (
    Column("", 10),
    Column("incident", -3),
    Column("where", -2, since=70),
    Column("whose", 10, since=50),
    Column("stands", 9, since=60),
    Column("age", 4, since=40),
)

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


def drawn(
    view: InboxView, state: TrayState, now: datetime, height: int, width: int = 80
) -> RenderableType:
    """
    Return the screen: how things stand, the list or one incident, the keys.

    It is *height* lines high at most, and *width* characters wide.
    """
    incidents = inbox(state)
    one = selected(view, incidents)
    icon = badge.icon(state, now)
    bar = _line(f" {icon.tooltip} ", _BARS.get(icon.badge, "reverse"))
    room = max(height - 6, 3)
    body = (
        AtMost(room + 1, _detail(one, view, state, now))
        if view.detail and one is not None
        else _list(_in_sight(incidents, one, room), one, state, now, width)
    )
    return Group(bar, Text(), body, Text(), _foot(view, one))


def _line(text: str, style: str) -> Text:
    return Text(text, style=style, no_wrap=True, overflow="ellipsis")


@dataclass(frozen=True, slots=True)
class AtMost:
    """The first *rows* lines of *what*, so that what comes below stays in sight."""

    rows: int
    what: RenderableType

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> RenderResult:
        whole = options.update(height=None)
        for line in console.render_lines(self.what, whole)[: self.rows]:
            yield from line
            yield Segment.line()


def _in_sight(
    incidents: Sequence[Incident], at: Incident | None, room: int
) -> Sequence[Incident]:
    """Return as many as there is *room* for, the one that the view is *at* amid."""
    index = incidents.index(at) if at in incidents else 0
    first = max(0, min(index - room // 2, len(incidents) - room))
    return incidents[first : first + room]


def _list(
    incidents: Sequence[Incident],
    at: Incident | None,
    state: TrayState,
    now: datetime,
    width: int,
) -> RenderableType:
    if not incidents:
        known = state.freshness.read_at is not None
        return _line(
            "  Nothing is open." if known else "  Nothing is known yet.", "dim"
        )
    columns = [one for one in COLUMNS if one.since <= width]
    table = Table(box=None, expand=True, show_header=True, header_style="dim")
    for column in columns:
        table.add_column(
            column.heading,
            no_wrap=True,
            overflow="ellipsis",
            width=column.width if column.width > 0 else None,
            ratio=-column.width if column.width < 0 else None,
        )
    for one in incidents:
        cells = _cells(one, state, now)
        table.add_row(
            *(cells[column.heading] for column in columns),
            style="reverse" if one is at else ("" if one.needs_attention else "dim"),
        )
    return table


def _cells(one: Incident, state: TrayState, now: datetime) -> dict[str, Text]:
    """Return what the columns say of an incident, by their headings."""
    severity = f" {word(one.severity)[:8]:<8} "
    return {
        "": Text(severity, style=_STYLES.get(one.severity, "")),
        "incident": Text(name_of(one)),
        "where": Text(place(one)),
        "whose": Text(people(one.assignees) or "nobody"),
        "stands": Text(_stands(one, state, now)),
        "age": Text(coarse_age(now - one.opened_at)),
    }


def _stands(one: Incident, state: TrayState, now: datetime) -> str:
    pending = state.pending.get(one.id)
    if pending is not None and pending.stage not in (Stage.CONFIRMED, Stage.FAILED):
        return f"{pending.verb}: {pending.stage}"
    if state.snoozes.until(one.id, now):
        return "snoozed"
    if one.muted:
        return "muted"
    return "ack'd" if one.status == Status.ACKNOWLEDGED else one_line(one.status)


def _detail(
    one: Incident, view: InboxView, state: TrayState, now: datetime
) -> RenderableType:
    lines = Text()
    lines.append(f" {word(one.severity)} ", style=_STYLES.get(one.severity, "reverse"))
    lines.append(f"  {one_line(one.name)}\n\n", style="bold")
    if one.description:
        lines.append(f"{one_line(one.description, longest=500)}\n\n")
    facts = {
        "stands": _stands(one, state, now),
        "whose": joined(one_line(user) for user in one.assignees) or "nobody",
        "opened": f"{clock(one.opened_at, now)}, {lasted(now - one.opened_at)} ago",
        "id": one.id,
    }
    _append_facts(lines, facts)
    lines.append("\nwhat happened\n", style="dim")
    for event in _story(view.timeline):
        lines.append(f"  {one_line(event)}\n")
    if one.labels:
        lines.append("\n")
        _append_facts(lines, dict(one.labels))
    return Panel(lines, expand=True, border_style="dim")


def _append_facts(lines: Text, facts: Mapping[str, str]) -> None:
    for name, value in facts.items():
        lines.append(f"{one_line(name)[:24]:<24} ", style="dim")
        lines.append(f"{one_line(value)}\n")


def _story(timeline: Sequence[str]) -> Sequence[str]:
    """Return the newest of *timeline*, which may be longer than any screen."""
    if not timeline:
        return ("…",)
    earlier = len(timeline) - STORY
    return (f"… {earlier} before", *timeline[-STORY:]) if earlier > 0 else timeline


def _foot(view: InboxView, one: Incident | None) -> RenderableType:
    if view.question is not None and one is not None:
        question = f" {str(view.question).capitalize()} “{name_of(one)}”? y / n "
        return Text(question, style="bold reverse")
    keys = Text(no_wrap=True, overflow="ellipsis")
    for key, what in (("esc", "back"), *KEYS.items()) if view.detail else KEYS.items():
        keys.append(f" {key}", style="bold").append(f" {what} ", style="dim")
    return Group(_line(f" {one_line(view.message)}", "italic"), keys)

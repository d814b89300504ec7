"""The menu, as data: a pure function of the state, small, and still while it may be."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from incidents.models import Incident, Status
from tray_app.model.intents import (
    PARTS,
    Act,
    CopyLink,
    OpenCoralogix,
    OpenIncident,
    OpenLogs,
    OpenSettings,
    Quit,
    SendNow,
    ShowDoctor,
    SignIn,
    Snooze,
    SnoozeUntilMorning,
    SyncNow,
    ToggleQuietHours,
    Undo,
    Verb,
)
from tray_app.model.ordering import urgent_first
from tray_app.model.rules import Ownership
from tray_app.model.state import RECENT, Pending, Stage, TrayState
from tray_app.model.view import Entry, Item, Menu, Separator, Submenu
from tray_app.present import problems, upgrade
from tray_app.present.buttons import allowed, makes_sense
from tray_app.present.phrases import (
    DASH,
    LONGEST_LABEL,
    clamp,
    clock,
    coarse_age,
    counted,
    joined,
    name_of,
    people,
    place,
    sign,
)

MOST_ROWS = 25
A_SECTION = 6
TROUBLES = 2
PERMISSIONS = {
    Verb.ACKNOWLEDGE: "incidents:acknowledge",
    Verb.ASSIGN: "incidents:assign",
    Verb.RELEASE: "incidents:assign",
    Verb.RESOLVE: "incidents:close",
}
_SPANS = (
    (timedelta(minutes=30), "30 min"),
    (timedelta(hours=1), "1 h"),
    (timedelta(hours=8), "8 h"),
)
_LABELS = {
    Verb.ACKNOWLEDGE: "Acknowledge",
    Verb.ASSIGN: "Assign to me",
    Verb.TAKE: "Assign to me and acknowledge",
    Verb.RELEASE: "Release (un-assign me)",
    Verb.RESOLVE: "Resolve",
}
_OWN_SPANS = ((timedelta(minutes=30), "30 min"), (timedelta(hours=2), "2 h"))


def build(state: TrayState, now: datetime) -> Menu:
    """Return the menu for *state*; *now* bears the person's time zone."""
    groups = _grouped(state)
    top = [*_head(state, groups, now), Separator()]
    bottom = [Separator(), *_together(state, groups, now), *_foot(state, now)]
    room = MOST_ROWS - len(top) - len(bottom)
    return Menu((*top, *_sections(state, groups, now, room), *bottom))


def _grouped(state: TrayState) -> dict[Ownership, list[Incident]]:
    """Sort what is open by whose it is, the worst first."""
    groups: dict[Ownership, list[Incident]] = {one: [] for one in Ownership}
    for incident in state.shown():
        groups[state.ownership(incident)].append(incident)
    for group in groups.values():
        group.sort(key=urgent_first)
    return groups


def _head(
    state: TrayState, groups: dict[Ownership, list[Incident]], now: datetime
) -> Iterator[Entry]:
    lines = problems.lines(state, now, TROUBLES)
    yield from lines
    if not lines:
        yield Item(label=_freshness(state, now), intent=ShowDoctor())
    if state.freshness.read_at is not None or any(groups.values()):
        yield Item(label=_answer(groups))


def _freshness(state: TrayState, now: datetime) -> str:
    fresh = state.freshness
    if fresh.read_at is None:
        return "Connecting…"
    if fresh.read_is_old(now):
        return f"⚠ No fresh data since {clock(fresh.read_at, now)}"
    if fresh.watermark is None:
        return "⚠ No sync has completed yet"
    return "● Synced · feed live"


def _answer(groups: dict[Ownership, list[Incident]]) -> str:
    """Answer in one line what there is to do."""
    mine, nobodys = groups[Ownership.MINE], groups[Ownership.UNASSIGNED]
    need = sum(one.needs_attention and not one.muted for one in (*mine, *nobodys))
    settled = sum(one.status == Status.ACKNOWLEDGED for one in (*mine, *nobodys))
    free = sum(one.needs_attention and not one.muted for one in nobodys)
    parts = (
        f"{counted(need, 'needs', 'need')} you" if need else "",
        f"{settled} acknowledged" if settled else "",
        f"{free} unassigned" if free else "",
    )
    if any(parts):
        return joined(parts)
    return "None need you" if groups[Ownership.OTHERS] else "Nothing open"


def _sections(
    state: TrayState, groups: dict[Ownership, list[Incident]], now: datetime, room: int
) -> Iterator[Entry]:
    mine, free, others = (groups[ownership] for ownership in Ownership)
    room -= bool(mine) + bool(free) + bool(others)
    wanted = min(len(mine), A_SECTION + 1), min(len(free), A_SECTION + 1)
    for_free = min(wanted[1], max(room - wanted[0], room // 3))
    for_mine = min(wanted[0], room - for_free)
    if mine:
        yield Item(label="MINE")
        yield from _section(state, mine, now, for_mine)
    if free:
        yield Item(label="UNASSIGNED")
        yield from _section(state, free, now, for_free)
    if others:
        entries = tuple(_others(state, others, now))
        yield Submenu(label=f"TEAM ({len(others)})", entries=entries)


def _section(
    state: TrayState, incidents: Sequence[Incident], now: datetime, room: int
) -> Iterator[Entry]:
    shown = len(incidents) if len(incidents) <= room else room - 1
    for incident in incidents[:shown]:
        entries = tuple(_actions(state, incident, now))
        text = _label(state, incident, now)
        yield Submenu(label=text, entries=entries) if entries else Item(label=text)
    if shown < len(incidents):
        yield _more(state, len(incidents) - shown)


def _others(
    state: TrayState, incidents: Sequence[Incident], now: datetime
) -> Iterator[Entry]:
    for incident in incidents[:A_SECTION]:
        text = _label(state, incident, now, f" ({people(incident.assignees)})")
        entries = tuple(_actions(state, incident, now))
        yield Submenu(label=text, entries=entries) if entries else Item(label=text)
    if len(incidents) > A_SECTION:
        yield _more(state, len(incidents) - A_SECTION)


def _more(state: TrayState, number: int) -> Item:
    intent = OpenCoralogix() if state.link else None
    return Item(label=f"+{number} more in Coralogix", intent=intent)


def _together(
    state: TrayState, groups: dict[Ownership, list[Incident]], now: datetime
) -> Iterator[Entry]:
    need = tuple(one.id for one in groups[Ownership.MINE] if one.needs_attention)
    if len(need) > 1 and allowed(Verb.ACKNOWLEDGE, state):
        intent = Act(Verb.ACKNOWLEDGE, need)
        yield Item(label=f"Acknowledge all mine ({len(need)})", intent=intent)
    if not state.can_act:
        yield Item(label="Read-only: run `incident-tray setup` to act from here")
    elif state.forbidden:
        parts = {one for verb in state.forbidden for one in PARTS.get(verb, (verb,))}
        missing = sorted({PERMISSIONS[verb] for verb in parts})
        yield Item(label=clamp(f"Read-only key: ask for {', '.join(missing)}", 60))
    if state.recent:
        entries = tuple(
            Item(label=clamp(f"{clock(one.at, now)}  {one.text}", LONGEST_LABEL))
            for one in state.recent[:RECENT]
        )
        yield Submenu(label="Recent changes", entries=entries)


def _foot(state: TrayState, now: datetime) -> Iterator[Entry]:
    until = state.snoozes.all_until(now)
    if until is not None:
        text = f"Snoozed until {clock(until, now)} {DASH} turn on"
        yield Item(label=text, intent=Snooze(None))
    else:
        spans = [Item(label=text, intent=Snooze(span)) for span, text in _SPANS]
        morning = Item(label="until tomorrow 09:00", intent=SnoozeUntilMorning())
        yield Submenu(label="Snooze notifications", entries=(*spans, morning))
    quiet = state.rules.quiet_hours
    hours = f"Quiet hours {quiet.start:%H:%M}{DASH}{quiet.end:%H:%M}"
    loud = f" ({quiet.bypass} still rings)" if quiet.bypass else ""
    yield Item(label=hours + loud, intent=ToggleQuietHours(), checked=quiet.on)
    yield Item(label="Sync now", intent=SyncNow())
    if state.link:
        text = "Open Coralogix incidents"
        yield Item(label=text, intent=OpenCoralogix(), default=True)
    if state.signs_in:
        entries = (
            Item(label=clamp(state.me.uid, LONGEST_LABEL) or "?"),
            Item(label="Sign in again…", intent=SignIn()),
        )
        yield Submenu(label="Account", entries=entries)
    yield Item(label="Settings…", intent=OpenSettings())
    yield Item(label="Doctor…", intent=ShowDoctor())
    yield Item(label="Logs…", intent=OpenLogs())
    if state.newer:
        yield Item(label=upgrade.line(state.newer), intent=ShowDoctor())
    yield Item(label="Quit", intent=Quit())


def _label(state: TrayState, incident: Incident, now: datetime, who: str = "") -> str:
    """Return an incident's line: how bad, what, where, how it stands, how old."""
    age = coarse_age(now - incident.opened_at)
    status = _status(state, incident, now)
    tail = f" · {joined((status, age))}"
    head = f"{sign(incident.severity)}  "
    room = LONGEST_LABEL - len(head) - len(tail)
    where = place(incident)
    text = f"{name_of(incident)}{' · ' if where else ''}{where}{who}"
    return f"{head}{clamp(text, max(room, 8))}{tail}"


def _status(state: TrayState, incident: Incident, now: datetime) -> str:
    pending = state.pending.get(incident.id)
    if pending is not None and pending.stage is not Stage.CONFIRMED:
        return _STAGES[pending.stage]
    if state.snoozes.until(incident.id, now) is not None:
        return "snoozed"
    if incident.muted:
        return "muted"
    return "ack'd" if incident.status == Status.ACKNOWLEDGED else ""


_STAGES = {
    Stage.HELD: "resolving…",
    Stage.SENT: "sending…",
    Stage.FAILED: "failed!",
    Stage.UNCONFIRMED: "not confirmed!",
}


def _actions(state: TrayState, incident: Incident, now: datetime) -> Iterator[Entry]:
    """Yield what can be done about *incident*, by the key and at this moment."""
    pending = state.pending.get(incident.id)
    if pending is not None and pending.stage is not Stage.CONFIRMED:
        yield from _under_way(pending)
    if pending is None or pending.stage not in (Stage.HELD, Stage.SENT):
        for verb in Verb:
            if allowed(verb, state) and makes_sense(verb, incident, state):
                yield Item(label=_LABELS[verb], intent=Act(verb, (incident.id,)))
    if state.link:
        yield Item(label="Open in browser", intent=OpenIncident(incident.id))
        yield Item(label="Copy link", intent=CopyLink(incident.id))
    until = state.snoozes.until(incident.id, now)
    if until is not None:
        text = f"Snoozed until {clock(until, now)} {DASH} wake"
        yield Item(label=text, intent=Snooze(None, incident.id))
        return
    for span, text in _OWN_SPANS:
        yield Item(label=f"Snooze {text}", intent=Snooze(span, incident.id))
    morning = SnoozeUntilMorning(incident.id)
    yield Item(label="Snooze until tomorrow 09:00", intent=morning)


def _under_way(pending: Pending) -> Iterator[Entry]:
    if pending.stage is Stage.HELD:
        yield Item(label="Undo", intent=Undo(pending.id))
        yield Item(label=f"{_LABELS[pending.verb]} now", intent=SendNow(pending.id))
    elif reason := clamp(pending.reason, LONGEST_LABEL):
        yield Item(label=reason)

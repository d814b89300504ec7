"""The lines of one incident in the menu: how it stands, and what can be done."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from incidents.models import Incident, Status
from tray_app.model.intents import (
    Act,
    CopyLink,
    OpenIncident,
    SendNow,
    Snooze,
    SnoozeUntilMorning,
    Undo,
    Verb,
)
from tray_app.model.state import Pending, Stage, TrayState
from tray_app.model.view import Entry, Item
from tray_app.present.buttons import allowed, makes_sense
from tray_app.present.phrases import (
    DASH,
    LONGEST_LABEL,
    clamp,
    clock,
    coarse_age,
    joined,
    name_of,
    place,
    sign,
)

_LABELS = {
    Verb.ACKNOWLEDGE: "Acknowledge",
    Verb.ASSIGN: "Assign to me",
    Verb.TAKE: "Assign to me and acknowledge",
    Verb.RELEASE: "Release (un-assign me)",
    Verb.RESOLVE: "Resolve",
}
_OWN_SPANS = ((timedelta(minutes=30), "30 min"), (timedelta(hours=2), "2 h"))


def label(state: TrayState, incident: Incident, now: datetime, who: str = "") -> str:
    """Return an incident's line: how bad, what, where, how it stands, how old."""
    age = coarse_age(now - incident.opened_at)
    standing = _standing(state, incident, now)
    tail = f" · {joined((standing, age))}"
    head = f"{sign(incident.severity)}  "
    room = LONGEST_LABEL - len(head) - len(tail)
    where = place(incident)
    text = f"{name_of(incident)}{' · ' if where else ''}{where}{who}"
    return f"{head}{clamp(text, max(room, 8))}{tail}"


def _standing(state: TrayState, incident: Incident, now: datetime) -> str:
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


def actions(state: TrayState, incident: Incident, now: datetime) -> Iterator[Entry]:
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

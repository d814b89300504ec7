"""What is said about a person's own action: only when it did not simply succeed."""

from collections.abc import Sequence
from datetime import datetime

from incidents.models import IncidentId
from tray_app.model.intents import (
    Act,
    Intent,
    OpenCoralogix,
    OpenIncident,
    SendNow,
    SyncNow,
    Undo,
    Verb,
)
from tray_app.model.state import Pending, Stage, TrayState
from tray_app.model.view import Button, Notification, Urgency, incident_key
from tray_app.policy.loudness import BRIEFLY
from tray_app.present.phrases import LONGEST_TITLE, clamp, counted, joined
from tray_app.present.texts import DOING

BULK = "actions"
UNDER_WAY = ("hold:", "doing:")
"""What the stable ids begin with of what is said while an action is under way."""

CHECK = Button(key="retry", label="Check now", intent=SyncNow())


def holding(one: Pending, seconds: int) -> Notification:
    """Say that it is about to happen, and can be taken back."""
    name = clamp(one.name or one.id, 36)
    return Notification(
        key=incident_key(one.id),
        id=f"hold:{one.id}:{one.since.isoformat()}",
        title=f"{DOING[one.verb][0]} “{name}” in {seconds} s",
        buttons=(
            Button(key="undo", label="Undo", intent=Undo(one.id)),
            Button(key="now", label="Now", intent=SendNow(one.id)),
        ),
        expires_after=float(seconds),
    )


def doing(ones: Sequence[Pending], verb: Verb) -> Notification:
    """Say that it has been sent and takes its time."""
    first = ones[0]
    alone = len(ones) == 1
    name = f"“{clamp(first.name or first.id, 36)}”"
    what = name if alone else counted(len(ones), "incident")
    return Notification(
        key=incident_key(first.id) if alone else BULK,
        id=f"doing:{verb}:{first.id}:{first.since.isoformat()}",
        title=f"{DOING[verb][0]} {what}…",
        urgency=Urgency.LOW,
        expires_after=BRIEFLY.total_seconds(),
    )


def refused(
    verb: Verb, ids: Sequence[IncidentId], why: str, now: datetime
) -> Notification:
    """Say at once that nothing was sent."""
    only = ids[0] if len(ids) == 1 else None
    return Notification(
        key=incident_key(only) if only else BULK,
        id=f"refused:{verb}:{now.isoformat()}",
        title=why,
        body=f"{DOING[verb][2]}: nothing was done.",
        buttons=(_retry(verb, ids),),
    )


def failed(why: str, now: datetime) -> Notification:
    """Say that something asked for did not happen."""
    return Notification(
        key="failed",
        id=f"failed:{now.isoformat()}",
        title="That did not work",
        body=why,
    )


def outcome(
    settled: Sequence[Pending], verb: Verb, state: TrayState, now: datetime
) -> Notification | None:
    """Say what failed of an action; None where all of it is confirmed."""
    failed = [one for one in settled if one.stage is not Stage.CONFIRMED]
    if not failed:
        return None
    if len(settled) > 1:
        return _bulk(settled, verb, state, now)
    (one,) = failed
    name = clamp(one.name or one.id, 40)
    if one.stage is Stage.UNCONFIRMED:
        title = f"Not confirmed yet: {name}"
        first = CHECK
    else:
        title = f"{DOING[verb][2]}: {name}"
        first = _retry(verb, (one.id,))
    click: Intent | None = OpenIncident(one.id) if state.link else None
    buttons = [first]
    if click is not None:
        buttons.append(Button(key="open", label="Open", intent=click))
    return Notification(
        key=incident_key(one.id),
        id=f"act:{verb}:{one.id}:{one.since.isoformat()}",
        title=clamp(title, LONGEST_TITLE),
        body=_why(one),
        urgency=Urgency.NORMAL,
        buttons=tuple(buttons),
        click=click,
    )


def _bulk(
    settled: Sequence[Pending], verb: Verb, state: TrayState, now: datetime
) -> Notification:
    """Say how many of several are done, and which are not, or may not be."""
    failed = [one for one in settled if one.stage is Stage.FAILED]
    doubtful = [one for one in settled if one.stage is Stage.UNCONFIRMED]
    done = len(settled) - len(failed) - len(doubtful)
    said = joined((_list(failed, "failed"), _list(doubtful, "not confirmed")))
    first = _retry(verb, tuple(one.id for one in failed)) if failed else CHECK
    opens = Button(key="open", label="Open", intent=OpenCoralogix())
    return Notification(
        key=BULK,
        id=f"act:{verb}:{now.isoformat()}",
        title=f"{DOING[verb][1]} {done} of {len(settled)}",
        body=f"{said}\n{_why((failed or doubtful)[0])}",
        buttons=(first, opens) if state.link else (first,),
    )


def _list(ones: Sequence[Pending], how: str) -> str:
    names = ", ".join(clamp(one.name or one.id, 24) for one in ones[:3])
    return f"{len(ones)} {how}: {names}" if ones else ""


def _why(one: Pending) -> str:
    if one.permission:
        return f"Coralogix said: no permission ({one.permission})"
    return one.reason


def _retry(verb: Verb, ids: Sequence[IncidentId]) -> Button:
    label = "Retry failed" if len(ids) > 1 else "Retry"
    return Button(key="retry", label=label, intent=Act(verb, tuple(ids)))

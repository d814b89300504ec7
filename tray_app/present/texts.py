"""Every sentence of a notification about incidents, as title and body."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TypeAlias

from incidents.changes import Change
from incidents.follow import ResyncReason
from incidents.models import Incident, IncidentId, Severity, Status
from tray_app.model.intents import Verb
from tray_app.model.memory import Grouped, QuietReason, Thread
from tray_app.model.news import Meaning
from tray_app.model.rules import Topic
from tray_app.model.state import Me
from tray_app.policy.decisions import Baseline, Reminder, ReminderKind, Summary, Tell
from tray_app.present.phrases import (
    LONGEST_TITLE,
    clamp,
    clean,
    clock,
    counted,
    joined,
    lasted,
    name_of,
    people,
    person,
    place,
    somebody,
    word,
)

Text: TypeAlias = tuple[str, str]
"""Title and body."""

TIMES = "\u00d7"
"""The sign of multiplication."""
DOING = {
    Verb.ACKNOWLEDGE: ("Acknowledging", "Acknowledged", "Not acknowledged"),
    Verb.ASSIGN: ("Assigning", "Assigned to you", "Not assigned"),
    Verb.TAKE: ("Taking", "Taken", "Not assigned and acknowledged"),
    Verb.RELEASE: ("Releasing", "Released", "Not released"),
    Verb.RESOLVE: ("Resolving", "Resolved", "Not resolved"),
}
"""How a verb is called while it happens, once it has, and when it did not."""


def headed(heading: str, incident: Incident) -> str:
    """Put *heading* before the incident's name, within a title's length."""
    room = max(LONGEST_TITLE - len(heading) - 2, 16)
    return f"{heading}: {name_of(incident, room)}"


def change(tell: Tell, me: Me, now: datetime) -> Text:  # noqa: PLR0911  # a topic each
    """Say what changed, as the catalogue of notifications has it."""
    incident, meaning = tell.incident, tell.meaning
    before = tell.news.change.before or incident
    match meaning.topic:
        case Topic.RAISED | Topic.LOWERED:
            verb = "Raised" if meaning.topic is Topic.RAISED else "Lowered"
            was = f"was {word(before.severity)}"
            return (
                headed(f"{verb} to {word(incident.severity)}", incident),
                joined((was, place(incident), _assignees(incident, me))),
            )
        case Topic.ASSIGNED:
            by = person(meaning.by)
            heading = (
                f"{somebody(meaning.by)} assigned you" if by else "Assigned to you"
            )
            age = f"open {lasted(now - incident.opened_at)}"
            status = "acknowledged" if incident.status == Status.ACKNOWLEDGED else ""
            parts = (word(incident.severity), place(incident), age, status)
            return headed(heading, incident), joined(parts)
        case Topic.UNASSIGNED:
            return headed("No longer yours", incident), _successor(incident)
        case Topic.ACKNOWLEDGED:
            by = person(meaning.by)
            heading = f"{somebody(meaning.by)} acknowledged" if by else "Acknowledged"
            return headed(heading, incident), f"after {_open_for(incident, now)}"
        case Topic.RESOLVED:
            by = person(meaning.by)
            ending = f"by {by}" if by else ""
            after = f"after {_open_for(incident, now)}"
            return headed("Resolved", incident), joined((after, ending))
        case Topic.REOPENED:
            return headed("Open again", incident), _again(
                incident, tell.thread, now, me
            )
        case Topic.MUTED:
            return headed("Muted", incident), "alert suppression"
        case Topic.UNMUTED:
            return headed("Un-muted", incident), _opened(incident, me, now)
        case _:
            return headed(word(incident.severity), incident), _opened(incident, me, now)


def reminder(again: Reminder, now: datetime) -> Text:
    """Say that an incident is still open, and why it is said again."""
    age = lasted(now - again.since)
    match again.kind:
        case ReminderKind.SNOOZE_OVER:
            return headed("Still open", again.incident), "its snooze is over"
        case ReminderKind.UNACKNOWLEDGED:
            title = headed(f"Still open {age}", again.incident)
            return title, "nobody has acknowledged"
        case ReminderKind.FORGOTTEN:
            title = headed("Still acknowledged by you", again.incident)
            return title, f"{age} · still {clean(again.incident.state, 20)}"


def reminders(incidents: Collection[Incident]) -> Text:
    """Say that several incidents are still open."""
    title = f"Still open: {counted(len(incidents), 'critical incident')}"
    return title, _named(incident.name for incident in incidents)


def flapping(incident: Incident, times: int, span: timedelta) -> Text:
    """Say once that it opens and closes."""
    title = headed("Flapping", incident)
    return title, f"{times}{TIMES} in {lasted(span)}; quiet until it settles"


def digest(incidents: Mapping[IncidentId, Grouped]) -> Text:
    """Say what a burst holds: how many, how bad, and the commonest names."""
    total = len(incidents)
    critical = sum(
        incident.severity == Severity.CRITICAL for incident in incidents.values()
    )
    if all(incident.opened for incident in incidents.values()):
        title = counted(total, "new incident")
    else:
        title = f"{counted(total, 'incident')} changed"
    if critical:
        title += f" ({critical} critical)"
    return title, _named(clean(incident.name, 80) for incident in incidents.values())


def baseline(start: Baseline) -> Text:
    """Say how much is open: at the first start, or after a gap in a feed."""
    open_ = counted(start.open, "open incident")
    if start.reason is not ResyncReason.FIRST:
        return f"Caught up: {open_}", _GAPS[start.reason]
    parts = [f"{start.critical} critical"] if start.critical else []
    if start.mine:
        parts.append(f"{start.mine} yours")
    return f"Watching {open_}", ", ".join(parts) or ("" if start.open else NOTHING_OPEN)


NOTHING_OPEN = "nothing is open"
_GAPS = {
    ResyncReason.EXPIRED: "You were away for longer than changes are kept.",
    ResyncReason.RESTORED: "The table was restored or made anew.",
    ResyncReason.LOST: "Some changes are missing; this is how it stands now.",
}


def summary(backlog: Summary, now: datetime) -> Text:
    """Say what happened while nothing was said."""
    title = f"{_QUIET[backlog.reason]} ({lasted(now - backlog.since)})"
    still = f"{backlog.open} still open" + (
        f", {backlog.mine} yours" if backlog.mine else ""
    )
    return title, joined(
        (still, f"{backlog.ended} came and went" if backlog.ended else "")
    )


_QUIET = {
    QuietReason.AWAY: "While you were away",
    QuietReason.SNOOZED: "While you were snoozing",
    QuietReason.QUIET_HOURS: "In the quiet hours",
}


def history(  # noqa: PLR0911  # a row of the catalogue each
    change: Change, meaning: Meaning, now: datetime
) -> str:
    """Say in a line what happened, for the recent changes."""
    incident = change.incident
    what = f"“{name_of(incident, 32)}”"
    by = person(meaning.by)
    match meaning.topic:
        case Topic.ASSIGNED:
            return f"{by} assigned you {what}" if by else f"{what} came to you"
        case Topic.UNASSIGNED:
            return joined((f"{what} left you", _successor(incident)))
        case Topic.RAISED | Topic.LOWERED:
            return f"{what} {meaning.topic} to {word(incident.severity)}"
        case Topic.EDITED if change.before is not None:
            if change.before.assignees != incident.assignees:
                return f"{what}: {_now(incident)}"
            return f"{what} edited"
        case Topic.OPENED:
            return f"{what} opened · {word(incident.severity)}"
        case Topic.SNOOZED if incident.snoozed_until:
            until = clock(incident.snoozed_until, now)
            verb = f"{by} snoozed {what}" if by else f"{what} snoozed"
            return f"{verb} until {until}"
        case _:
            verb = str(meaning.topic)
            return f"{by} {verb} {what}" if by else f"{what} {verb}"


def _opened(incident: Incident, me: Me, now: datetime) -> str:
    opened = f"opened {clock(incident.opened_at, now)}"
    return joined((place(incident), _assignees(incident, me) or _now(incident), opened))


def _again(incident: Incident, thread: Thread, now: datetime, me: Me) -> str:
    ended = thread.resolved_at
    parts = [f"resolved {lasted(now - ended)} ago" if ended else place(incident)]
    times = len(thread.openings)
    if times > 1:
        parts.append(f"{_ORDINALS.get(times, f'{times}th')} time today")
    return joined((*parts, _assignees(incident, me)))


_ORDINALS = {2: "2nd", 3: "3rd"}


def _assignees(incident: Incident, me: Me) -> str:
    return "you are assigned" if me.among(incident.assignees) else ""


def _now(incident: Incident) -> str:
    who = people(incident.assignees)
    return f"assigned to {who}" if who else "nobody assigned"


def _successor(incident: Incident) -> str:
    if not incident.assignees:
        return "nobody is assigned now"
    who = people(incident.assignees)
    return f"{who[:1].upper()}{who[1:]} took over"


def _open_for(incident: Incident, now: datetime) -> str:
    return lasted((incident.closed_at or now) - incident.opened_at)


def _named(names: Iterable[str]) -> str:
    """Name the commonest of *names*, with their number, and count the rest."""
    commonest = Counter(clamp(name, 32) for name in names).most_common()
    shown = [f"{times}{TIMES} {n}" if times > 1 else n for n, times in commonest[:2]]
    rest = sum(times for _, times in commonest[2:])
    return ", ".join([*shown, f"{rest} more"] if rest else shown)

"""Every sentence that a notification says, as title and body."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TypeAlias

from incidents.changes import Change
from incidents.models import Incident, IncidentId, Severity, Status
from tray_app.model.intents import Verb
from tray_app.model.memory import Grouped, QuietBacklog, Thread
from tray_app.model.news import Meaning
from tray_app.model.rules import Ownership, Topic
from tray_app.model.state import Me, whose
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


def told(  # noqa: PLR0911  # a row of the catalogue each
    change: Change, meaning: Meaning, me: Me, thread: Thread, now: datetime
) -> Text:
    """Say what happened, as the catalogue has it."""
    incident = change.incident
    before = change.before or incident
    match meaning.topic:
        case Topic.RAISED | Topic.LOWERED:
            verb = "Raised" if meaning.topic is Topic.RAISED else "Lowered"
            was = f"was {word(before.severity)}"
            return (
                headed(f"{verb} to {word(incident.severity)}", incident),
                joined((was, place(incident), _whose(incident, me))),
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
            return headed("Open again", incident), _again(incident, thread, now, me)
        case Topic.MUTED:
            return headed("Muted", incident), "alert suppression"
        case Topic.UNMUTED:
            return headed("Un-muted", incident), _opened(incident, me, now)
        case _:
            return headed(word(incident.severity), incident), _opened(incident, me, now)


def reminder(incident: Incident, since: datetime, now: datetime) -> Text:
    """Say that nobody has acknowledged it."""
    heading = f"Still open {lasted(now - since)}"
    return headed(heading, incident), "nobody has acknowledged"


def reminders(incidents: Collection[Incident]) -> Text:
    """Say that of several at once."""
    title = f"Still open: {counted(len(incidents), 'critical incident')}"
    return title, _named(one.name for one in incidents)


def awake(incident: Incident) -> Text:
    """Say that an incident's own snooze is over."""
    return headed("Still open", incident), "its snooze is over"


def forgotten(incident: Incident, since: datetime, now: datetime) -> Text:
    """Say that I acknowledged it long ago."""
    title = headed("Still acknowledged by you", incident)
    return title, f"{lasted(now - since)} · still {clean(incident.state, 20)}"


def flapping(incident: Incident, times: int, span: timedelta) -> Text:
    """Say once that it opens and closes."""
    title = headed("Flapping", incident)
    return title, f"{times}{TIMES} in {lasted(span)}; quiet until it settles"


def digest(incidents: Mapping[IncidentId, Grouped]) -> Text:
    """Say what a burst holds: how many, how bad, and the commonest names."""
    total = len(incidents)
    critical = sum(one.severity == Severity.CRITICAL for one in incidents.values())
    if all(one.fresh for one in incidents.values()):
        title = counted(total, "new incident")
    else:
        title = f"{counted(total, 'incident')} changed"
    if critical:
        title += f" ({critical} critical)"
    return title, _named(one.name for one in incidents.values())


def baseline(incidents: Collection[Incident], me: Me) -> Text:
    """Say what is being watched, at the first start."""
    title = f"Watching {counted(len(incidents), 'open incident')}"
    critical = sum(one.severity == Severity.CRITICAL for one in incidents)
    mine = sum(whose(one, me) is Ownership.MINE for one in incidents)
    parts = [f"{critical} critical"] if critical else []
    if mine:
        parts.append(f"{mine} yours")
    return title, ", ".join(parts) or ("nothing is open" if not incidents else "")


def anew(incidents: Collection[Incident], why: str) -> Text:
    """Say that the feed began anew, and what is open now."""
    return f"Caught up: {counted(len(incidents), 'open incident')}", why


def summary(
    held: QuietBacklog, view: Mapping[IncidentId, Incident], me: Me, now: datetime
) -> Text:
    """Say what happened while nothing was said."""
    span = lasted(now - held.since)
    title = {
        "snoozed": f"While you were snoozing ({span})",
        "quiet": f"In the quiet hours ({span})",
    }.get(held.why, f"While you were away ({span})")
    still = [view[id_] for id_ in held.ids if id_ in view]
    mine = sum(whose(one, me) is Ownership.MINE for one in still)
    gone = len(held.ids) - len(still)
    first = f"{len(still)} still open" + (f", {mine} yours" if mine else "")
    return title, joined((first, f"{gone} came and went" if gone else ""))


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
    return joined((place(incident), _whose(incident, me) or _now(incident), opened))


def _again(incident: Incident, thread: Thread, now: datetime, me: Me) -> str:
    ended = thread.resolved_at
    parts = [f"resolved {lasted(now - ended)} ago" if ended else place(incident)]
    times = len(thread.openings)
    if times > 1:
        parts.append(f"{_ORDINALS.get(times, f'{times}th')} time today")
    return joined((*parts, _whose(incident, me)))


_ORDINALS = {2: "2nd", 3: "3rd"}


def _whose(incident: Incident, me: Me) -> str:
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

"""Make notifications: the sentence, how loudly, the buttons, how long it stays."""

from collections.abc import Collection, Mapping
from datetime import datetime

from incidents.models import Incident, IncidentId, Severity, rank
from tray_app.model.memory import Burst, QuietBacklog, Thread
from tray_app.model.news import Meaning, News
from tray_app.model.rules import Ownership, Topic, reaches
from tray_app.model.state import TrayState
from tray_app.model.view import Notification, Urgency
from tray_app.present import buttons, texts

BRIEFLY = 8.0
"""Seconds that something stays which is only said in passing."""
STAYS = 0.0
DIGEST, SUMMARY, REMINDERS, BASELINE = "digest", "summary", "reminders", "baseline"
_PASSING = (Topic.LOWERED, Topic.ACKNOWLEDGED, Topic.RESOLVED, Topic.MUTED)


def key_of(id_: IncidentId) -> str:
    """Return the key of the one notification that an incident has."""
    return f"incident:{id_}"


def incident(
    news: News, about: Meaning, thread: Thread, state: TrayState, now: datetime
) -> Notification:
    """Tell what a change means."""
    one, topic = news.incident, about.topic
    if thread.flapping and topic in (Topic.OPENED, Topic.REOPENED):
        span = state.rules.flapping_span
        times = sum(now - opening < span for opening in thread.openings)
        title, body = texts.flapping(one, times, span)
    else:
        title, body = texts.told(news.change, about, state.me, thread, now)
    urgency = _urgency(topic, one)
    return Notification(
        key=key_of(one.id),
        told=news.told,
        title=title,
        body=body,
        urgency=urgency,
        buttons=buttons.for_incident(topic, one, state),
        click=buttons.click(one, state),
        sound=_sounds(topic, one.severity, state),
        expires_after=_stays(urgency),
    )


def reminder(
    one: Incident, text: texts.Text, told: str, state: TrayState
) -> Notification:
    """Say again that *one* is open."""
    urgency = _urgency(Topic.REMINDER, one)
    return Notification(
        key=key_of(one.id),
        told=told,
        title=text[0],
        body=text[1],
        urgency=urgency,
        buttons=buttons.for_incident(Topic.REMINDER, one, state),
        click=buttons.click(one, state),
        sound=_sounds(Topic.REMINDER, one.severity, state),
        expires_after=_stays(urgency),
    )


def forgotten(
    one: Incident, text: texts.Text, told: str, state: TrayState
) -> Notification:
    """Say that I acknowledged *one* long ago."""
    return Notification(
        key=key_of(one.id),
        told=told,
        title=text[0],
        body=text[1],
        buttons=buttons.for_incident(Topic.FORGOTTEN, one, state),
        click=buttons.click(one, state),
    )


def reminders(due: Collection[Incident], told: str, state: TrayState) -> Notification:
    """Say again that several are open, in one notification."""
    title, body = texts.reminders(due)
    return Notification(
        key=REMINDERS,
        told=told,
        title=title,
        body=body,
        urgency=Urgency.CRITICAL,
        buttons=buttons.of_digest(worst(due), state),
        sound=_sounds(Topic.REMINDER, Severity.CRITICAL, state),
        expires_after=STAYS,
    )


def digest(burst: Burst, told: str, state: TrayState) -> Notification:
    """Tell a burst, in place of what was told of it before."""
    title, body = texts.digest(burst.incidents)
    view = state.incidents()
    still = [view[id_] for id_ in burst.incidents if id_ in view]
    critical = any(one.severity == Severity.CRITICAL for one in still)
    urgency = Urgency.CRITICAL if critical else Urgency.NORMAL
    return Notification(
        key=DIGEST,
        told=f"digest:{told}",
        title=title,
        body=body,
        urgency=urgency,
        buttons=buttons.of_digest(worst(still), state),
        sound=critical and _sounds(Topic.OPENED, Severity.CRITICAL, state),
        expires_after=_stays(urgency),
    )


def summary(
    held: QuietBacklog,
    view: Mapping[IncidentId, Incident],
    state: TrayState,
    now: datetime,
) -> Notification:
    """Tell what was held; only what is still open can ring."""
    title, body = texts.summary(held, view, state.me, now)
    loud = any(
        one.severity == Severity.CRITICAL
        and one.needs_attention
        and not one.muted
        and state.whose(one) is not Ownership.OTHERS
        for id_ in held.ids
        if (one := view.get(id_)) is not None
    )
    urgency = Urgency.CRITICAL if loud else Urgency.NORMAL
    return Notification(
        key=SUMMARY,
        told=f"summary:{held.since.isoformat()}",
        title=title,
        body=body,
        urgency=urgency,
        buttons=buttons.of_summary(state),
        sound=loud and _sounds(Topic.OPENED, Severity.CRITICAL, state),
        expires_after=_stays(urgency),
    )


def begun(state: TrayState, why: str, told: str) -> Notification:
    """Say what is being watched; and *why* anew, if it was before."""
    shown = state.shown()
    title, body = texts.anew(shown, why) if why else texts.baseline(shown, state.me)
    return Notification(
        key=BASELINE,
        told=told,
        title=title,
        body=body,
        buttons=buttons.of_summary(state),
    )


def worst(incidents: Collection[Incident]) -> Incident | None:
    """Return the worst of *incidents*, the oldest of the worst."""
    return min(incidents, key=severity_first, default=None)


def severity_first(one: Incident) -> tuple[int, datetime, str]:
    """Order incidents: the worst first, then the oldest."""
    return -rank(one.severity), one.opened_at, one.id


def urgent_first(one: Incident) -> tuple[bool, int, datetime, str]:
    """Order incidents: what needs somebody first, and of that the worst."""
    return (not one.needs_attention or one.muted, *severity_first(one))


def _urgency(topic: Topic, one: Incident) -> Urgency:
    if topic in _PASSING:
        return Urgency.LOW
    if one.severity == Severity.CRITICAL and topic is not Topic.UNASSIGNED:
        return Urgency.CRITICAL
    return Urgency.NORMAL


def _stays(urgency: Urgency) -> float | None:
    return {Urgency.LOW: BRIEFLY, Urgency.CRITICAL: STAYS}.get(urgency)


def _sounds(topic: Topic, severity: str, state: TrayState) -> bool:
    rules = state.rules
    return topic in rules.sound and reaches(severity, rules.sound_from)

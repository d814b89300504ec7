"""From an announcement to a notification: sentence, buttons, click, time it stays."""

from datetime import datetime

from tray_app.model.intents import Intent
from tray_app.model.ordering import worst
from tray_app.model.rules import Topic
from tray_app.model.state import TrayState
from tray_app.model.view import Button, Notification, Urgency, incident_key
from tray_app.policy.decisions import (
    Announcement,
    Baseline,
    Digest,
    Reminder,
    ReminderDigest,
    ReminderKind,
    Summary,
    Tell,
)
from tray_app.policy.loudness import BRIEFLY
from tray_app.present import buttons, texts

DIGEST, SUMMARY, REMINDERS, BASELINE = "digest", "summary", "reminders", "baseline"
"""Keys under which these notifications replace the one before."""
_STAYS = {Urgency.LOW: BRIEFLY.total_seconds(), Urgency.CRITICAL: 0.0}


def build(one: Announcement, state: TrayState, now: datetime) -> Notification:
    """Return the notification of *one*, with times in the time zone of *now*."""
    match one:
        case Tell():
            return _change(one, state, now)
        case Reminder():
            return _reminder(one, state, now)
        case ReminderDigest():
            row = buttons.of_digest(worst(one.incidents), state)
            return _notification(one, REMINDERS, texts.reminders(one.incidents), row)
        case Digest():
            row = buttons.of_digest(one.worst, state)
            return _notification(one, DIGEST, texts.digest(one.incidents), row)
        case Summary():
            row = buttons.of_summary(state)
            return _notification(one, SUMMARY, texts.summary(one, now), row)
        case Baseline():
            row = buttons.of_summary(state)
            return _notification(one, BASELINE, texts.baseline(one), row)


def _change(one: Tell, state: TrayState, now: datetime) -> Notification:
    incident = one.incident
    if one.flapping is not None:
        text = texts.flapping(incident, one.flapping, state.rules.flapping_span)
    else:
        text = texts.change(one, state.me, now)
    return _notification(
        one,
        incident_key(incident.id),
        text,
        buttons.for_incident(one.meaning.topic, incident, state),
        buttons.click(incident, state),
    )


def _reminder(one: Reminder, state: TrayState, now: datetime) -> Notification:
    forgotten = one.kind is ReminderKind.FORGOTTEN
    topic = Topic.FORGOTTEN if forgotten else Topic.REMINDER
    return _notification(
        one,
        incident_key(one.incident.id),
        texts.reminder(one, now),
        buttons.for_incident(topic, one.incident, state),
        buttons.click(one.incident, state),
    )


def _notification(
    one: Announcement,
    key: str,
    text: texts.Text,
    row: tuple[Button, ...],
    click: Intent | None = None,
) -> Notification:
    title, body = text
    return Notification(
        key=key,
        told=one.id,
        title=title,
        body=body,
        urgency=one.urgency,
        buttons=row,
        click=click,
        sound=one.sound,
        expires_after=_STAYS.get(one.urgency),
    )

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


def build(announcement: Announcement, state: TrayState, now: datetime) -> Notification:
    """Return the notification of *one*, with times in the time zone of *now*."""
    match announcement:
        case Tell():
            return _change(announcement, state, now)
        case Reminder():
            return _reminder(announcement, state, now)
        case ReminderDigest():
            row = buttons.of_digest(worst(announcement.incidents), state)
            return _notification(
                announcement, REMINDERS, texts.reminders(announcement.incidents), row
            )
        case Digest():
            row = buttons.of_digest(announcement.worst, state)
            return _notification(
                announcement, DIGEST, texts.digest(announcement.incidents), row
            )
        case Summary():
            row = buttons.of_summary(state)
            return _notification(
                announcement, SUMMARY, texts.summary(announcement, now), row
            )
        case Baseline():
            row = buttons.of_summary(state)
            return _notification(
                announcement, BASELINE, texts.baseline(announcement), row
            )


def _change(announcement: Tell, state: TrayState, now: datetime) -> Notification:
    incident = announcement.incident
    if announcement.flapping is not None:
        text = texts.flapping(
            incident, announcement.flapping, state.rules.flapping_span
        )
    else:
        text = texts.change(announcement, state.me, now)
    return _notification(
        announcement,
        incident_key(incident.id),
        text,
        buttons.for_incident(announcement.meaning.topic, incident, state),
        buttons.click(incident, state),
    )


def _reminder(announcement: Reminder, state: TrayState, now: datetime) -> Notification:
    forgotten = announcement.kind is ReminderKind.FORGOTTEN
    topic = Topic.FORGOTTEN if forgotten else Topic.REMINDER
    return _notification(
        announcement,
        incident_key(announcement.incident.id),
        texts.reminder(announcement, now),
        buttons.for_incident(topic, announcement.incident, state),
        buttons.click(announcement.incident, state),
    )


def _notification(
    announcement: Announcement,
    key: str,
    text: texts.Text,
    row: tuple[Button, ...],
    click: Intent | None = None,
) -> Notification:
    title, body = text
    return Notification(
        key=key,
        id=announcement.id,
        title=title,
        body=body,
        urgency=announcement.urgency,
        buttons=row,
        click=click,
        sound=announcement.sound,
        expires_after=_STAYS.get(announcement.urgency),
    )

"""What every desktop gets of a notification, and what a press on it asks for."""

import math
from dataclasses import dataclass

from tray_app.model.intents import Intent
from tray_app.model.view import Notification
from tray_app.present.safe_text import lines, one_line

CLICK = "default"
"""The action that stands for a click on the notification itself."""
MOST_BUTTONS = 3
"""What every desktop shows."""
LONGEST_TITLE = 120
LONGEST_BODY = 500


@dataclass(frozen=True, slots=True)
class Content:
    """Safe, bounded text; not yet escaped for a desktop that reads markup."""

    title: str
    body: str
    buttons: tuple[tuple[str, str], ...]
    """Key and label."""
    timeout: int
    """Seconds on the screen; 0: until it is seen, -1: as long as the desktop likes."""


def content(notification: Notification) -> Content:
    """Return what is shown of *notification*."""
    seconds = notification.expires_after
    return Content(
        title=one_line(notification.title, longest=LONGEST_TITLE),
        body=lines(notification.body, longest=LONGEST_BODY),
        buttons=tuple(
            (button.key, one_line(button.label))
            for button in notification.buttons[:MOST_BUTTONS]
        ),
        timeout=-1 if seconds is None else math.ceil(seconds),
    )


def intent_of(notification: Notification, action: str) -> Intent | None:
    """Return what *action*, `CLICK` or a button's key, asks for."""
    if action == CLICK:
        return notification.click
    for button in notification.buttons:
        if button.key == action:
            return button.intent
    return None

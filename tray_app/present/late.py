"""One notification for many that could not be shown for long."""

from collections.abc import Sequence

from tray_app.model.intents import OpenCoralogix
from tray_app.model.view import Notification
from tray_app.present.phrases import counted

KEY = "late"
LISTED = 5
"""The most notifications that are named; the rest is counted."""


def summary(late: Sequence[Notification]) -> Notification:
    """Return one notification that names those of *late*, the newest first."""
    titles = [notification.title for notification in reversed(late)]
    more = len(titles) - LISTED
    return Notification(
        key=KEY,
        id=f"{KEY}:{late[-1].id}",
        title=f"{counted(len(late), 'notification')} could not be shown until now",
        body="\n".join([*titles[:LISTED], *([f"and {more} more"] if more > 0 else [])]),
        urgency=max(notification.urgency for notification in late),
        click=OpenCoralogix(),
        sound=any(notification.sound for notification in late),
        expires_after=0 if any(one.expires_after == 0 for one in late) else None,
    )

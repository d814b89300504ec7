"""A time in which nothing is said: snoozed, or the quiet hours."""

from dataclasses import dataclass
from datetime import datetime

from incidents.models import Severity
from tray_app.model.state import TrayState


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietPeriod:
    """A time in which nothing is said, and how bad breaks through it."""

    why: str
    """`snoozed` or `quiet`."""
    until: datetime
    bypass: Severity | None


def rest_at(state: TrayState, now: datetime) -> QuietPeriod | None:
    """Return the rest that *now* falls into; *now* bears the person's time zone."""
    rules = state.rules
    if (until := state.snoozes.all_until(now)) is not None:
        return QuietPeriod(why="snoozed", until=until, bypass=rules.snooze_bypass)
    if (until := rules.quiet_hours.until(now)) is not None:
        return QuietPeriod(why="quiet", until=until, bypass=rules.quiet_hours.bypass)
    return None

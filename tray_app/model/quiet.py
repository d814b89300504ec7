"""A time in which nothing is said: snoozed, or the quiet hours."""

from dataclasses import dataclass
from datetime import datetime

from incidents.models import Severity
from tray_app.model.memory import QuietReason
from tray_app.model.state import TrayState


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietPeriod:
    """A time in which nothing is said, and which severity is said all the same."""

    reason: QuietReason
    until: datetime
    bypass: Severity | None
    """From this severity on; None: nothing is said."""


def quiet_period(state: TrayState, now: datetime) -> QuietPeriod | None:
    """Return the quiet period that *now*, in the person's time zone, falls into."""
    rules = state.rules
    if (until := state.snoozes.all_until(now)) is not None:
        return QuietPeriod(
            reason=QuietReason.SNOOZED, until=until, bypass=rules.snooze_bypass
        )
    if (until := rules.quiet_hours.until(now)) is not None:
        return QuietPeriod(
            reason=QuietReason.QUIET_HOURS,
            until=until,
            bypass=rules.quiet_hours.bypass,
        )
    return None

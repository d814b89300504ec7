"""What a person wants to see, be notified of and hear, and when: validated data."""

from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from enum import StrEnum

from incidents.models import Severity, rank
from tray_app.model.local_time import at_clock

NEVER = "never"
"""How a threshold that nothing reaches, None here, is written."""


class Topic(StrEnum):
    """What a notification can be about: the rows of the catalogue."""

    OPENED = "opened"
    REOPENED = "reopened"
    RAISED = "raised"
    LOWERED = "lowered"
    ASSIGNED = "assigned"
    """Somebody assigned it to me."""
    UNASSIGNED = "unassigned"
    """It is no longer mine."""
    ACKNOWLEDGED = "acknowledged"
    """By somebody else."""
    RESOLVED = "resolved"
    MUTED = "muted"
    UNMUTED = "unmuted"
    SNOOZED = "snoozed"
    """In Coralogix, by anybody."""
    REMINDER = "reminder"
    """It is critical, and still nobody has acknowledged it."""
    FORGOTTEN = "forgotten"
    """I acknowledged it long ago, and it is still open."""
    EDITED = "edited"
    VANISHED = "vanished"


class Ownership(StrEnum):
    """Whom an incident is assigned to, seen from here."""

    MINE = "mine"
    UNASSIGNED = "unassigned"
    OTHERS = "others"


DEFAULT_NOTIFY = frozenset(Topic) - {
    Topic.LOWERED,
    Topic.MUTED,
    Topic.SNOOZED,
    Topic.FORGOTTEN,
    Topic.EDITED,
    Topic.VANISHED,
}
DEFAULT_SOUND = frozenset(
    {
        Topic.OPENED,
        Topic.REOPENED,
        Topic.RAISED,
        Topic.ASSIGNED,
        Topic.UNMUTED,
        Topic.REMINDER,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """A span of every day, in local time; it may cross midnight."""

    on: bool = False
    start: time = time(22)
    end: time = time(7)
    bypass: Severity | None = Severity.CRITICAL
    """From this severity on notifications are shown all the same; None: none is."""

    def until(self, now: datetime) -> datetime | None:
        """Return when the quiet ends, if it is quiet at *now*; *now* bears its zone."""
        if not self.on or self.start == self.end:
            return None
        nights = timedelta(days=int(self.start > self.end))
        for day in (now.date() - nights, now.date()):
            end = at_clock(day + nights, self.end, now)
            if at_clock(day, self.start, now) <= now < end:
                return end
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietSwitch:
    """What a person switched the quiet hours to, in the menu."""

    on: bool
    instead_of: bool
    """The setting at that time; once the setting changes, it counts again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The three rules, show, notify and sound, and the times that are quiet."""

    show_from: Severity = Severity.LOW
    """Severities from here on are in the menu and colour the icon."""
    notify: frozenset[Topic] = DEFAULT_NOTIFY
    """The topics that notify; `assigned` always does (user guide)."""
    notify_from: Severity = Severity.ERROR
    """Severities from here on notify; being assigned notifies whatever it is."""
    notify_others_from: Severity | None = Severity.CRITICAL
    """From here on when it is somebody else's; None: never."""
    sound: frozenset[Topic] = DEFAULT_SOUND
    """The topics that may sound, where they notify."""
    sound_from: Severity | None = Severity.CRITICAL
    """Severities from here on sound; None: never."""
    quiet_hours: QuietHours = field(default_factory=QuietHours)
    snooze_bypass: Severity | None = None
    """From this severity on a snooze is broken through; None: by nothing."""
    remind_after: tuple[timedelta, ...] = (
        timedelta(minutes=5),
        timedelta(minutes=15),
        timedelta(minutes=30),
    )
    """When to say again that a critical one, mine or nobody's, is not acknowledged."""
    forgotten_after: timedelta = timedelta(hours=4)
    """After which an acknowledgement of mine counts as forgotten."""
    burst: int = 3
    """More than this many notifications in 10 seconds become one digest."""
    burst_a_minute: int = 10
    """And more than this many in a minute."""
    own_in_burst: int = 2
    """So many that are critical, or assigned to me, are shown next to a digest."""
    flapping: int = 3
    """From this many openings of an incident within `flapping_span` on, it flaps."""
    flapping_span: timedelta = timedelta(minutes=30)
    away_after: timedelta = timedelta(minutes=5)
    """If nothing was read for so long, one summary says what happened."""
    count: bool = True
    """Whether digits are drawn on the icon."""
    updates: bool = True
    """Whether a newer version of this program is notified of, once a week."""

    def __post_init__(self) -> None:
        """Raise ValueError if a value is out of its bounds."""
        if list(self.remind_after) != sorted(set(self.remind_after)):
            raise ValueError("remind_after must go up")
        if any(after < timedelta(minutes=1) for after in self.remind_after):
            raise ValueError("remind_after must be at least a minute")
        if self.away_after < timedelta(minutes=1):
            raise ValueError("away_after must be at least a minute")
        if min(self.burst, self.burst_a_minute) < 1 or self.own_in_burst < 0:
            raise ValueError("burst and burst_a_minute must be at least 1")

    def switched(self, switch: QuietSwitch | None) -> "Rules":
        """Return these, of the settings, with what *switch* puts in their place."""
        quiet = self.quiet_hours
        if switch is None or switch.instead_of != quiet.on:
            return self
        return replace(self, quiet_hours=replace(quiet, on=switch.on))


_KNOWN = frozenset(Severity)


def reaches(severity: str, threshold: str | None) -> bool:
    """
    Whether *severity* is at least *threshold*; nothing reaches None.

    A severity we do not know passes every threshold but critical: it must not be
    overlooked.
    """
    if threshold is None:
        return False
    if severity not in _KNOWN:
        return threshold != Severity.CRITICAL
    return rank(severity) >= rank(threshold)

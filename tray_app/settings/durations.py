"""Durations and times of day as people write them: `90s`, `30m`, `8h`, `09:00`."""

import re
from datetime import datetime, time, timedelta

from tray_app.model.local_time import at_clock

_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
_SPAN = re.compile(r"(\d{1,6})\s*(s|m|min|h|d)")
LONGEST = timedelta(days=30)
"""The longest duration allowed: every silence has to end."""


def parse(text: str) -> timedelta:
    """Read a duration. Raises ValueError if it is none, or longer than 30 days."""
    match = _SPAN.fullmatch(text.strip().lower())
    if match is None:
        raise ValueError(f"{text!r} is no span of time: say 90s, 30m, 8h or 2d")
    span = timedelta(seconds=int(match[1]) * _SECONDS[match[2]])
    if span > LONGEST:
        raise ValueError(f"{text!r} is longer than {LONGEST.days} days")
    return span


def text(span: timedelta) -> str:
    """Write *span* so that `parse` reads it, in the largest unit that fits."""
    seconds = int(span.total_seconds())
    unit = next(u for u in ("d", "h", "m", "s") if seconds % _SECONDS[u] == 0)
    return f"{seconds // _SECONDS[unit]}{unit}" if seconds else "0s"


def clock(text: str) -> time:
    """Read a local time of day. Raises ValueError if it is none."""
    try:
        at = time.fromisoformat(text)
    except ValueError as exc:
        raise ValueError(f"{text!r} is no time of day: say 09:00") from exc
    if at.tzinfo is not None:
        raise ValueError(f"{text!r} names a zone: say 09:00, in local time")
    return at


def until(at: time, now: datetime) -> timedelta:
    """Return the duration from *now* to the next time of day *at*, in its time zone."""
    then = at_clock(now.date(), at, now)
    if then <= now:
        then = at_clock(now.date() + timedelta(days=1), at, now)
    return then - now

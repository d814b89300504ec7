"""The clocks of this machine."""

import time
from datetime import UTC, datetime, timedelta

from tray_app.model.local_time import system_time

_SLEEP_COUNTED = getattr(time, "CLOCK_BOOTTIME", None)
"""On Linux; elsewhere the monotonic clock counts sleep itself."""


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)  # noqa: TID251  # the machine's clock


def local_now() -> datetime:
    """Return the time in the time zone that the machine is set to now."""
    if hasattr(time, "tzset"):
        time.tzset()  # without it, the zone is the one of the start
    return system_time(utc_now())


def uptime() -> timedelta:
    """Return the time that has passed, asleep or not, by a clock that nobody sets."""
    seconds = (
        time.monotonic()
        if _SLEEP_COUNTED is None
        else time.clock_gettime(_SLEEP_COUNTED)
    )
    return timedelta(seconds=seconds)

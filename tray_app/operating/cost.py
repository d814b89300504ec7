"""What a month costs, from what was metered and from list prices."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from tray_app.operating.facts import Usage

# List prices of us-east-1 in USD, without the free tier; other regions cost up to
# half as much again. https://aws.amazon.com/dynamodb/pricing/on-demand/ and others.
WRITE_UNIT, READ_UNIT = 0.625e-6, 0.125e-6
INVOCATION = 0.20e-6
GB_SECOND = 13.3334e-6
"""Of Lambda on arm64; x86_64 costs a quarter more."""
STANDING: Mapping[str, float] = {
    "secret": 0.40,
    "alarms": 0.80,
    "metrics": 3.60,
    "dashboard": 3.00,
}
"""A month, whatever happens: a secret, 8 alarms, 12 metrics of our own, a dashboard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """USD, for what was used so far and for the month if it goes on like this."""

    so_far: float
    month: float
    parts: Mapping[str, float]
    """The month by what it is spent on."""


def month_of(now: datetime) -> tuple[datetime, datetime]:
    """Return when the month (UTC) of *now* began, and when it ends."""
    start = now.astimezone(UTC).replace(
        day=1, hour=0, minute=0, second=0, microsecond=0
    )
    year, month = divmod(start.year * 12 + start.month, 12)
    return start, start.replace(year=year, month=month + 1)


def estimate(use: Usage, *, standing: bool) -> Estimate:
    """Price *use*, a part of one month; with what is *standing* in a deployment."""
    used = {
        "writes": use.write_units * WRITE_UNIT,
        "reads": use.read_units * READ_UNIT,
        "function": use.invocations * INVOCATION + use.gb_seconds * GB_SECOND,
    }
    start, end = month_of(use.since)
    elapsed = max((use.until - use.since).total_seconds(), 1.0)
    share = (end - start).total_seconds() / elapsed
    parts = {name: cost * share for name, cost in used.items()}
    if standing:
        parts |= STANDING
    so_far = sum(used.values()) + (sum(STANDING.values()) / share if standing else 0)
    return Estimate(so_far=so_far, month=sum(parts.values()), parts=parts)

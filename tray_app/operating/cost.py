"""Estimate the cost of a month from metered use and list prices; pure."""

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
FIXED_COSTS: Mapping[str, float] = {
    "secret": 0.40,
    "alarms": 0.90,
    "metrics": 3.60,
    "dashboard": 3.00,
}
"""USD a month, whatever is used: a secret, 9 alarms, 12 custom metrics, a dashboard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Costs in USD: so far, and of the whole month at the same rate of usage."""

    so_far: float
    month: float
    parts: Mapping[str, float]
    """The costs of the month by what they are for."""


def month_of(now: datetime) -> tuple[datetime, datetime]:
    """Return the start and the end of the month of *now*, in UTC."""
    start = now.astimezone(UTC).replace(
        day=1, hour=0, minute=0, second=0, microsecond=0
    )
    year, month = divmod(start.year * 12 + start.month, 12)
    return start, start.replace(year=year, month=month + 1)


def estimate(usage: Usage, *, deployed: bool) -> Estimate:
    """Price *usage* of a part of a month, and the fixed costs if *deployed*."""
    used = {
        "writes": usage.write_units * WRITE_UNIT,
        "reads": usage.read_units * READ_UNIT,
        "function": usage.invocations * INVOCATION + usage.gb_seconds * GB_SECOND,
    }
    start, end = month_of(usage.since)
    elapsed = max((usage.until - usage.since).total_seconds(), 1.0)
    share = (end - start).total_seconds() / elapsed
    parts = {name: cost * share for name, cost in used.items()}
    if deployed:
        parts |= FIXED_COSTS
    so_far = sum(used.values()) + (sum(FIXED_COSTS.values()) / share if deployed else 0)
    return Estimate(so_far=so_far, month=sum(parts.values()), parts=parts)

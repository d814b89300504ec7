"""P4: the cost of a month, from metered units and the published prices."""

from benchmarks import naive
from benchmarks.measure import Measure

MINUTES = 43_200
"""Minutes of thirty days, with a sync each."""
WRITE, READ = 0.625e-6, 0.125e-6
"""Dollars per unit on demand, us-east-1 (source in docs/performance.md)."""
CHANGES = 2000
"""Changes a day; each is in three feeds: two people's and the team's."""
RECIPIENTS = 3
IDLE = 0.5
"""Read units of one poll of one feed without changes."""
POLLS = MINUTES * 60 / 60
"""Polls of each tray in a month: one a minute, day and night."""


def ours(
    quiet: tuple[float, float], per_change: float, *, changes: float = CHANGES
) -> float:
    """Price a month of syncs: the quiet units of each, and every change of a day."""
    written, read = quiet
    user_changes = changes * 30 * RECIPIENTS
    return (
        MINUTES * written + user_changes * per_change
    ) * WRITE + MINUTES * read * READ


def measure_costs(
    quiet: tuple[float, float], per_change: float, put_per_user: float
) -> list[Measure]:
    """P4: dollars a month, for 1,000 users and, trays included, for 10,000."""
    sync = ours(quiet, per_change)
    put = 1000 * put_per_user * MINUTES * WRITE
    trays = 10_000 * POLLS * IDLE * READ
    put_and_read = 10 * put + 10_000 * POLLS * naive.OWN * READ
    return [
        Measure(
            id="P4a",
            what="a month, 1,000 users, 2,000 changes a day, the sync",
            unit="$",
            ours=sync,
            naive=put,
            goal=">= 100 x below put-all",
            met=put >= 100 * sync,
        ),
        Measure(
            id="P4b",
            what="a month, 10,000 users, a look a minute of every tray",
            unit="$",
            ours=sync + trays,
            naive=put_and_read,
            goal=">= 30 x",
            met=put_and_read >= 30 * (sync + trays),
        ),
    ]

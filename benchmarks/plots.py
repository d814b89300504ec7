"""`python -m benchmarks.plots FOLDER`: cost a month by users, incidents, changes."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import costs
from benchmarks.feed import metered

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZES = (10, 30, 100, 300, 1000, 3000, 10_000)
OPEN_EACH, CHANGES_EACH = 5, 2
"""Per user: open incidents at any time, and changes a day."""


def main(arguments: Sequence[str]) -> int:
    """Draw the three plots into the folder of the argument; the seed is 1."""
    import matplotlib as mpl  # writes to the person's home when it is imported
    from matplotlib import pyplot as plt

    (folder,) = arguments
    seen = metered(1)
    put = seen.put / 5000
    """Return the write units of one incident in the naive way."""

    def naive(open_: float) -> float:
        return open_ * put * costs.MINUTES * costs.WRITE

    def ours(changes: float) -> float:
        return costs.ours(seen.quiet, seen.per_change, changes=changes)

    mpl.rcParams["svg.hashsalt"] = "coralogix-incident-tray"
    _, axes = plt.subplots(1, 3, figsize=(12, 3.6), sharey=True)
    _plot(
        axes[0],
        "users (5 open, 2 changes a day each)",
        lambda users: naive(users * OPEN_EACH),
        lambda users: ours(users * CHANGES_EACH),
    )
    _plot(
        axes[1],
        "open incidents (2,000 changes a day)",
        naive,
        lambda _open: ours(2000),
    )
    _plot(
        axes[2],
        "changes a day (5,000 open)",
        lambda _changes: naive(5000),
        ours,
    )
    axes[0].set_ylabel("dollars a month, the sync")
    axes[0].legend()
    plt.tight_layout()
    plt.savefig(Path(folder, "costs.svg"), metadata={"Date": None})
    return 0


def _plot(
    axes: "Axes",
    what: str,
    naive: Callable[[float], float],
    ours: Callable[[float], float],
) -> None:
    axes.loglog(SIZES, [naive(x) for x in SIZES], "s--", color="0.5", label="put all")
    axes.loglog(SIZES, [ours(x) for x in SIZES], "o-", color="C0", label="this feed")
    axes.set_xlabel(what)
    axes.grid(visible=True, which="major", alpha=0.3)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

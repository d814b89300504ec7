"""P13: how time, memory and requests grow with the work; 1 is linear."""

import cProfile
import math
import pstats
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.cpu import Busy, high_water_of, quiet_read
from benchmarks.feed import Account
from benchmarks.measure import Measure
from benchmarks.source import SyntheticAccount
from benchmarks.workload import pages, users, wire
from incidents.feeds import Commit
from incidents.stores.sqlite.store import SqliteStore

SIZES = (500, 1000, 2000, 4000)
GOAL = 1.1


class Counting(SqliteStore):
    """A store that counts its commits."""

    commits = 0

    def commit(self, commit: Commit) -> None:
        """Commit, and count."""
        self.commits += 1
        super().commit(commit)


def exponent(sizes: Sequence[int], costs: Sequence[float]) -> float:
    """Fit cost = a x size ** b by least squares over logarithms; return b."""
    xs, ys = [math.log(x) for x in sizes], [math.log(y) for y in costs]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    above = sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True))
    return above / sum((a - x) ** 2 for a in xs)


def calls(work: Callable[[], object]) -> int:
    """Count the function calls of *work*: the same on every machine."""
    profile = cProfile.Profile()
    profile.runcall(work)
    return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]  # not in the stubs


def measure_growth(seed: int) -> list[Measure]:
    """P13: at 1, 2, 4 and 8 times the size, by counts that do not depend on timing."""
    people = users(1000)
    reads, plans, memory, commits = [], [], [], []
    for size in SIZES:
        bodies = pages(wire(size, people, seed))
        reads.append(calls(lambda bodies=bodies: quiet_read(bodies)))  # type: ignore[misc]  # bound now
        busy = Busy(size, people, seed)
        plans.append(calls(busy.plan))
        memory.append(high_water_of(size, seed)[1])
        commits.append(_commits(size, seed))
    return [
        _growth("a", "calls of a quiet sync", reads),
        _growth("b", "calls of diff and plan", plans),
        _growth("c", "peak memory of a quiet sync", memory),
        _growth("d", "commits of changed feeds", commits),
    ]


def _commits(size: int, seed: int) -> int:
    """Count the commits when each of *size* / 10 people has one change."""
    people = users(size // 10)
    world = SyntheticAccount(size // 10, people, seed)
    with (
        tempfile.TemporaryDirectory() as folder,
        Counting(Path(folder, "feeds")) as store,
    ):
        account = Account(store, people, world)
        account.sync()
        store.commits = 0
        world.move(size // 10)
        account.sync()
        return store.commits


def _growth(letter: str, what: str, costs: Sequence[float]) -> Measure:
    grown = exponent(SIZES, costs)
    return Measure(
        id=f"P13{letter}",
        what=f"growth of {what}, 1 to 8 x",
        unit="exponent",
        ours=grown,
        floor=1,
        goal=f"<= {GOAL}",
        met=grown <= GOAL,
    )

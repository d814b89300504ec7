"""One measured figure, with a naive baseline, a floor and a goal."""

import gc
import resource
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A figure of one run: a ratio or a count, comparable between machines."""

    id: str
    """`P1` to `P13`; a letter follows where one row needs several figures."""
    what: str
    unit: str
    ours: float
    naive: float | None = None
    """The same figure of a simple first implementation."""
    floor: float | None = None
    """The lower bound of the figure."""
    goal: str
    met: bool

    @property
    def ratio(self) -> float | None:
        """The naive figure as a multiple of ours."""
        if self.naive is None or not self.ours:
            return None
        return self.naive / self.ours

    @property
    def distance(self) -> float | None:
        """Our figure as a multiple of the floor."""
        return self.ours / self.floor if self.floor else None

    def as_json(self) -> dict[str, object]:
        """Return the fields that `--json` prints."""
        return {
            "id": self.id,
            "what": self.what,
            "unit": self.unit,
            "ours": self.ours,
            "naive": self.naive,
            "floor": self.floor,
            "ratio": self.ratio,
            "distance": self.distance,
            "goal": self.goal,
            "met": self.met,
        }


def cpu() -> float:
    """Return the processor time of this process in seconds."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def interleaved(rounds: int, *works: Callable[[], object]) -> list[float]:
    """
    Time each of *works* in turn, *rounds* times over; the median seconds of each.

    Processor time, so that a busy neighbour counts for little; in turn, so that what
    is left of it falls on all alike. Garbage is collected before each, not within.
    """
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for number, work in enumerate(works):
            gc.collect()
            gc.disable()
            began = cpu()
            work()
            taken[number].append(cpu() - began)
            gc.enable()
    return [statistics.median(times) for times in taken]


def wall(work: Callable[[], object]) -> float:
    """Return the wall-clock seconds of *work*."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def table(measures: Iterable[Measure]) -> str:
    """Format *measures* as a table for a terminal."""
    head = ("", "what", "ours", "naive", "ratio", "floor", "x floor", "goal", "met")
    rows = [head, *(_row(measure) for measure in measures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    left = {0, 1, 7, 8}
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column in left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _row(measure: Measure) -> tuple[str, ...]:
    return (
        measure.id,
        f"{measure.what} [{measure.unit}]",
        _number(measure.ours),
        _number(measure.naive),
        _number(measure.ratio),
        _number(measure.floor),
        _number(measure.distance),
        measure.goal,
        "yes" if measure.met else "NO",
    )


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    if value == int(value) and abs(value) < 1e7:  # noqa: PLR2004  # readable whole
        return f"{int(value):,}"
    return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"  # noqa: PLR2004  # likewise

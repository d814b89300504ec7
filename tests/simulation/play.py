"""Plays schedules by their numbers, and counts what was found."""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict

from tests.simulation.baton import Actor
from tests.simulation.reader import Findings
from tests.simulation.schedule import Schedule

PROCESSES = 3
"""Syncs that may run at the same time in one schedule."""
_SHOWN = 5


def play(
    seed: int, numbers: range, *, first: bool = False
) -> tuple[Counter[str], list[str]]:
    """
    Play the schedules *numbers* of *seed*; answer counts, and what was found.

    With *first* it stops at the first schedule that finds anything.
    """
    actors = [Actor() for _ in range(PROCESSES)]
    counts: Counter[str] = Counter()
    lines: list[str] = []
    for number in numbers:
        try:
            findings = Schedule(f"{seed}:{number}", actors).run()
        except Exception as error:
            raise RuntimeError(f"schedule {number} of seed {seed}") from error
        for kind, ones in found(findings):
            counts[kind] += len(ones)
            if ones and len(lines) < _SHOWN:
                lines.append(f"--seed {seed} --only {number}: {kind}: {ones[0]}")
        if first and counts.total():
            break
    return counts, lines


def found(findings: Findings) -> Iterator[tuple[str, list[str]]]:
    yield from asdict(findings).items()


def share(job: tuple[int, range, int, bool]) -> tuple[Counter[str], list[str]]:
    """Play a share of the schedules, in a process of its own."""
    seed, numbers, worker, first = job
    if hasattr(os, "sched_setaffinity"):
        # Handing over between threads is four times as fast on one core.
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[worker % len(cores)]})
    return play(seed, numbers, first=first)

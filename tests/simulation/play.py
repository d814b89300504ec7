"""Run schedules by number, and count their findings."""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict

from tests.simulation.reader import Findings
from tests.simulation.schedule import Schedule
from tests.simulation.stepped_thread import SteppedThread

PROCESSES = 3
"""Syncs that may run at the same time in one schedule."""
_SHOWN = 5


def play(
    seed: int, numbers: range, *, first: bool = False
) -> tuple[Counter[str], list[str]]:
    """
    Run the schedules *numbers* of *seed*; return counts, and lines of findings.

    With *first* stop at the first schedule with a finding.
    """
    actors = [SteppedThread() for _ in range(PROCESSES)]
    counts: Counter[str] = Counter()
    lines: list[str] = []
    for number in numbers:
        try:
            findings = Schedule(f"{seed}:{number}", actors).run()
        except Exception as error:
            raise RuntimeError(f"schedule {number} of seed {seed}") from error
        for kind, texts in by_kind(findings):
            counts[kind] += len(texts)
            if texts and len(lines) < _SHOWN:
                lines.append(f"--seed {seed} --only {number}: {kind}: {texts[0]}")
        if first and counts.total():
            break
    return counts, lines


def by_kind(findings: Findings) -> Iterator[tuple[str, list[str]]]:
    yield from asdict(findings).items()


def play_share(job: tuple[int, range, int, bool]) -> tuple[Counter[str], list[str]]:
    """Run a share of the schedules, in a process of its own."""
    seed, numbers, worker, first = job
    if hasattr(os, "sched_setaffinity"):
        # Switching between threads is four times as fast on one core.
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[worker % len(cores)]})
    return play(seed, numbers, first=first)

"""Run many schedules and count the violations of the promise."""

import argparse
import json
import os
import sys
from collections import Counter
from multiprocessing import get_context

from tests.simulation.play import by_kind, play, play_share
from tests.simulation.reader import Findings


def main(arguments: list[str] | None = None) -> int:
    """Run, print a line per finding and a summary; 1 if there is a finding."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--schedules", type=int, default=2_000)
    parser.add_argument("--only", type=int, help="play this schedule alone")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--first", action="store_true", help="stop at the first")
    parser.add_argument("--json", action="store_true", help="the summary alone")
    options = parser.parse_args(arguments)
    if options.only is not None:
        results = [play(options.seed, range(options.only, options.only + 1))]
        options.schedules = 1
    else:
        jobs = [
            (
                options.seed,
                range(worker, options.schedules, options.processes),
                worker,
                options.first,
            )
            for worker in range(options.processes)
        ]
        # Threads and forks do not mix.
        with get_context("spawn").Pool(options.processes) as pool:
            results = pool.map(play_share, jobs, chunksize=1)
    counts: Counter[str] = Counter()
    for counted, lines in results:
        counts.update(counted)
        if not options.json:
            print(*lines, sep="\n", end="\n" if lines else "")
    summary = {"schedules": options.schedules}
    summary |= {kind: counts[kind] for kind, _ in by_kind(Findings())}
    print(json.dumps({**summary, "seed": options.seed}))
    return 1 if counts.total() else 0


if __name__ == "__main__":
    sys.exit(main())

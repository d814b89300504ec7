"""`python -m benchmarks`: the whole suite or a part, as a table or JSON."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence

from benchmarks import cold_start, commits, cpu, feed, growth, screen, tray
from benchmarks.measure import Measure, table

SUITE: dict[str, Callable[[int], Sequence[Measure]]] = {
    "P1": lambda seed: [feed.measure_calls(seed)],
    "P2": feed.measure_quiet_units,
    "P3": feed.measure_busy_units,
    "P4": feed.measure_month,
    "P5": lambda seed: [cpu.measure_quiet(seed)],
    "P6": lambda seed: [cpu.measure_plan(seed)],
    "P7": lambda seed: [cpu.measure_memory(seed)],
    "P8": lambda seed: [commits.measure_commits(seed)],
    "P9": lambda _seed: cold_start.measure_import(),
    "P10": tray.measure_idle,
    "P11": lambda seed: [tray.measure_burst(seed)],
    "P12": screen.measure_latency,
    "P13": growth.measure_growth,
}
COUNTED = ("P1", "P2", "P3", "P7", "P9", "P13")
"""Counts and steady ratios, which `make bench-check` checks in every test run."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; 0 if every goal is met, 1 if one is not."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--only", default="", help="for example P1,P5")
    parser.add_argument("--counts", action="store_true", help="what the tests hold")
    parser.add_argument("--seed", type=int, default=1, help="of the workload")
    args = parser.parse_args(arguments)
    chosen = _chosen(parser, args.only, counts=args.counts)
    measures = list(_measured(chosen, args.seed))
    if args.json:
        rows = [measure.as_json() for measure in measures]
        print(json.dumps({"measures": rows, "seed": args.seed}))
    else:
        print(table(measures))
    return 0 if all(measure.met for measure in measures) else 1


def _chosen(
    parser: argparse.ArgumentParser, only: str, *, counts: bool
) -> Sequence[str]:
    names = [name.strip().upper() for name in only.split(",") if name.strip()]
    for name in names:
        if name not in SUITE:
            parser.error(f"there is no {name}: choose from {', '.join(SUITE)}")
    if counts:
        return [name for name in names or COUNTED if name in COUNTED]
    return names or list(SUITE)


def _measured(chosen: Sequence[str], seed: int) -> Iterator[Measure]:
    for name in chosen:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        yield from SUITE[name](seed)


if __name__ == "__main__":
    raise SystemExit(main())

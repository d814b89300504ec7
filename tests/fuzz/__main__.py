"""
Try what no good hand sends, for as long as is asked: `make fuzz`.

Every target runs in a process of its own, from a seed that is printed, so that a fault
can be had again. Ends with 1 if anything but a documented error came out.
"""

import argparse
import multiprocessing
import secrets
import sys
from collections.abc import Sequence

from tests.fuzz.attempts import attempt
from tests.fuzz.targets import TARGETS


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz every target, or those that are named. Returns the exit code."""
    parser = argparse.ArgumentParser(description="Fuzz the product's inputs.")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=float, default=600, help="for each target")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**9))
    args = parser.parse_args(arguments)
    names = args.targets or list(TARGETS)
    print(f"seed {args.seed}, {args.seconds:g} s each", flush=True)
    context = multiprocessing.get_context("spawn")
    with context.Pool(min(len(names), context.cpu_count())) as pool:
        jobs = [(name, args.seed, args.seconds) for name in names]
        results = pool.starmap(attempt, jobs, chunksize=1)
    print(*(one.line() for one in results), sep="\n")
    return 1 if any(one.fault for one in results) else 0


if __name__ == "__main__":
    sys.exit(main())

"""`python -m simulator`: a simulated Coralogix on a loopback port, until a signal."""

import argparse
import json
import signal
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime

from simulator.api.faults import HELP, Faults
from simulator.api.server import serve
from simulator.world.people import TEAM_KEY
from simulator.world.world import World

_PORTS = 65_536


def _clock() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  # a composition root: time begins here


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; exit code 1 if the port cannot be used."""
    parser = argparse.ArgumentParser(
        prog="python -m simulator",
        description="A simulated Coralogix on a loopback port.",
        epilog=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--users", type=int, default=5)
    parser.add_argument("--open", type=int, default=10, help="open incidents")
    parser.add_argument(
        "--rate", type=float, default=0.0, help="changes per minute; 0: nothing moves"
    )
    parser.add_argument(
        "--faults", default="", metavar="FAULTS", help="what goes wrong; see below"
    )
    options = parser.parse_args(arguments)
    if not 0 <= options.port < _PORTS:
        parser.error(f"--port must be within 0 and {_PORTS - 1}")
    if min(options.users, options.open, options.rate) < 0:
        parser.error("--users, --open and --rate must not be negative")
    try:
        faults = Faults(options.faults, options.seed)
    except ValueError as exc:
        parser.error(str(exc))
    world = World(
        seed=options.seed,
        users=options.users,
        open=options.open,
        rate=options.rate,
        now=_clock(),
        hostile=faults.hostile,
    )
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    try:
        with serve(world, options.port, faults, clock=_clock) as running:
            address = {"base_url": running.base_url, "team_key": TEAM_KEY}
            print(json.dumps(address), flush=True)
            ended.wait()
    except OSError as exc:
        print(f"Port {options.port} cannot be used: {exc.strerror}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

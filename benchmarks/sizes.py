"""
`python -m benchmarks.sizes`: whether a large account fits in a small function.

1,000 users and 10,000 open incidents, in the simulator and in the table: the sync
runs in a process of its own, as the function does, and tells its time and memory.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import boto3

from benchmarks.measure import cpu
from incidents.feeds import User
from incidents.models import UserId
from incidents.stores.dynamodb.store import DynamoDBStore
from incidents.stores.dynamodb.table import create_table
from lambda_fn.compose import compose
from simulator.api.server import serve
from simulator.demo.dynamodb import emulator, environment
from simulator.world.world import TEAM_KEY, World

_TIME = 600.0
"""Seconds for one sync; the first, which writes everything, is not a normal one."""
_MOST_MB, _MOST_CPU, _MOST_WALL = 256, 10.0, 50.0
_TABLE = "sizes"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredSync:
    """The report of one sync, and the resources used."""

    what: str
    report: Mapping[str, object]
    cpu: float
    """Seconds, of this sync."""
    peak: float
    """MB, of the process so far."""

    @property
    def wall(self) -> float:
        """Seconds, of this sync."""
        return float(str(self.report["duration_ms"])) / 1000


class Process:
    """A process that runs one sync at a time."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        """Start the process; `run` starts a sync."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.sizes", "--child"],
            env=settings,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, what: str) -> MeasuredSync:
        """Run one sync, called *what*. Raises RuntimeError if it is not complete."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the process has no pipes")
        stdin.write("run\n")
        stdin.flush()
        answer = json.loads(stdout.readline())
        if not answer["report"]["complete"]:
            raise RuntimeError(str(answer["report"]["error"]))
        return MeasuredSync(what=what, **answer)

    def close(self) -> None:
        """End it."""
        self._process.communicate("", timeout=30)


def child(settings: Mapping[str, str]) -> None:
    """Run syncs in that process."""
    writer = compose(settings)
    for _ in sys.stdin:
        before = cpu()
        report = writer.run(_TIME).to_json()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            json.dumps({"report": report, "cpu": cpu() - before, "peak": peak}),
            flush=True,
        )


def steps(users: int, incidents: int, seed: int) -> list[MeasuredSync]:
    """Run the first sync, quiet ones warm and cold, and one that changes every feed."""
    now = datetime.now(UTC)  # noqa: TID251  # a composition root: time begins here
    world = World(seed=seed, users=users, open=incidents, now=now)
    with emulator() as port, serve(world) as api:
        settings = {
            **environment(port),
            "TABLE_NAME": _TABLE,
            "CORALOGIX_BASE_URL": api.base_url,
            "CORALOGIX_API_KEY": TEAM_KEY,
            "TEAM": "ops",
        }
        _register(world, settings["AWS_ENDPOINT_URL"])
        first = Process(settings)
        runs = [first.run("first"), first.run("quiet, warm")]
        first.close()
        second = Process(settings)
        runs.append(second.run("quiet, cold"))
        for user in world.users:
            world.open_incident(assignees=[user.email])
        runs.append(second.run("every feed changed, cold"))
        for user in world.users:
            world.open_incident(assignees=[user.email])
        runs.append(second.run("every feed changed, warm"))
        second.close()
    return runs


def _register(world: World, endpoint: str) -> None:
    session = boto3.Session("test", "test", region_name="eu-west-1")
    client = session.client("dynamodb", endpoint_url=endpoint)
    create_table(client, _TABLE)
    store = DynamoDBStore(client, _TABLE)
    for user in world.users:
        ids = frozenset({UserId(user.email.lower()), UserId(user.uuid.lower())})
        store.add_user(User(uid=user.uid, ids=ids))


def main() -> int:
    """Measure and print; return 0 if all is within the limits."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sizes")
    parser.add_argument("--users", type=int, default=1_000)
    parser.add_argument("--open", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        child(os.environ)  # noqa: TID251  # a composition root
        return 0
    runs = steps(args.users, args.open, args.seed)
    for run in runs:
        report = run.report
        print(
            f"{run.what:26} {run.wall:6.1f} s  processor {run.cpu:5.1f} s"
            f"  peak {run.peak:4.0f} MB  feeds {report['feeds_changed']}"
            f"  changes {report['changes']}  calls {report['api_calls']}"
            f"  units {report['write_units']}/{report['read_units']}"
        )
    quiet = [run for run in runs if run.report["quiet"]]
    fits = all(run.cpu <= _MOST_CPU and run.peak <= _MOST_MB for run in quiet)
    return 0 if fits and all(run.wall <= _MOST_WALL for run in runs[1:]) else 1


if __name__ == "__main__":
    sys.exit(main())

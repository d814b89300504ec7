"""
The promise with real processes: a simulator, syncs and trays, killed at random.

`python -m tests.simulation.soak --minutes 5 --seed N`; 1 if there is a problem.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias, TypedDict

from incidents.coralogix.http.client import Http
from incidents.coralogix.http.key import Key
from incidents.coralogix.http.regions import Address
from incidents.coralogix.incidents.reader import CoralogixReader
from incidents.feeds import FeedId, User, team_feed, user_feed
from incidents.models import IncidentId, UserId
from incidents.stores.dynamodb.client import dynamodb_client
from incidents.stores.dynamodb.store import DynamoDBStore
from incidents.stores.dynamodb.table import create_table
from incidents.sync.run import Sync, SyncSettings
from simulator.demo.dynamodb import emulator, environment
from tests.simulation.soak_checks import VisibleState, compare

TABLE, TEAM = "soak", "ops"
SYNCS, FOLLOWERS, USERS = 3, 5, 5
Child: TypeAlias = subprocess.Popen[bytes]


class _Person(TypedDict):
    uid: str
    email: str
    uuid: str


class _Assignment(TypedDict):
    assignedTo: Mapping[str, str]


class _Wire(TypedDict):
    id: str
    severity: str
    status: str
    assignments: list[_Assignment]
    isMuted: bool


class _State(TypedDict):
    users: list[_Person]
    incidents: list[_Wire]


@dataclass(slots=True, kw_only=True)
class Soak:
    """The running processes, and counts."""

    home: Path
    base_url: str
    key: str
    variables: Mapping[str, str]
    store: DynamoDBStore
    rng: random.Random
    users: list[str]
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    children: list[Child] = field(default_factory=list)

    @property
    def feeds(self) -> list[FeedId]:
        """All feeds."""
        return [team_feed(TEAM), *map(user_feed, self.users)]

    def sync(self) -> Child:
        """Start one sync in a process."""
        self.counts["syncs"] += 1
        return self._start([sys.executable, "-m", "lambda_fn"])

    def follower(self, number: int, *until: str) -> Child:
        """Start the tray of one user in a process."""
        home = self.home / self.users[number]
        home.mkdir(exist_ok=True)
        return self._start(
            [
                *(sys.executable, "-m", "tests.simulation.follower"),
                *("--home", str(home), "--uid", self.users[number]),
                *("--team", TEAM, "--table", TABLE),
                *(("--until", *until) if until else ()),
            ]
        )

    def _start(self, command: list[str]) -> Child:
        with (self.home / "log").open("ab") as log:
            child = subprocess.Popen(
                command,
                env={**os.environ, **self.variables},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        self.children.append(child)
        return child

    def end(self) -> None:
        """Kill all processes."""
        for child in self.children:
            if child.poll() is None:
                child.kill()
                child.wait()

    def play(self, seconds: float) -> None:
        """Start and kill processes at random times."""
        syncs: list[Child | None] = [None] * SYNCS
        followers = [self.follower(number) for number in range(FOLLOWERS)]
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(self.rng.random() * 0.4)
            slot = self.rng.randrange(SYNCS)
            running = syncs[slot]
            if running is None or running.poll() is not None:
                syncs[slot] = self.sync()
            elif self.rng.random() < 0.05:
                self._kill(running, "syncs_killed")
            if self.rng.random() < 0.1:
                number = self.rng.randrange(FOLLOWERS)
                if followers[number].poll() is not None:
                    self.problems.append(f"a tray ended by itself: {number}")
                self._kill(followers[number], "followers_killed")
                followers[number] = self.follower(number)
        for process in syncs:
            if process is not None:
                self._kill(process, "syncs_killed")
        for process in followers:
            self._kill(process, "followers_killed")

    def _kill(self, child: Child, what: str) -> None:
        if child.poll() is None:
            child.kill()
            self.counts[what] += 1
        child.wait()

    def settle(self) -> dict[IncidentId, VisibleState]:
        """Sync until the world stays the same during one; return the truth."""
        reader = CoralogixReader(Http(Address.parse(self.base_url), Key(self.key)))
        for number in range(100):
            self.store.clear_digest()
            before = self.truth()
            sync = Sync(
                source=reader,
                store=self.store,
                registry=self.store,
                settings=SyncSettings(team=TEAM),
                clock=lambda: datetime.now(UTC),
            )
            report = sync.run(f"last-{number}")
            if report.complete and self.truth() == before:
                return before
        raise RuntimeError("the world changed during every sync")

    def catch_up(self) -> None:
        """Let every tray read to the heads."""
        children = []
        for number, uid in enumerate(self.users[:FOLLOWERS]):
            feeds = (user_feed(uid), team_feed(TEAM))
            heads = ((feed, self.store.head(feed)) for feed in feeds)
            until = [f"{feed}={head.seq}" for feed, head in heads if head]
            children.append(self.follower(number, *until))
        for child in children:
            if child.wait(300) != 0:
                self.problems.append("a tray ended with an error")

    def truth(self) -> dict[IncidentId, VisibleState]:
        """Return the open incidents of the simulator."""
        state = _state(self.base_url)
        return {
            IncidentId(incident["id"]): (
                incident["severity"].removeprefix("INCIDENT_SEVERITY_").lower(),
                incident["status"].removeprefix("INCIDENT_STATUS_").lower(),
                tuple(
                    sorted(a["assignedTo"]["userId"] for a in incident["assignments"])
                ),
                incident["isMuted"],
            )
            for incident in state["incidents"]
            if incident["status"] != "INCIDENT_STATUS_RESOLVED"
        }


def _state(base_url: str) -> _State:
    origin = base_url.partition("/mgmt/")[0]
    with urllib.request.urlopen(f"{origin}/_sim/state", timeout=10) as answer:  # noqa: S310  # loopback
        state: _State = json.load(answer)
    return state


@contextmanager
def _simulator(seed: int, rate: float) -> Iterator[dict[str, str]]:
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "simulator", "--port=0", f"--seed={seed}"),
            *(f"--users={USERS}", "--open=20", f"--rate={rate}"),
        ],
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


def main() -> int:
    """Run, compare, and print a summary; 1 if there is a problem."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.soak")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=60, help="changes per minute")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as home,
        emulator() as port,
        _simulator(options.seed, options.rate) as simulator,
        ExitStack() as ending,
    ):
        os.environ.update(environment(port))
        store = DynamoDBStore(client := dynamodb_client(), TABLE)
        create_table(client, TABLE)
        people = _state(simulator["base_url"])["users"]
        for person in people:
            ids = frozenset({UserId(person["email"].lower()), UserId(person["uuid"])})
            store.add_user(User(uid=person["uid"], ids=ids))
        soak = Soak(
            home=Path(home),
            base_url=simulator["base_url"],
            key=simulator["team_key"],
            variables={
                "TABLE_NAME": TABLE,
                "TEAM": TEAM,
                "CORALOGIX_BASE_URL": simulator["base_url"],
                "CORALOGIX_API_KEY": simulator["team_key"],
            },
            store=store,
            rng=random.Random(options.seed),
            users=[person["uid"] for person in people],
        )
        ending.callback(soak.end)
        if soak.sync().wait() != 0:
            print((soak.home / "log").read_text()[-2000:])
            return 1
        baselines = {feed: store.state(feed).incidents for feed in soak.feeds}
        ledgers = {uid: soak.home / uid for uid in soak.users[:FOLLOWERS]}
        # From the baseline on, so that each sees every change.
        soak.catch_up()
        soak.play(options.minutes * 60)
        truth = soak.settle()
        soak.catch_up()
        result = compare(store, baselines, truth, ledgers, team_feed(TEAM))
        problems = [*soak.problems, *result.problems]
        print(*problems, sep="\n", end="\n" if problems else "")
        print(json.dumps({**soak.counts, **result.counts, "problems": len(problems)}))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

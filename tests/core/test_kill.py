"""A sync that is killed anywhere, and run again: nothing lost, nothing twice."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from incidents.diff import replay
from incidents.feeds import FeedId, User, team_feed, user_feed
from incidents.models import Incident, IncidentId
from incidents.stores.codec import incident_to_json
from incidents.stores.sqlite.store import SqliteStore
from incidents.sync.audience import Audience, Scope
from tests.core.builders import ALICE, MINUTE, NOW, by_id, incident
from tests.core.one_sync import Fuse, Listed, sync

ROOT = Path(__file__).resolve().parents[2]
USER = User(uid="alice", ids=frozenset({ALICE}))
FEEDS = (team_feed("ops"), user_feed("alice"))
AUDIENCE = Audience.of(Scope.TEAM, "ops", [USER])
BEFORE = [incident(f"old{n}", assignees=(ALICE,)) for n in range(3)]
AFTER = [
    *(incident(f"new{n}", assignees=(ALICE,), opened_at=NOW) for n in range(3)),
    replace(BEFORE[0], status="acknowledged"),
]
ENDED = [replace(one, status="resolved") for one in BEFORE[1:]]
KILLED = -9
ENDED_BY_TIMER = -14
UNBURNT = 1_000
REQUESTS = 22
"""One more than one sync makes, so that the last of these runs to its end."""


def run(path: Path, *, fuse: int = UNBURNT, seconds: float = 0) -> int:
    """Run the sync that sees *AFTER* in a process; answer how it ended."""
    job = {
        "path": str(path),
        "name": "killed",
        "now": (NOW + MINUTE).isoformat(),
        "open": [incident_to_json(one) for one in AFTER],
        "ended": [incident_to_json(one) for one in ENDED],
        "fuse": fuse,
        "seconds": seconds,
    }
    return subprocess.run(
        [sys.executable, "-m", "tests.core.one_sync", json.dumps(job)],
        cwd=ROOT,
        capture_output=True,
        timeout=60,
        check=False,
    ).returncode


def begin(path: Path) -> None:
    with SqliteStore(path, clock=lambda: NOW) as store:
        store.add_user(USER)
    sync(str(path), "first", NOW, Listed(open=BEFORE), Fuse(UNBURNT))


def assert_told_once(path: Path, then: list[Incident], ended: list[Incident]) -> None:
    """Run it again, undisturbed, with the world as it is *then*."""
    source = Listed(open=then, ended=ended)
    report = sync(str(path), "again", NOW + 2 * MINUTE, source, Fuse(UNBURNT))
    assert report.complete
    with SqliteStore(path, clock=lambda: NOW) as store:
        for feed, wanted in AUDIENCE.split(by_id(*then)).items():
            assert store.state(feed).incidents == wanted
            assert_chained(store, feed)


def assert_chained(store: SqliteStore, feed: FeedId) -> None:
    rows = store.rows(feed, 0)
    head = store.head(feed)
    assert head
    assert [row.seq for row in rows] == list(range(1, head.seq + 1))
    held: dict[IncidentId, Incident] = by_id(*BEFORE)
    for row in rows:
        assert held.get(row.change.incident.id) == row.change.before
        held = replay(held, [row.change])
    assert held == store.state(feed).incidents


@pytest.mark.parametrize("fuse", range(1, REQUESTS + 1))
def test_killed_at_any_request_and_run_again(tmp_path: Path, fuse: int) -> None:
    path = tmp_path / "feeds.db"
    begin(path)

    ended = run(path, fuse=fuse)

    assert ended == (0 if fuse == REQUESTS else KILLED)
    assert_told_once(path, AFTER, ENDED)
    with SqliteStore(path, clock=lambda: NOW) as store:
        assert all(len(store.rows(feed, 0)) == 6 for feed in FEEDS)


@pytest.mark.parametrize("fuse", range(6, REQUESTS, 4))
def test_killed_at_any_request_and_the_world_goes_back_to_where_it_was(
    tmp_path: Path, fuse: int
) -> None:
    path = tmp_path / "feeds.db"
    begin(path)

    run(path, fuse=fuse)

    gone = [replace(one, status="resolved") for one in AFTER[:3]]
    assert_told_once(path, BEFORE, gone)


@pytest.mark.parametrize("milliseconds", [1, 3, 8, 20])
def test_killed_at_any_time_and_run_again(tmp_path: Path, milliseconds: int) -> None:
    path = tmp_path / "feeds.db"
    begin(path)

    ended = run(path, seconds=milliseconds / 1000)

    assert ended in (0, ENDED_BY_TIMER)
    assert_told_once(path, AFTER, ENDED)

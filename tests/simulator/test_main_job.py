"""The main job, whole: a living world, the real function, a table, and its feeds."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

import pytest

from incidents.coralogix.incidents.incident_row import read_rows
from incidents.diff import replay
from incidents.feeds import FeedId, FeedRow, team_feed, user_feed
from incidents.models import Incident, IncidentId
from simulator.api.control import truth as world_truth
from simulator.api.server import serve
from simulator.demo.deployment import TEAM, Deployment, LocalAws, local_aws
from simulator.demo.lambda_process import ISOLATED
from simulator.world.world import World

USERS, OPEN, SYNCS, RATE = 200, 2_000, 20, 20
TRIES = 3
FeedContent = Mapping[IncidentId, tuple[object, ...]]


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalAws]:
    for name, value in ISOLATED.items():
        monkeypatch.setenv(name, value)
    with local_aws() as aws_:
        yield aws_


def content(incidents: Mapping[IncidentId, Incident]) -> FeedContent:
    """What a person would call the state of *incidents*."""
    return {
        id_: (i.name, i.severity, i.status, i.state, i.assignees, i.muted, i.opened_at)
        for id_, i in incidents.items()
    }


def truth(world: World) -> dict[FeedId, FeedContent]:
    """What every feed should hold, from the world's own mouth."""
    rows = world_truth(world)["incidents"]
    assert isinstance(rows, list)
    incidents = read_rows(rows).incidents
    is_open = {id_: incident for id_, incident in incidents.items() if incident.is_open}
    feeds = {team_feed(TEAM): content(is_open)}
    for user in world.users:
        mine = {id_: i for id_, i in is_open.items() if user.email in i.assignees}
        feeds[user_feed(user.uid)] = content(mine)
    return feeds


def states(
    deployment: Deployment, feeds: Iterator[FeedId] | list[FeedId]
) -> dict[FeedId, Mapping[IncidentId, Incident]]:
    return {feed: deployment.store.state(feed).incidents for feed in feeds}


def changes(deployment: Deployment, feed: FeedId) -> list[FeedRow]:
    rows: list[FeedRow] = []
    while more := deployment.store.rows(feed, rows[-1].seq if rows else 0, strong=True):
        rows += more
    return rows


def sync(deployment: Deployment, changes: list[int]) -> Mapping[str, object]:
    """
    Sync, and note how many *changes* it told.

    On a machine that is starved of time one may be incomplete; then it says so, and
    the next makes good.
    """
    for _ in range(TRIES):
        report = deployment.function.invoke()
        changes.append(int(str(report["changes"])))
        if report["complete"]:
            break
    assert report["error"] == ""
    return report


@pytest.mark.network
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_feeds_replay_to_the_truth_without_a_gap(aws: LocalAws) -> None:
    world = World(seed=7, users=USERS, open=OPEN, rate=RATE)
    with serve(world) as source:
        many = aws.deploy("many", source, USERS, 60)
        few = aws.deploy("few", source, 2, 60)
        change_counts: list[int] = []
        reports = [(sync(many, change_counts), sync(few, []))]
        feeds = list(truth(world))
        baseline = states(many, feeds)
        beginning = truth(world)
        for _ in range(SYNCS - 1):
            world.advance(world.now + timedelta(minutes=1))
            reports.append((sync(many, change_counts), sync(few, [])))
        mutated = [request for request in source.requests if "by-user" in request.path]

    expected = truth(world)
    assert {
        feed: content(incidents) for feed, incidents in baseline.items()
    } == beginning
    moved = 0
    for feed in feeds:
        rows = changes(many, feed)
        moved += len(rows)
        assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
        assert (
            content(replay(baseline[feed], (r.change for r in rows))) == expected[feed]
        )
    assert {
        f: content(incidents) for f, incidents in states(many, feeds).items()
    } == expected
    assert moved > SYNCS * RATE
    assert moved == sum(change_counts)
    # Whoever is registered, the source is asked the same.
    assert [a["api_calls"] for a, _ in reports] == [b["api_calls"] for _, b in reports]
    assert max(int(str(a["api_calls"])) for a, _ in reports) <= 3
    assert mutated == []

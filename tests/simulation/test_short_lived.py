"""What comes and goes between two syncs, over real HTTP."""

from datetime import UTC, datetime, timedelta

import pytest

from incidents.changes import Kind
from incidents.coralogix.http.client import Http
from incidents.coralogix.http.key import Key
from incidents.coralogix.http.regions import Address
from incidents.coralogix.incidents.reader import CoralogixReader
from incidents.feeds import team_feed
from incidents.sync.run import Sync, SyncSettings
from simulator.api.server import serve
from simulator.world.people import TEAM_KEY
from simulator.world.world import World
from tests.simulation.faulty_store import FaultyStore

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("version", ["5", "4", "3"])
def test_an_incident_that_opens_and_ends_between_two_syncs_is_told_once(
    version: str,
) -> None:
    world = World(seed=1, users=1, open=3, now=START)
    store = FaultyStore()
    with serve(world) as running:
        base_url = running.base_url.removesuffix("5") + version
        reader = CoralogixReader(Http(Address.parse(base_url), Key(TEAM_KEY)))
        now = START
        sync = Sync(
            source=reader,
            store=store,
            registry=store,
            settings=SyncSettings(team="ops", workers=1),
            clock=lambda: now,
            ended=reader,
        )
        sync.run("s1")
        world.advance(START + MINUTE / 2)
        id_ = world.open_incident(name="Brief")
        world.resolve(id_)
        for number in (2, 3):
            now += MINUTE
            world.advance(now)
            report = sync.run(f"s{number}")
            assert report.complete
            assert report.api_calls == 2
        reader.close()

    (row,) = store.rows(team_feed("ops"), 0)
    assert row.change.incident.id == id_
    assert row.change.kinds == {Kind.OPENED, Kind.RESOLVED}
    assert report.quiet

"""One emulator for all tests of the writer; for each, a table and an API of its own."""

from collections.abc import Iterator

import pytest

from simulator.api.server import RunningServer, serve
from simulator.world.people import TEAM_KEY
from simulator.world.world import World
from tests.lambda_fn.cloud import Cloud, Table, cloud, now


@pytest.fixture(scope="session")
def aws() -> Iterator[Cloud]:
    with cloud() as running:
        yield running


@pytest.fixture
def api() -> Iterator[RunningServer]:
    with serve(World(seed=7, users=3, open=4, now=now())) as running:
        yield running


@pytest.fixture
def table(aws: Cloud) -> Table:
    return aws.table()


@pytest.fixture
def settings(aws: Cloud, api: RunningServer, table: Table) -> dict[str, str]:
    return {
        **aws.settings,
        "TABLE_NAME": table.name,
        "CORALOGIX_BASE_URL": api.base_url,
        "CORALOGIX_API_KEY": TEAM_KEY,
        "TEAM": "ops",
    }

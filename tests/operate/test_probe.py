"""The team key is tried without any effect."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from simulator.api.server import RunningServer, serve
from simulator.world.people import TEAM_KEY
from simulator.world.world import World
from tray_app.operating import probe
from tray_app.operating.findings import CheckState, Finding

pytestmark = pytest.mark.network


@pytest.fixture
def coralogix() -> Iterator[RunningServer]:
    now = datetime(2026, 11, 25, tzinfo=UTC)
    with serve(World(seed=1, users=1, open=2, now=now)) as running:
        yield running


def _tried(running: RunningServer, text: str) -> Finding:
    return probe.key(text, {"CORALOGIX_BASE_URL": running.base_url})


@pytest.mark.parametrize(
    "text", [TEAM_KEY, json.dumps(TEAM_KEY), json.dumps({"api_key": TEAM_KEY})]
)
def test_a_good_key_is_good_and_nothing_is_changed(
    coralogix: RunningServer, text: str
) -> None:
    assert _tried(coralogix, text).state is CheckState.GOOD
    assert {seen.method for seen in coralogix.requests} == {"GET"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cxup_wrong", "does not take it"),
        ("", "is empty"),
        ("{broken", "must be the key itself"),
        ("{}", "must be the key itself"),
    ],
)
def test_a_wrong_key_is_named_and_never_shown(
    coralogix: RunningServer, text: str, expected: str
) -> None:
    finding = _tried(coralogix, text)

    assert finding.state is CheckState.BAD
    assert expected in finding.text
    assert finding.step
    assert "cxup_wrong" not in repr(finding)


def test_a_region_that_is_none_is_named() -> None:
    finding = probe.key("k", {"CORALOGIX_REGION": "mars1"})

    assert finding.state is CheckState.BAD
    assert "region" in finding.text


def test_an_api_that_is_not_there_says_nothing_of_the_key() -> None:
    url = "http://127.0.0.1:9/mgmt/openapi/5"

    finding = probe.key("k", {"CORALOGIX_BASE_URL": url})

    assert finding.state is CheckState.UNSURE

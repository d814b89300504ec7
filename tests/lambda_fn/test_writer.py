"""The writer that stays warm: what each run counts, and what it carries over."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta

import pytest

from lambda_fn.compose import Writer, compose
from simulator.api.server import RunningServer
from simulator.world.people import TEAM_KEY
from tests.lambda_fn.cloud import Cloud, Table, now
from tests.lambda_fn.secrets_api import SecretsApi, secrets_api

PATIENCE = 30.0


@pytest.fixture(autouse=True)
def _within(aws: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in aws.settings.items():
        monkeypatch.setenv(name, value)


Made = Callable[..., Writer]


@pytest.fixture
def made(settings: dict[str, str]) -> Iterator[Made]:
    with ExitStack() as stack:

        def make(**changes: str) -> Writer:
            writer = compose({**settings, **changes})
            stack.callback(writer.source.close)
            return writer

        yield make


@pytest.fixture
def writer(made: Made) -> Writer:
    return made()


def test_each_run_counts_its_own_and_nothing_of_those_before(writer: Writer) -> None:
    first = writer.run(PATIENCE)
    quiet = [writer.run(PATIENCE) for _ in range(2)]

    assert first.write_units > 1
    assert [(one.write_units, one.read_units) for one in quiet] == [(1, 1)] * 2
    assert [one.report.api_calls for one in quiet] == [1, 1]
    assert len({first.report.sync, *(one.report.sync for one in quiet)}) == 3


def test_the_lag_is_the_runs_own_or_what_has_passed_since_the_last_good_one(
    writer: Writer, table: Table, api: RunningServer
) -> None:
    good = writer.run(PATIENCE)
    before = now() - timedelta(hours=1)
    table.store.write_status(replace(table.store.status(), watermark=before))
    api.faults.set("400:list")

    bad = writer.run(PATIENCE)

    assert good.lag_seconds is not None
    assert good.duration_ms == round(good.lag_seconds * 1000)
    assert bad.lag_seconds is not None
    assert 3600 <= bad.lag_seconds < 3600 + PATIENCE


def test_nobody_knows_the_lag_where_nothing_was_ever_good(
    writer: Writer, api: RunningServer
) -> None:
    api.faults.set("400:list")

    assert writer.run(PATIENCE).lag_seconds is None


def test_a_refused_key_is_told_apart_from_what_else_goes_wrong(
    writer: Writer, api: RunningServer
) -> None:
    api.faults.set("401:list")
    refused = writer.run(PATIENCE)
    api.faults.set("400:list")
    other = writer.run(PATIENCE)

    assert not refused.report.complete
    assert not other.report.complete
    assert (refused.key_rejected, other.key_rejected) == (True, False)


@pytest.mark.parametrize(("brief", "told"), [("yes", 1), ("no", 0)])
def test_what_came_and_went_between_two_runs_is_told_where_it_is_wished(
    made: Made, api: RunningServer, table: Table, brief: str, told: int
) -> None:
    writer = made(BRIEF_INCIDENTS=brief)
    writer.run(PATIENCE)
    api.world.advance(now())
    api.world.resolve(api.world.open_incident())

    record = writer.run(PATIENCE)

    assert record.report.complete
    assert len(table.kinds()) == told


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> Iterator[SecretsApi]:
    with secrets_api() as stood:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", stood.url)
        yield stood


def test_a_refused_key_is_fetched_anew_once_a_run_however_often_it_is_refused(
    made: Made, api: RunningServer, secrets: SecretsApi
) -> None:
    secrets.text = TEAM_KEY
    writer = made(CORALOGIX_API_KEY="", CORALOGIX_SECRET_ARN="key")
    assert writer.run(PATIENCE).report.complete
    gone = api.world.open_ids[0]
    api.world.resolve(gone)
    # The listing is refused once, and then the look-up of what is gone.
    api.faults.set("401:list*1,401:batch")

    record = writer.run(PATIENCE)

    assert not record.report.complete
    assert len(secrets.asked) == 2
    api.faults.set("401:list*1")
    assert writer.run(PATIENCE).report.complete
    assert len(secrets.asked) == 3


def test_a_name_is_not_worth_another_fetching_of_the_key(
    made: Made, api: RunningServer, secrets: SecretsApi
) -> None:
    secrets.text = TEAM_KEY
    writer = made(CORALOGIX_API_KEY="", CORALOGIX_SECRET_ARN="key")
    api.faults.set("eventless:list,401:batch")
    writer.run(PATIENCE)
    api.world.acknowledge(api.world.open_ids[0], by=api.world.users[0].email)

    record = writer.run(PATIENCE)

    assert (record.report.complete, record.report.changes) == (True, 1)
    assert api.requests[-1].status == 401
    assert len(secrets.asked) == 1

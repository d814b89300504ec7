"""Which table a command means, and a table that is made where it is missing."""

import argparse

import pytest

from incidents.errors import SettingsError, StoreMissingError
from incidents.feeds import SyncStatus
from incidents.stores.dynamodb.client import dynamodb_client
from incidents.stores.dynamodb.table import create_table
from simulator.demo.dynamodb import emulator
from tests.stores.wire import Wire
from tray_app.cli import table


@pytest.fixture
def endpoint(ministack_port: int) -> str:
    return f"http://127.0.0.1:{ministack_port}"


def parsed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    table.add_arguments(parser)
    return parser.parse_args(arguments)


def test_a_table_is_made_once_and_then_used(endpoint: str) -> None:
    args = parsed("--table", "made-once", "--endpoint-url", endpoint)

    assert table.create(args)
    assert not table.create(args)
    assert table.open_table(args).status() == SyncStatus()


def test_a_table_without_the_end_of_changes_is_given_it(endpoint: str) -> None:
    client = dynamodb_client(endpoint=endpoint)
    create_table(client, "half-made")
    client.update_time_to_live(
        TableName="half-made",
        TimeToLiveSpecification={"Enabled": False, "AttributeName": "ttl"},
    )

    assert not create_table(client, "half-made")

    found = client.describe_time_to_live(TableName="half-made")
    assert found["TimeToLiveDescription"] == {
        "TimeToLiveStatus": "ENABLED",
        "AttributeName": "ttl",
    }


def test_a_table_that_is_whole_is_not_changed(endpoint: str) -> None:
    wire = Wire(dynamodb_client(endpoint=endpoint))
    create_table(wire.client, "whole")
    wire.attach()

    assert not create_table(wire.client, "whole")

    # Amazon's own refuses to enable what is enabled.
    assert "UpdateTimeToLive" not in wire.sent
    assert "DescribeTimeToLive" in wire.sent
    wire.detach()


def test_name_and_endpoint_are_taken_from_the_environment(
    endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TABLE_NAME", "from-the-environment")
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", endpoint)

    assert table.create(parsed())

    assert table.open_table(parsed()).status() == SyncStatus()


def test_a_missing_table_is_named_and_how_to_make_it(endpoint: str) -> None:
    store = table.open_table(parsed("--table", "not-here", "--endpoint-url", endpoint))

    with pytest.raises(StoreMissingError, match=r"not-here.*admin table create"):
        store.status()


@pytest.mark.parametrize("name", ["", "ab", "a name", "x" * 256, "a/b"])
def test_a_name_that_no_table_can_have_is_refused(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TABLE_NAME", raising=False)

    with pytest.raises(SettingsError):
        table.open_table(parsed("--table", name))


def test_a_table_may_be_named_by_its_arn() -> None:
    arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/incidents"

    table.open_table(parsed("--table", arn))


def test_an_emulator_that_cannot_start_says_why() -> None:
    with (
        pytest.raises(RuntimeError, match="did not start"),
        emulator({"BIND_HOST": "no host"}),
    ):
        pass

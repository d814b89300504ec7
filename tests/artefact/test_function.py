"""The package as it is deployed, under AWS's own runtime client and emulator."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import cast

import pytest

from incidents import VERSION
from lambda_fn.telemetry import METRICS, NAMESPACE
from simulator.api.server import RunningServer, serve
from simulator.desktop.waiting import until
from simulator.world.world import TEAM_KEY, World
from tests.artefact.packaged_function import (
    Function,
    FunctionReport,
    MetricLine,
    running,
)
from tests.artefact.throttling_proxy import ThrottlingProxy, throttling_proxy
from tests.lambda_fn.cloud import Cloud, Table, now

INVOCATIONS, WARM_UP = 200, 50


@pytest.fixture
def api() -> Iterator[RunningServer]:
    with serve(World(seed=11, users=3, open=20, now=now())) as living:
        yield living


@pytest.fixture
def proxy(aws: Cloud) -> Iterator[ThrottlingProxy]:
    with throttling_proxy(aws.settings["AWS_ENDPOINT_URL"]) as standing:
        yield standing


@pytest.fixture
def secret(aws: Cloud) -> str:
    return aws.secret(json.dumps({"api_key": TEAM_KEY}))


@pytest.fixture
def settings(
    aws: Cloud, api: RunningServer, table: Table, proxy: ThrottlingProxy, secret: str
) -> dict[str, str]:
    return {
        **aws.settings,
        "AWS_ENDPOINT_URL_DYNAMODB": proxy.url,
        "TABLE_NAME": table.name,
        "CORALOGIX_BASE_URL": api.base_url,
        "CORALOGIX_SECRET_ARN": secret,
        "TEAM": "ops",
        "POWERTOOLS_SERVICE_NAME": "tray-test",
    }


@pytest.fixture
def function(
    package: Path, settings: dict[str, str], tmp_path: Path
) -> Iterator[Function]:
    with running(package, tmp_path / "log", settings) as invocable:
        yield invocable


def metrics(function: Function) -> list[MetricLine]:
    """The metrics of each invocation so far."""
    return [cast("MetricLine", line) for line in function.lines() if "_aws" in line]


def test_an_incident_ends_in_the_table_and_is_told_in_log_and_metrics(
    function: Function, api: RunningServer, table: Table
) -> None:
    alice = api.world.users[0]
    table.add("alice", alice.email, alice.uuid)
    assert function.invoke()["complete"]

    id_ = api.world.open_incident(
        severity="critical", name="Secret Plan", assignees=[alice.email]
    )
    report = function.invoke()

    assert report["error"] == ""
    assert (report["changes"], report["feeds_changed"]) == (2, 2)
    assert id_ in table.held()
    assert id_ in table.held("USER#alice")
    (_, log_line) = [line for line in function.lines() if line.get("message") == "sync"]
    assert log_line["level"] == "INFO"
    assert log_line["sync"] == report["sync"]
    assert log_line["request_id"]
    assert {name: log_line[name] for name in report} == report
    (_, counted) = metrics(function)
    (directive,) = counted["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == NAMESPACE
    assert directive["Dimensions"] == [["service"]]
    assert counted["service"] == "tray-test"
    assert {metric["Name"] for metric in directive["Metrics"]} == set(METRICS)
    assert counted["Complete"] == [1.0]
    assert counted["Open"] == [21.0]
    assert "Secret Plan" not in function.printed
    assert TEAM_KEY not in function.printed


def test_the_status_says_the_version_though_nothing_is_installed_there(
    function: Function, table: Table
) -> None:
    assert function.invoke()["complete"]

    assert table.store.status().version == VERSION


def test_a_key_rotated_in_the_middle_is_read_anew_once(
    function: Function, api: RunningServer, aws: Cloud, secret: str
) -> None:
    aws.secrets.put_secret_value(SecretId=secret, SecretString="cxtp_the_old_one")
    refused = function.invoke()
    calls = len(api.requests)

    aws.secrets.put_secret_value(SecretId=secret, SecretString=TEAM_KEY)
    report = function.invoke()

    assert not refused["complete"]
    assert refused["key_rejected"]
    assert "refused the key (401)" in refused["error"]
    assert calls == 2
    assert report["complete"]
    assert report["api_calls"] == 2
    assert [metric["KeyRejected"] for metric in metrics(function)] == [[1.0], [0.0]]
    assert "cxtp_the_old_one" not in function.printed


def test_a_throttled_table_costs_a_sync_and_no_change(
    function: Function, api: RunningServer, table: Table, proxy: ThrottlingProxy
) -> None:
    function.invoke()
    id_ = api.world.open_incident()
    proxy.operation = "TransactWriteItems"
    throttled = function.invoke()
    proxy.operation = ""

    report = function.invoke()

    assert proxy.refused > 1
    assert not throttled["complete"]
    assert throttled["error"]
    assert report["complete"]
    assert id_ in table.held()
    assert table.kinds() == [{"opened"}]


def test_near_its_time_out_it_ends_itself_and_says_so(
    package: Path, settings: dict[str, str], tmp_path: Path, api: RunningServer
) -> None:
    with running(package, tmp_path / "log", settings, timeout=10) as function:
        assert function.invoke()["complete"]
        api.faults.set("slow=30:list")
        report = function.invoke()
        api.faults.set("")

        assert "did not answer in time" in report["error"]
        assert 3000 < report["duration_ms"] < 9000
        assert function.invoke()["complete"]
        assert "Task timed out" not in function.printed


def test_sigterm_ends_a_running_sync_with_a_report(
    function: Function, api: RunningServer
) -> None:
    assert function.invoke()["complete"]
    api.faults.set("503=20:list")
    answers: list[FunctionReport] = []
    thread = Thread(target=lambda: answers.append(function.invoke()))
    before = len(api.requests)
    thread.start()
    until(lambda: len(api.requests) > before)
    runtime = function.runtime
    runtime.send_signal(signal.SIGTERM)
    thread.join(timeout=15)

    assert answers[0]["error"]
    assert not answers[0]["complete"]
    api.faults.set("")
    assert function.invoke()["complete"]


def test_sigterm_between_syncs_ends_the_process_at_once(function: Function) -> None:
    assert function.invoke()["complete"]
    runtime = function.runtime

    runtime.send_signal(signal.SIGTERM)

    until(lambda: not runtime.is_running() or runtime.status() == "zombie", seconds=2)


@pytest.mark.slow
def test_200_invocations_leave_memory_flat(
    function: Function, api: RunningServer, table: Table
) -> None:
    memory_bytes: list[int] = []
    ids: list[str] = []
    for number in range(INVOCATIONS):
        if number % 10 == 0:
            ids.append(api.world.open_incident())
        if number % 10 == 5:
            api.world.resolve(ids[-1])
        assert function.invoke()["complete"]
        memory_bytes.append(function.runtime.memory_info().rss)

    growth = max(memory_bytes[-WARM_UP:]) / max(memory_bytes[:WARM_UP])
    assert growth < 1.05
    assert len(table.kinds()) == 39  # the first was open at the baseline


def test_a_wrong_setting_is_reported_and_alarmed(
    package: Path, settings: dict[str, str], tmp_path: Path
) -> None:
    wrong = {**settings, "WORKERS": "many"}
    with running(package, tmp_path / "log", wrong) as function:
        report = function.invoke()

        assert "WORKERS: must be a whole number" in report["error"]
        (counted,) = metrics(function)
        assert counted["Complete"] == [0.0]

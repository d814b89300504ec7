"""What an operator is told: one log line and one line of metrics a sync."""

import json
import logging
from typing import Any

import pytest

from incidents.sync.run import Report
from lambda_fn.report import RunReport, one_line
from lambda_fn.telemetry import METRICS, NAMESPACE, Telemetry

EPOCH = 1_767_323_045.5


def told(record: RunReport, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    # A logger of its own: one is kept by name, with the output it began with.
    telemetry = Telemetry(f"tray-{record.report.sync}", "INFO")
    telemetry.tell(record, request="r-1", epoch=EPOCH)
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_complete_sync_is_told_whole(capsys: pytest.CaptureFixture[str]) -> None:
    record = RunReport(
        report=Report(
            sync="s1", complete=True, open=5, api_calls=1, changes=2, feeds_changed=1
        ),
        write_units=7,
        read_units=1,
        duration_ms=812,
        lag_seconds=0.8,
    )

    log, metrics = told(record, capsys)

    assert log["level"] == "INFO"
    assert {name: log[name] for name in record.to_json()} == record.to_json()
    (directive,) = metrics["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == NAMESPACE
    assert {one["Name"] for one in directive["Metrics"]} == set(METRICS)
    assert metrics["Complete"] == [1]
    assert metrics["LastSuccess"] == [1_767_323_045]
    assert metrics["service"] == "tray-s1"


def test_after_a_failure_the_unknown_is_left_out_and_not_called_zero(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report = Report(sync="s2", complete=False, error="The key.")
    record = RunReport(report=report, key_rejected=True)

    log, metrics = told(record, capsys)

    assert (log["level"], log["error"]) == ("ERROR", "The key.")
    assert metrics["Complete"] == [0]
    assert metrics["KeyRejected"] == [1]
    assert not {"Open", "Quarantined", "Lag", "LastSuccess"} & metrics.keys()


def test_an_error_is_put_on_one_line() -> None:
    assert one_line("first\n  second\tthird ") == "first second third"


def test_libraries_may_not_tell_addresses_however_much_is_logged() -> None:
    Telemetry("tray-quiet", "DEBUG")

    for name in ("httpx", "httpcore", "botocore.endpoint", "urllib3.connectionpool"):
        assert not logging.getLogger(name).isEnabledFor(logging.INFO)

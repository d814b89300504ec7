"""`python -m lambda_fn`: one sync, one report, one clear line when it fails."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from incidents import VERSION
from lambda_fn.settings import NAMES
from simulator.api.server import RunningServer
from simulator.desktop.waiting import until
from simulator.world.world import TEAM_KEY
from tests.lambda_fn.cloud import TEAM, Table, now

FIELDS = {
    "complete",
    "open",
    "api_calls",
    "changes",
    "feeds_changed",
    "quarantined",
    "odd",
    "write_units",
    "read_units",
    "duration_ms",
    "error",
}
NOBODY = "http://127.0.0.1:9"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a run of the command left behind."""

    code: int
    report: Mapping[str, Any]
    told: list[str]
    """The lines on standard error."""


def start(settings: Mapping[str, str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "lambda_fn"],
        env={"PATH": os.environ["PATH"], **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: "subprocess.Popen[str]") -> Ran:
    out, told = process.communicate(timeout=60)
    report = json.loads(out.splitlines()[-1])
    assert report.keys() >= FIELDS, told
    assert TEAM_KEY not in out + told
    return Ran(code=process.returncode, report=report, told=told.splitlines())


def run(settings: Mapping[str, str], **changes: str) -> Ran:
    return ended(start({**settings, **changes}))


def test_help_names_every_variable_of_the_environment() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "lambda_fn", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert all(f"  {name} " in told.stdout for name in NAMES)


def test_what_libraries_log_is_not_told_to_a_person() -> None:
    script = (
        "import logging; from lambda_fn.__main__ import main; main([]);"
        "logging.getLogger('httpcore').warning('noise')"
    )

    ran = subprocess.run(
        [sys.executable, "-c", script],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "TABLE_NAME is not set" in ran.stderr
    assert "noise" not in ran.stderr


def test_the_region_of_aws_is_found_where_lambda_puts_it(
    settings: dict[str, str],
) -> None:
    del settings["AWS_DEFAULT_REGION"]

    assert run(settings).code == 0


def test_a_new_incident_ends_in_the_table(
    api: RunningServer, table: Table, settings: dict[str, str]
) -> None:
    alice = api.world.users[0]
    table.add("alice", alice.email, alice.uuid)
    assert run(settings).report["changes"] == 0

    id_ = api.world.open_incident(severity="critical", assignees=[alice.email])
    ran = run(settings)

    assert (ran.code, ran.told) == (0, [])
    assert ran.report["complete"]
    assert ran.report["open"] == 5
    assert ran.report["api_calls"] == 1
    assert ran.report["changes"] == 2
    assert ran.report["feeds_changed"] == 2
    assert ran.report["write_units"] > 0
    assert len(table.held()) == 5
    assert id_ in table.held("USER#alice")


def test_a_quiet_sync_costs_one_unit_of_each_and_says_its_version(
    table: Table, settings: dict[str, str]
) -> None:
    run(settings)
    table.store.write_status(replace(table.store.status(), version="0.0.1"))

    ran = run(settings)

    assert ran.report["quiet"]
    assert table.store.status().version == VERSION
    assert (ran.report["write_units"], ran.report["read_units"]) == (1, 1)


def test_the_scope_assigned_keeps_user_feeds_alone(
    api: RunningServer, table: Table, settings: dict[str, str]
) -> None:
    alice = api.world.users[0]
    table.add("alice", alice.email, alice.uuid)
    id_ = api.world.open_incident(assignees=[alice.email])

    ran = run(settings, SYNC_SCOPE="assigned", TEAM="")

    assert ran.code == 0
    assert id_ in table.held("USER#alice")
    assert table.held() == set()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"CORALOGIX_API_KEY": "cxtp_wrong"}, "Coralogix refused the key (401)"),
        ({"CORALOGIX_BASE_URL": NOBODY}, "Coralogix cannot be reached"),
        ({"TABLE_NAME": "no-such-table"}, "There is no table no-such-table"),
        ({"AWS_ENDPOINT_URL_DYNAMODB": NOBODY}, "DynamoDB cannot be reached"),
        ({"WORKERS": "many"}, "WORKERS: must be a whole number from 1 to 64."),
        ({"TEAM": ""}, "TEAM is not set"),
        (
            {"CORALOGIX_API_KEY": "", "CORALOGIX_SECRET_ARN": "no-such-secret"},
            "There is no such secret",
        ),
    ],
)
def test_what_goes_wrong_is_one_line_and_nothing_is_written(
    table: Table, settings: dict[str, str], changes: Mapping[str, str], says: str
) -> None:
    ran = run(settings, **changes)

    assert ran.code == 1
    (line,) = ran.told
    assert says in line
    assert ran.report["error"] == line
    assert not ran.report["complete"]
    assert table.items == 0


@pytest.mark.parametrize(
    ("fault", "calls"), [("nulls", 1), ("eventless:list", 2), ("eventless", 2)]
)
def test_who_acknowledged_is_told_wherever_the_api_says_it(
    api: RunningServer, table: Table, settings: dict[str, str], fault: str, calls: int
) -> None:
    api.faults.set(fault)
    run(settings)
    alice, id_ = api.world.users[0].email, min(api.world.open_ids)
    api.world.acknowledge(id_, by=alice)

    ran = run(settings)

    assert (ran.code, ran.report["api_calls"]) == (0, calls)
    assert table.kinds() == [{"acknowledged"}]
    (row,) = table.store.rows(TEAM, 0)
    nobody_says_it = fault == "eventless"
    assert row.change.incident.acknowledged_by == (None if nobody_says_it else alice)
    assert run(settings).report["api_calls"] == 1


def test_a_snooze_in_coralogix_is_a_change_with_its_end_and_its_person(
    api: RunningServer, table: Table, settings: dict[str, str]
) -> None:
    run(settings)
    alice, id_ = api.world.users[0].email, min(api.world.open_ids)
    api.world.snooze(id_, by=alice, minutes=30)

    ran = run(settings)

    assert ran.report["api_calls"] == 1
    assert table.kinds() == [{"snoozed"}]
    (row,) = table.store.rows(TEAM, 0)
    assert row.change.incident.snoozed_by == alice
    assert row.change.incident.snoozed_at(now())


def test_a_listing_that_is_not_whole_is_told_and_removes_nothing(
    api: RunningServer, table: Table, settings: dict[str, str]
) -> None:
    run(settings)
    before = table.held()
    api.faults.set("omit=2:list")

    ran = run(settings)

    assert ran.code == 1
    assert ran.told == [ran.report["error"]]
    assert table.held() == before


def test_on_sigterm_the_sync_winds_up_and_reports(
    api: RunningServer, table: Table, settings: dict[str, str]
) -> None:
    api.faults.set("503=30:list")
    process = start(settings)
    until(lambda: api.requests)
    process.send_signal(signal.SIGTERM)

    ran = ended(process)

    assert ran.code == 1
    assert ran.told == [ran.report["error"]]
    assert table.items == 0
    api.faults.set("")
    assert run(settings).code == 0


def test_killed_in_the_middle_the_next_sync_makes_up_for_it(
    api: RunningServer, table: Table, settings: dict[str, str]
) -> None:
    run(settings)
    id_ = api.world.open_incident()
    process = start(settings)
    until(lambda: len(api.requests) == 2)
    process.kill()
    process.communicate()

    ran = run(settings)

    assert ran.code == 0
    assert id_ in table.held()
    assert table.kinds() == [{"opened"}]

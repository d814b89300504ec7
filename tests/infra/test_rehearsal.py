"""The deployment itself, on a simulated AWS: `make rehearse`, and then some."""

import json

import pytest

from infra.rehearse import (
    STACK,
    Rehearsal,
    RehearsalError,
    invoke,
    rehearse,
    remove,
)


@pytest.mark.network
@pytest.mark.slow
@pytest.mark.timeout(600)  # tools may have to be installed, and a tick is 60 s
def test_a_deployment_from_beginning_to_end(sky: Rehearsal) -> None:
    told: list[str] = []

    rehearse(sky, told.append)

    assert [one.split()[0] for one in told] == [
        "built",
        "created",
        "updated",
        "without",
        "invoked:",
        "an",
        "read",
        "read",
    ]
    outputs = sky.outputs()
    _the_doctor_finds_nothing_but_what_the_emulator_leaves_out(sky)
    _the_role_is_enforced(sky, outputs["FunctionName"])
    table = remove(sky)
    _the_table_stays(sky, table)


def _the_doctor_finds_nothing_but_what_the_emulator_leaves_out(sky: Rehearsal) -> None:
    with pytest.raises(RehearsalError) as found:
        sky.tray("", "admin", "doctor", "--stack", STACK, "--json")

    said = [line for line in str(found.value).splitlines() if line.startswith("{")]
    states = {one["what"]: one["state"] for one in map(json.loads, said)}
    left_out = {"table", "ttl", "policy of the table"}
    assert {what for what, state in states.items() if state != "ok"} == left_out
    assert {"sync", "feeds", "key", "secret", "schedule", "clock"} <= set(states)


def _the_role_is_enforced(sky: Rehearsal, function: str) -> None:
    asked = ["--stack-name", STACK, "--logical-resource-id", "SyncRole"]
    found = json.loads(sky.aws("cloudformation", "describe-stack-resource", *asked))
    role = found["StackResourceDetail"]["PhysicalResourceId"]
    named = ["--role-name", role, "--policy-name", "sync"]
    sky.aws("iam", "delete-role-policy", *named)

    report = invoke(sky, function)

    assert report["complete"] is False
    assert "may not use the table" in str(report["error"])


def _the_table_stays(sky: Rehearsal, table: str) -> None:
    assert table in json.loads(sky.aws("dynamodb", "list-tables"))["TableNames"]

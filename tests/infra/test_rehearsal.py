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
def test_a_deployment_from_beginning_to_end(rehearsal: Rehearsal) -> None:
    steps: list[str] = []

    rehearse(rehearsal, steps.append)

    assert [step.split()[0] for step in steps] == [
        "built",
        "created",
        "updated",
        "without",
        "invoked:",
        "an",
        "read",
        "read",
    ]
    outputs = rehearsal.outputs()
    _the_doctor_finds_nothing_but_what_the_emulator_leaves_out(rehearsal)
    _the_role_is_enforced(rehearsal, outputs["FunctionName"])
    table = remove(rehearsal)
    _the_table_stays(rehearsal, table)


def _the_doctor_finds_nothing_but_what_the_emulator_leaves_out(
    rehearsal: Rehearsal,
) -> None:
    with pytest.raises(RehearsalError) as answer:
        rehearsal.tray("", "admin", "doctor", "--stack", STACK, "--json")

    lines = [line for line in str(answer.value).splitlines() if line.startswith("{")]
    states = {finding["what"]: finding["state"] for finding in map(json.loads, lines)}
    left_out = {"table", "ttl", "policy of the table"}
    assert {what for what, state in states.items() if state != "ok"} == left_out
    assert {"sync", "feeds", "key", "secret", "schedule", "clock"} <= set(states)


def _the_role_is_enforced(rehearsal: Rehearsal, function: str) -> None:
    arguments = ["--stack-name", STACK, "--logical-resource-id", "SyncRole"]
    answer = json.loads(
        rehearsal.aws("cloudformation", "describe-stack-resource", *arguments)
    )
    role = answer["StackResourceDetail"]["PhysicalResourceId"]
    policy = ["--role-name", role, "--policy-name", "sync"]
    rehearsal.aws("iam", "delete-role-policy", *policy)

    report = invoke(rehearsal, function)

    assert report["complete"] is False
    assert "may not use the table" in str(report["error"])


def _the_table_stays(rehearsal: Rehearsal, table: str) -> None:
    assert table in json.loads(rehearsal.aws("dynamodb", "list-tables"))["TableNames"]

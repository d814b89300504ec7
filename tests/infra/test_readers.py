"""Law L9, by an evaluator of IAM: who reads what, and nothing else."""

from collections.abc import Mapping

import pytest

from tests.infra.conftest import Stack
from tests.infra.iam import ALLOWED, DENIED, TABLE, Case, results, simulation, verdicts
from tests.infra.reader_cases import CASES
from tests.infra.resolve import ACCOUNT, REGION, Json, at, mapping, several


@pytest.fixture
def policy(readers: Stack) -> Json:
    made = readers(TableArn=TABLE).resources()
    return at(made["ReaderPolicy"], "Properties", "PolicyDocument")


@pytest.fixture
def wall(stack: Stack) -> Json:
    return _wall(stack, "")


def _wall(stack: Stack, operators: str) -> Json:
    made = stack(OperatorRoles=operators).resources()
    return at(made["FeedTable"], "Properties", "ResourcePolicy", "PolicyDocument")


def _without(policy: Json, *effects: str) -> Mapping[str, Json]:
    kept = [s for s in several(at(policy, "Statement")) if at(s, "Effect") in effects]
    return {**mapping(policy), "Statement": kept}


def test_a_reader_reads_their_own_and_nothing_else(policy: Json, wall: Json) -> None:
    wanted = {f"{c.name}: {a}": c.allowed for c in CASES for a in c.actions}

    assert verdicts(CASES, [policy], wall) == wanted


def test_the_allowances_alone_hold_readers_to_their_own(policy: Json) -> None:
    wanted = {f"{c.name}: {a}": c.allowed for c in CASES for a in c.actions}

    assert verdicts(CASES, [_without(policy, "Allow")], None) == wanted


def test_no_other_policy_lets_a_reader_past_the_keys(policy: Json, wall: Json) -> None:
    careless: Json = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}],
    }
    by_key = {"dynamodb:Query", "dynamodb:GetItem"}
    others = [
        c
        for c in CASES
        if c.resource.startswith(f"{TABLE}/") or c.resource == TABLE
        if not by_key & set(c.actions)
    ]

    found = verdicts(others, [policy, careless], wall)

    assert len(found) > 15
    assert not any(found.values()), found


def test_the_evaluator_tells_a_policy_without_the_guards(policy: Json) -> None:
    def unguarded(statement: Json) -> Json:
        conditions = dict(mapping(at(statement, "Condition")))
        del conditions["Null"]
        return {**mapping(statement), "Condition": conditions}

    allows = several(at(_without(policy, "Allow"), "Statement"))
    weak: Json = {**mapping(policy), "Statement": [unguarded(s) for s in allows]}
    no_key = [c for c in CASES if c.name == "no leading key at all"]

    assert all(verdicts(no_key, [weak], None).values())


WRITE = Case(name="a write", actions=["dynamodb:PutItem"], keys=["REGISTRY"])
SYNC_ROLE = f"arn:aws:iam::{ACCOUNT}:role/tray-test-SyncRole-1ABC"
OPERATOR = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso/Operator_1"


@pytest.mark.parametrize(
    ("who", "context", "allowed"),
    [
        ("the sync", {"aws:PrincipalArn": SYNC_ROLE}, ALLOWED),
        ("an operator", {"aws:PrincipalArn": OPERATOR}, ALLOWED),
        ("a bystander", {"aws:PrincipalArn": f"{SYNC_ROLE[:30]}/other"}, DENIED),
        (
            "the sync, in clear text",
            {"aws:PrincipalArn": SYNC_ROLE, "aws:SecureTransport": "false"},
            DENIED,
        ),
        (
            "the operator of another account",
            {"aws:PrincipalArn": OPERATOR, "aws:PrincipalAccount": "444455556666"},
            DENIED,
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_wall_of_the_table_lets_only_the_sync_and_operators_write(
    stack: Stack,
    who: str,
    context: Mapping[str, str],
    allowed: bool,  # noqa: FBT001  # a row of the table
) -> None:
    operators = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/*Operator_*"
    anything: Json = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}],
    }
    request = dict(
        simulation(WRITE, "dynamodb:PutItem", [anything], _wall(stack, operators))
    )
    asked = dict(mapping(request["request"]))
    asked["contextVariables"] = {**mapping(asked["contextVariables"]), **context}
    request["request"] = asked

    assert (results([request]) == ["Allowed"]) is allowed, who


def test_the_sync_may_do_what_it_does_and_no_more(stack: Stack) -> None:
    made = stack().resources()["SyncRole"]
    document = at(made, "Properties", "Policies", 0, "PolicyDocument")
    table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/FeedTable"
    does = [
        f"dynamodb:{name}"
        for name in (
            "GetItem",
            "BatchGetItem",
            "Query",
            "PutItem",
            "UpdateItem",
            "DeleteItem",
            "ConditionCheckItem",
        )
    ]
    not_ = [f"dynamodb:{name}" for name in ("Scan", "DeleteTable", "PartiQLSelect")]

    found = verdicts(
        [
            Case(name="needs", actions=does, resource=table, allowed=ALLOWED),
            Case(name="needs not", actions=not_, resource=table),
            Case(name="elsewhere", actions=does, resource=f"{table}2"),
        ],
        [document],
        None,
    )

    assert {name for name, allowed in found.items() if allowed} == {
        f"needs: {action}" for action in does
    }

"""Law L9, by an evaluator of IAM: who reads what, and nothing else."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

import pytest

from incidents.feeds import FeedId, team_feed, user_feed
from tests.infra.conftest import Stack
from tests.infra.iam import ANY_READ, TABLE, TAGS, Case, results, simulation, verdicts
from tests.infra.reader_cases import CASES
from tests.infra.resolve import ACCOUNT, REGION, STACK, Json, as_list, at, mapping


@pytest.fixture
def policy(readers: Stack) -> Json:
    resources = readers(TableArn=TABLE).resources()
    return at(resources["ReaderPolicy"], "Properties", "PolicyDocument")


@pytest.fixture
def wall(stack: Stack) -> Json:
    return _wall(stack, "")


def _wall(stack: Stack, operators: str) -> Json:
    resources = stack(OperatorRoles=operators).resources()
    return at(resources["FeedTable"], "Properties", "ResourcePolicy", "PolicyDocument")


def _without(policy: Json, *effects: str) -> Mapping[str, Json]:
    statements = [
        s for s in as_list(at(policy, "Statement")) if at(s, "Effect") in effects
    ]
    return {**mapping(policy), "Statement": statements}


def test_a_reader_reads_their_own_and_nothing_else(policy: Json, wall: Json) -> None:
    expected = {f"{c.name}: {a}": c.allowed for c in CASES for a in c.actions}

    assert verdicts(CASES, [policy], wall) == expected


def test_the_allowances_alone_hold_readers_to_their_own(policy: Json) -> None:
    expected = {f"{c.name}: {a}": c.allowed for c in CASES for a in c.actions}

    assert verdicts(CASES, [_without(policy, "Allow")], None) == expected


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

    allowed = verdicts(others, [policy, careless], wall)

    assert len(allowed) > 15
    assert not any(allowed.values()), allowed


def test_the_evaluator_tells_a_policy_without_the_guards(policy: Json) -> None:
    def unguarded(statement: Json) -> Json:
        conditions = dict(mapping(at(statement, "Condition")))
        del conditions["Null"]
        return {**mapping(statement), "Condition": conditions}

    allows = as_list(at(_without(policy, "Allow"), "Statement"))
    weak: Json = {**mapping(policy), "Statement": [unguarded(s) for s in allows]}
    no_key = [c for c in CASES if c.name == "no leading key at all"]

    assert all(verdicts(no_key, [weak], None).values())


ANYTHING: Json = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}],
}
SYNC_ROLE = f"arn:aws:iam::{ACCOUNT}:role/{STACK}-SyncRole"
OPERATOR_ROLE = f"arn:aws:iam::{ACCOUNT}:role/{STACK}-OperatorRole"
NAMED = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso/Operator_1"
OUTSIDER = f"arn:aws:iam::{ACCOUNT}:role/anybody"
PATTERN = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/*Operator_*"

ITEM_WRITES = (
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:PartiQLInsert",
    "dynamodb:PartiQLUpdate",
    "dynamodb:PartiQLDelete",
    "dynamodb:ConditionCheckItem",
)
AT_LARGE = (
    "dynamodb:Scan",
    "dynamodb:BatchGetItem",
    "dynamodb:PartiQLSelect",
    "dynamodb:ExportTableToPointInTime",
)
TABLE_CHANGES = (
    "dynamodb:DeleteTable",
    "dynamodb:UpdateTable",
    "dynamodb:PutResourcePolicy",
    "dynamodb:DeleteResourcePolicy",
    "dynamodb:UpdateTimeToLive",
    "dynamodb:UpdateContinuousBackups",
    "dynamodb:EnableKinesisStreamingDestination",
)
EVERYTHING = (
    *(
        Case(name=key, actions=("dynamodb:PutItem", *ANY_READ), keys=[key])
        for key in ("USER#alice", "USER##", "TEAM#ops", "TEAM##", "SYNC", "REGISTRY")
    ),
    Case(name="writes", actions=ITEM_WRITES, keys=["USER#alice"]),
    Case(name="reads without a key", keys=None),
    Case(name="reads at large", actions=AT_LARGE, keys=None),
    Case(name="the table", actions=TABLE_CHANGES, keys=None),
)


def _allowed(
    wall: Json,
    who: str,
    *,
    tags: Mapping[str, str] = TAGS,
    more: Mapping[str, Json] = MappingProxyType({}),
) -> frozenset[str]:
    """Return what *wall* leaves *who* of `dynamodb:*`."""
    names, requests = [], []
    for case_ in EVERYTHING:
        for action in case_.actions:
            simulated = simulation(replace(case_, tags=tags), action, [ANYTHING], wall)
            request = dict(mapping(simulated["request"]))
            request["contextVariables"] = {
                **mapping(request["contextVariables"]),
                "aws:PrincipalArn": who,
                **more,
            }
            names.append(f"{case_.name}: {action}")
            requests.append({**simulated, "request": request})
    return frozenset(
        name
        for name, verdict in zip(names, results(requests), strict=True)
        if verdict == "Allowed"
    )


ALL = frozenset(f"{c.name}: {action}" for c in EVERYTHING for action in c.actions)
NOTHING_OF_ANYBODY = frozenset(
    f"{key}: {action}" for key in ("SYNC", "USER##", "TEAM##") for action in ANY_READ
)
"""How the sync fares holds no text of an incident; the other two cannot be."""
TABLE_ONLY = frozenset(f"the table: {action}" for action in TABLE_CHANGES)


def test_a_role_that_nobody_named_reads_no_feed_and_changes_nothing(
    stack: Stack,
) -> None:
    allowed = _allowed(_wall(stack, ""), OUTSIDER, tags={})

    assert allowed == NOTHING_OF_ANYBODY


@pytest.mark.parametrize("feed", [user_feed, team_feed])
def test_the_key_of_a_missing_tag_is_no_feed(feed: Callable[[str], FeedId]) -> None:
    with pytest.raises(ValueError, match="'#'"):
        feed("#")


def test_a_role_with_dynamodb_at_large_still_reads_by_its_own_tags(
    stack: Stack,
) -> None:
    allowed = _allowed(_wall(stack, ""), OUTSIDER)

    assert allowed == {
        f"{key}: {action}"
        for key in ("USER#alice", "TEAM#ops", "SYNC")
        for action in ANY_READ
    }


@pytest.mark.parametrize("evil", [f"{SYNC_ROLE}-evil", f"{OPERATOR_ROLE}2"])
def test_a_role_named_like_ours_is_a_stranger(stack: Stack, evil: str) -> None:
    assert not _allowed(_wall(stack, ""), evil) & {
        f"writes: {action}" for action in ITEM_WRITES
    }


@pytest.mark.parametrize(
    ("operators", "who"),
    [("", OPERATOR_ROLE), (PATTERN, OPERATOR_ROLE), (PATTERN, NAMED)],
)
def test_the_wall_stops_no_operator(stack: Stack, operators: str, who: str) -> None:
    assert _allowed(_wall(stack, operators), who) == ALL


def test_the_wall_stops_the_sync_from_nothing_but_the_table(stack: Stack) -> None:
    allowed = _allowed(_wall(stack, ""), SYNC_ROLE)

    assert allowed == ALL - TABLE_ONLY


def test_a_deployment_may_change_the_table_and_reads_nothing(stack: Stack) -> None:
    via: list[Json] = ["cloudformation.amazonaws.com"]
    allowed = _allowed(_wall(stack, ""), OUTSIDER, tags={}, more={"aws:CalledVia": via})

    assert allowed == TABLE_ONLY | NOTHING_OF_ANYBODY


@pytest.mark.parametrize(
    ("key", "value"),
    [("aws:SecureTransport", "false"), ("aws:PrincipalAccount", "444455556666")],
)
def test_clear_text_and_other_accounts_get_nothing(
    stack: Stack, key: str, value: str
) -> None:
    assert not _allowed(_wall(stack, ""), OPERATOR_ROLE, more={key: value})


@pytest.mark.parametrize(
    ("guard", "opens"),
    [
        ("OnlyTheSyncAndOperatorsWriteOrReadAtLarge", "writes: dynamodb:PutItem"),
        ("OthersReadWhatTheirTagsName", "USER#alice: dynamodb:Query"),
        ("NobodyElseReadsWithoutAKey", "reads without a key: dynamodb:Query"),
        (
            "OnlyDeploymentsAndOperatorsChangeTheTable",
            "the table: dynamodb:DeleteTable",
        ),
    ],
)
def test_without_a_guard_its_door_is_open(stack: Stack, guard: str, opens: str) -> None:
    wall = mapping(_wall(stack, ""))
    rest = [s for s in as_list(wall["Statement"]) if at(s, "Sid") != guard]
    assert len(rest) < len(as_list(wall["Statement"]))

    allowed = _allowed({**wall, "Statement": rest}, OUTSIDER, tags={})

    assert opens in allowed


def test_the_sync_may_do_what_it_does_and_no_more(stack: Stack) -> None:
    resources = stack().resources()["SyncPolicy"]
    document = at(resources, "Properties", "PolicyDocument")
    table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/FeedTable"
    reads = ("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query")
    writes = (
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "dynamodb:ConditionCheckItem",
    )
    never = ("dynamodb:Scan", "dynamodb:DeleteTable", "dynamodb:PartiQLSelect")
    cases = [
        *(
            Case(name=key, actions=(*reads, *writes), keys=[key], resource=table)
            for key in ("USER#alice", "TEAM#ops", "SYNC")
        ),
        Case(
            name="REGISTRY",
            actions=(*reads, *writes),
            keys=["REGISTRY"],
            resource=table,
        ),
        Case(
            name="both",
            actions=writes,
            keys=["USER#alice", "REGISTRY"],
            resource=table,
        ),
        Case(name="never", actions=never, resource=table),
        Case(name="elsewhere", actions=(*reads, *writes), resource=f"{table}2"),
    ]

    allowed = {name for name, good in verdicts(cases, [document], None).items() if good}

    assert allowed == {
        *(
            f"{key}: {action}"
            for key in ("USER#alice", "TEAM#ops", "SYNC")
            for action in (*reads, *writes)
        ),
        *(f"REGISTRY: {action}" for action in reads),
    }

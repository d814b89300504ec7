"""Who may do what: nobody more than they need."""

import re
from collections.abc import Iterator, Mapping

import pytest

from tests.infra.conftest import Stack
from tests.infra.resolve import (
    ACCOUNT,
    REGION,
    Json,
    Made,
    at,
    mapping,
    of_type,
    several,
)

WITHOUT_RESOURCES = {"cloudwatch:DescribeAlarms", "cloudwatch:GetMetricStatistics"}
"""What IAM cannot limit to resources (Service Authorization Reference)."""


def _allowances(node: Json) -> Iterator[Mapping[str, Json]]:
    """Walk every statement that allows something, wherever it is."""
    if isinstance(node, Mapping):
        if node.get("Effect") == "Allow":
            yield node
        for inner in node.values():
            yield from _allowances(inner)
    elif not isinstance(node, str) and node is not None:
        for inner in several(node) if not isinstance(node, int | float) else ():
            yield from _allowances(inner)


def test_nobody_is_allowed_more_than_they_need(stack: Stack, readers: Stack) -> None:
    stacks = [
        stack(AlarmEmail="a@b.c", OperatorRoles="arn:aws:iam::1:role/x"),
        readers(TableArn="arn:aws:dynamodb:eu-west-1:111122223333:table/t"),
        readers(Variant="cognito", TableArn="t", OidcProviderArn="p"),
        readers(Variant="identity-center", InstanceArn="i"),
    ]
    allowed = [s for one in stacks for s in _allowances(one.resources())]

    assert len(allowed) > 10
    for statement in allowed:
        assert "NotAction" not in statement
        assert "NotResource" not in statement
        assert statement.get("Principal") != "*"
        for action in several(statement["Action"]):
            assert re.fullmatch(r"[a-z-]+:[A-Za-z]+", str(action)), statement
        if set(several(statement["Action"])) != WITHOUT_RESOURCES:
            for resource in several(statement.get("Resource", "")):
                assert "*" not in str(resource), statement


def test_no_role_brings_a_policy_of_aws_along(made: Made) -> None:
    for name, role in of_type(made, "AWS::IAM::Role").items():
        assert "ManagedPolicyArns" not in role, name
    assert set(of_type(made, "AWS::IAM::Role")) == {
        "OperatorRole",
        "SyncRole",
        "TickRole",
    }


def test_only_schedules_of_this_account_may_start_the_sync(made: Made) -> None:
    trust = at(made["TickRole"], "Properties", "AssumeRolePolicyDocument")
    condition = mapping(at(trust, "Statement", 0, "Condition"))

    assert at(condition, "StringEquals", "aws:SourceAccount") == ACCOUNT
    assert at(condition, "ArnEquals", "aws:SourceArn") == (
        f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule-group/default"
    )


def test_readers_are_told_apart_by_equality(readers: Stack) -> None:
    made = readers(TableArn="t").resources()["ReaderPolicy"]
    keys = {
        operator
        for statement in several(at(made, "Properties", "PolicyDocument", "Statement"))
        for operator, condition in mapping(
            mapping(statement).get("Condition", {})
        ).items()
        if "dynamodb:LeadingKeys" in mapping(condition)
    }

    assert keys == {"ForAllValues:StringEquals", "Null"}


@pytest.mark.parametrize("variant", ["policy", "identity-center", "cognito"])
def test_each_way_of_handing_out_access_is_whole(readers: Stack, variant: str) -> None:
    made = readers(Variant=variant, TableArn="t", InstanceArn="i", OidcProviderArn="p")
    kinds = {str(one["Type"]).split("::", 1)[1] for one in made.resources().values()}

    assert (
        kinds
        == {
            "policy": {"IAM::ManagedPolicy"},
            "identity-center": {
                "SSO::PermissionSet",
                "SSO::InstanceAccessControlAttributeConfiguration",
            },
            "cognito": {
                "IAM::ManagedPolicy",
                "IAM::Role",
                "Cognito::IdentityPool",
                "Cognito::IdentityPoolPrincipalTag",
                "Cognito::IdentityPoolRoleAttachment",
            },
        }[variant]
    )
    assert made.outputs()


def test_both_ways_tag_a_session_with_the_names_that_the_policy_reads(
    readers: Stack,
) -> None:
    center = readers(Variant="identity-center", InstanceArn="i").resources()
    pool = readers(Variant="cognito", TableArn="t", OidcProviderArn="p").resources()
    attributes = several(
        at(center["SessionTags"], "Properties", "AccessControlAttributes")
    )
    trust = at(pool["ReaderRole"], "Properties", "AssumeRolePolicyDocument")

    assert {at(one, "Key") for one in attributes} == {"uid", "team"}
    assert set(mapping(at(pool["ReaderPoolTags"], "Properties", "PrincipalTags"))) == {
        "uid",
        "team",
    }
    assert "sts:TagSession" in several(at(trust, "Statement", 0, "Action"))

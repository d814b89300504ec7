"""Who may do what: nobody more than they need."""

import re
from collections.abc import Iterator, Mapping

import pytest

from tests.infra.conftest import Stack
from tests.infra.resolve import (
    ACCOUNT,
    REGION,
    Json,
    Resources,
    as_list,
    at,
    mapping,
    of_type,
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
        for inner in as_list(node) if not isinstance(node, int | float) else ():
            yield from _allowances(inner)


def test_nobody_is_allowed_more_than_they_need(stack: Stack, readers: Stack) -> None:
    stacks = [
        stack(AlarmEmail="a@b.c", OperatorRoles="arn:aws:iam::1:role/x"),
        readers(TableArn="arn:aws:dynamodb:eu-west-1:111122223333:table/t"),
        readers(Variant="cognito", TableArn="t", OidcProviderArn="p"),
        readers(Variant="identity-center", InstanceArn="i"),
    ]
    allowed = [s for resolver in stacks for s in _allowances(resolver.resources())]

    assert len(allowed) > 10
    for statement in allowed:
        assert "NotAction" not in statement
        assert "NotResource" not in statement
        assert statement.get("Principal") != "*"
        for action in as_list(statement["Action"]):
            assert re.fullmatch(r"[a-z-]+:[A-Za-z]+", str(action)), statement
        if set(as_list(statement["Action"])) != WITHOUT_RESOURCES:
            for resource in as_list(statement.get("Resource", "")):
                assert "*" not in str(resource), statement


def test_no_role_brings_a_policy_of_aws_along(resources: Resources) -> None:
    for name, role in of_type(resources, "AWS::IAM::Role").items():
        assert "ManagedPolicyArns" not in role, name
    assert set(of_type(resources, "AWS::IAM::Role")) == {
        "OperatorRole",
        "SyncRole",
        "TickRole",
    }


def test_only_schedules_of_this_account_may_start_the_sync(
    resources: Resources,
) -> None:
    trust = at(resources["TickRole"], "Properties", "AssumeRolePolicyDocument")
    condition = mapping(at(trust, "Statement", 0, "Condition"))

    assert at(condition, "StringEquals", "aws:SourceAccount") == ACCOUNT
    assert at(condition, "ArnEquals", "aws:SourceArn") == (
        f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule-group/default"
    )


def test_readers_are_told_apart_by_equality(readers: Stack) -> None:
    resources = readers(TableArn="t").resources()["ReaderPolicy"]
    keys = {
        operator
        for statement in as_list(
            at(resources, "Properties", "PolicyDocument", "Statement")
        )
        for operator, condition in mapping(
            mapping(statement).get("Condition", {})
        ).items()
        if "dynamodb:LeadingKeys" in mapping(condition)
    }

    assert keys == {"ForAllValues:StringEquals", "Null"}


@pytest.mark.parametrize("variant", ["policy", "identity-center", "cognito"])
def test_each_way_of_handing_out_access_is_whole(readers: Stack, variant: str) -> None:
    resolver = readers(
        Variant=variant, TableArn="t", InstanceArn="i", OidcProviderArn="p"
    )
    kinds = {
        str(resource["Type"]).split("::", 1)[1]
        for resource in resolver.resources().values()
    }

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
    assert resolver.outputs()


def test_both_ways_tag_a_session_with_the_names_that_the_policy_reads(
    readers: Stack,
) -> None:
    center = readers(Variant="identity-center", InstanceArn="i").resources()
    pool = readers(Variant="cognito", TableArn="t", OidcProviderArn="p").resources()
    attributes = as_list(
        at(center["SessionTags"], "Properties", "AccessControlAttributes")
    )
    trust = at(pool["ReaderRole"], "Properties", "AssumeRolePolicyDocument")

    assert {at(attribute, "Key") for attribute in attributes} == {"uid", "team"}
    assert set(mapping(at(pool["ReaderPoolTags"], "Properties", "PrincipalTags"))) == {
        "uid",
        "team",
    }
    assert "sts:TagSession" in as_list(at(trust, "Statement", 0, "Action"))

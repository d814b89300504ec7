"""Asks an evaluator of IAM policies, offline."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from infra.tools.install import node, tool
from tests.infra.resolve import ACCOUNT, REGION, Json

TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/tray-test-FeedTable"
TAGS: Mapping[str, str] = {"uid": "alice", "team": "ops"}
ROLE = f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_IncidentTrayReader_1/alice"
HERE = Path(__file__).resolve().parent
ANY_READ = ("dynamodb:Query", "dynamodb:GetItem")
ALLOWED, DENIED = True, False


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One request of a reader, and whether it must be allowed."""

    name: str
    allowed: bool = DENIED
    actions: Sequence[str] = ANY_READ
    keys: Sequence[str] | None = ()
    """The leading keys; None if the request has none, as IAM puts it."""
    tags: Mapping[str, str] = field(default_factory=lambda: TAGS)
    resource: str = TABLE


def simulation(
    case_: Case, action: str, policies: Sequence[Json], wall: Json
) -> Mapping[str, Json]:
    context: dict[str, Json] = {
        f"aws:PrincipalTag/{key}": value for key, value in case_.tags.items()
    }
    context |= {
        "aws:PrincipalAccount": ACCOUNT,
        "aws:PrincipalIsAWSService": "false",
        "aws:SecureTransport": "true",
        "aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/readers",
    }
    if case_.keys is not None:
        context["dynamodb:LeadingKeys"] = list(case_.keys)
    return {
        "identityPolicies": [
            {"name": f"policy-{n}", "policy": policy}
            for n, policy in enumerate(policies)
        ],
        "serviceControlPolicies": [],
        "resourceControlPolicies": [],
        "resourcePolicy": wall,
        "request": {
            "principal": ROLE,
            "action": action,
            "resource": {"resource": case_.resource, "accountId": ACCOUNT},
            "contextVariables": context,
        },
    }


def results(simulations: Sequence[Mapping[str, Json]]) -> Sequence[str]:
    result = subprocess.run(
        [node(), HERE / "iam.mjs", tool("iam")],
        input=json.dumps(simulations),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    results_: Sequence[str] = json.loads(result.stdout)
    assert len(results_) == len(simulations)
    return results_


def verdicts(
    cases: Sequence[Case], policies: Sequence[Json], wall: Json
) -> Mapping[str, bool]:
    """Judge every action of every case, in one process of the evaluator."""
    pairs = [(case_, action) for case_ in cases for action in case_.actions]
    outcomes = results([simulation(c, action, policies, wall) for c, action in pairs])
    assert set(outcomes) <= {"Allowed", "ImplicitlyDenied", "ExplicitlyDenied"}, (
        outcomes
    )
    return {
        f"{c.name}: {action}": result == "Allowed"
        for (c, action), result in zip(pairs, outcomes, strict=True)
    }

"""Each thing that may be wrong with a deployment, with its next step."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from incidents.feeds import FeedId, SyncStatus
from tray_app.operating import checks
from tray_app.operating.facts import (
    DeploymentStatus,
    FunctionFacts,
    ScheduleFacts,
    SecretFacts,
    TableFacts,
)
from tray_app.operating.findings import CheckState, Finding

NOW = datetime(2026, 11, 25, 14, tzinfo=UTC)
TABLE = TableFacts(
    state="ACTIVE",
    keys=("pk", "sk"),
    ttl="ttl",
    recovery=True,
    protected=True,
    on_demand=True,
    server_time=NOW,
)
SECRET = SecretFacts(has_value=True, deletion_scheduled=False)
SCHEDULE = ScheduleFacts(enabled=True, expression="rate(1 minutes)")
FUNCTION = FunctionFacts(name="f", state="Active", memory=256, environment={})
STATUS = SyncStatus(watermark=NOW - timedelta(seconds=50))
FEED = FeedId("USER#alice")
DEPLOYMENT = DeploymentStatus(status=STATUS, users=1, heads={}, waiting=())
GUARDED = {
    "Effect": "Allow",
    "Condition": {
        "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["SYNC"]},
        "Null": {"dynamodb:LeadingKeys": "false"},
    },
}
WALL = {
    "Statement": [
        {"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        {
            "Effect": "Deny",
            "Condition": {"StringNotEquals": {"aws:PrincipalAccount": "1"}},
        },
    ]
}


@pytest.mark.parametrize(
    "finding",
    [
        checks.table(TABLE),
        checks.ttl(TABLE),
        checks.clock(TABLE, NOW + timedelta(seconds=90)),
        checks.resource_policy(WALL),
        checks.readers({"Statement": [GUARDED, {"Effect": "Deny"}]}),
        checks.readers({"Statement": GUARDED}),
        checks.secret(SECRET),
        checks.function(FUNCTION),
        checks.schedule(SCHEDULE, STATUS),
        checks.schedule(SCHEDULE, SyncStatus()),
        checks.sync(STATUS, NOW),
        checks.feeds(DEPLOYMENT),
        checks.alarms([]),
    ],
    ids=lambda finding: finding.what,
)
def test_what_is_well_needs_no_step(finding: Finding) -> None:
    assert (finding.state, finding.step) == (CheckState.GOOD, "")


BROKEN = [
    (checks.table(replace(TABLE, state="CREATING")), "CREATING", "wait"),
    (checks.table(replace(TABLE, keys=("id",))), "its keys", "TableName"),
    (
        checks.table(replace(TABLE, recovery=False)),
        "point-in-time",
        "update-continuous-backups",
    ),
    (
        checks.table(replace(TABLE, protected=False)),
        "deletion",
        "--deletion-protection-enabled",
    ),
    (checks.table(replace(TABLE, on_demand=False)), "on-demand", "PAY_PER_REQUEST"),
    (checks.ttl(replace(TABLE, ttl="")), "nothing ever ends", "admin table create"),
    (checks.ttl(replace(TABLE, ttl="other")), "by other", "admin table create"),
    (checks.clock(TABLE, NOW + timedelta(minutes=4)), "4 min ahead", "clock"),
    (checks.clock(TABLE, NOW - timedelta(hours=1)), "1 h behind", "clock"),
    (checks.resource_policy(None), "there is none", "Drift"),
    (checks.resource_policy({"Statement": []}), "changed", "Drift"),
    (
        checks.readers({"Statement": [GUARDED, {"Effect": "Allow", "Sid": "X"}]}),
        "statement X",
        "Drift",
    ),
    (
        checks.readers(
            {
                "Statement": {
                    "Effect": "Allow",
                    "Condition": {
                        "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": "SYNC"}
                    },
                }
            }
        ),
        "not limited",
        "Drift",
    ),
    (
        checks.secret(replace(SECRET, deletion_scheduled=True)),
        "deletion",
        "restore-secret",
    ),
    (checks.secret(replace(SECRET, has_value=False)), "no value", "put-secret-value"),
    (checks.function(replace(FUNCTION, state="Failed")), "Failed", "console"),
    (checks.schedule(replace(SCHEDULE, enabled=False), STATUS), "off", "ENABLED"),
    (
        checks.schedule(replace(SCHEDULE, expression="rate(5 minutes)"), STATUS),
        "the sync 60 s",
        "Drift",
    ),
    (checks.sync(SyncStatus(), NOW), "none has ever", "log"),
    (
        checks.sync(replace(STATUS, problem="incomplete"), NOW + timedelta(hours=3)),
        "3 h ago; since then: incomplete",
        "Read an alarm",
    ),
    (checks.feeds(replace(DEPLOYMENT, users=0)), "nobody", "users add"),
    (
        checks.feeds(replace(DEPLOYMENT, waiting=(FEED,) * 5)),
        "USER#alice and 2 more",
        "next complete sync",
    ),
    (checks.alarms(["a", "b"]), "a, b", "Read an alarm"),
]


@pytest.mark.parametrize(("finding", "text", "step"), BROKEN)
def test_what_is_wrong_comes_with_its_next_step(
    finding: Finding, text: str, step: str
) -> None:
    assert finding.state is CheckState.BAD
    assert text in finding.text
    assert step in finding.step


def test_a_clock_that_nobody_compared_is_unknown() -> None:
    finding = checks.clock(replace(TABLE, server_time=None), NOW)

    assert finding.state is CheckState.UNSURE


@pytest.mark.parametrize(
    ("seconds", "state"), [(180, CheckState.GOOD), (181, CheckState.BAD)]
)
def test_a_feed_is_stale_after_three_intervals(seconds: int, state: CheckState) -> None:
    status = replace(STATUS, watermark=NOW - timedelta(seconds=seconds))

    assert checks.sync(status, NOW).state is state

"""Judge facts about a deployment: good or bad, and what to do next; pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from incidents.feeds import SyncStatus
from tray_app.operating.facts import (
    DeploymentStatus,
    FunctionFacts,
    ScheduleFacts,
    SecretFacts,
    TableFacts,
)
from tray_app.operating.findings import Finding, bad, good, unsure
from tray_app.present.phrases import lasted

SKEW = timedelta(minutes=2)
"""How far clocks may be apart; AWS refuses requests from 5 minutes on."""
_KEYS = ("pk", "sk")
_TTL = "ttl"
_STALE = 3
"""Intervals without a success, after which feeds count as stale."""
_RECOVER = (
    "update-continuous-backups --table-name TABLE"
    " --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true"
)
_PROTECT = "update-table --table-name TABLE --deletion-protection-enabled"
_ON_DEMAND = "update-table --table-name TABLE --billing-mode PAY_PER_REQUEST"
_DRIFT = 'put back what was changed: "Drift" in infra/README.md'


def table(facts: TableFacts) -> Finding:
    """Judge the table itself."""
    if facts.state != "ACTIVE":
        return bad("table", f"it is {facts.state}", "wait until it is ACTIVE")
    if facts.keys != _KEYS:
        return bad(
            "table",
            f"its keys are {', '.join(facts.keys)}, not {', '.join(_KEYS)}",
            "name the table of this product: output TableName of the stack",
        )
    for enabled, lack, option in (
        (facts.recovery, "no point-in-time recovery", _RECOVER),
        (facts.protected, "no deletion protection", _PROTECT),
        (facts.on_demand, "no on-demand billing", _ON_DEMAND),
    ):
        if not enabled:
            return bad("table", f"it has {lack}", f"aws dynamodb {option}")
    return good("table", "active, protected and recoverable")


def ttl(facts: TableFacts) -> Finding:
    """Judge whether old changes expire."""
    if facts.ttl == _TTL:
        return good("ttl", f"items end by the attribute {_TTL}")
    current = f"items end by {facts.ttl}" if facts.ttl else "nothing ever ends"
    return bad(
        "ttl",
        f"{current}, and should by {_TTL}",
        "run `incident-tray admin table create`: it sets this on an existing table",
    )


def clock(facts: TableFacts, now: datetime) -> Finding:
    """Judge this machine's clock by the server's."""
    if facts.server_time is None:
        return unsure("clock", "the server did not say its time", "check it yourself")
    off = now - facts.server_time
    if abs(off) > SKEW:
        way = "ahead" if off > timedelta() else "behind"
        text = f"this machine is {lasted(abs(off))} {way}"
        return bad("clock", text, "set the clock (timedatectl set-ntp true)")
    return good("clock", "within two minutes of AWS")


def resource_policy(document: Mapping[str, object] | None) -> Finding:
    """Judge the resource policy of the table."""
    if document is None:
        return bad("policy of the table", "there is none", _DRIFT)
    denials = [s for s in _statements(document) if s.get("Effect") == "Deny"]
    text = repr([denial.get("Condition") for denial in denials])
    if "aws:SecureTransport" in text and "aws:PrincipalAccount" in text:
        return good("policy of the table", "no other account, nothing in clear text")
    return bad("policy of the table", "it has been changed", _DRIFT)


def readers(document: Mapping[str, object]) -> Finding:
    """Judge whether the policy of readers still limits each to their own feeds."""
    what = "policy of readers"
    for statement in _statements(document):
        if statement.get("Effect") != "Allow":
            continue
        conditions = statement.get("Condition")
        guards = conditions if isinstance(conditions, Mapping) else {}
        keys = guards.get("ForAllValues:StringEquals", {})
        absent = guards.get("Null", {})
        limited = "dynamodb:LeadingKeys" in keys
        required = absent.get("dynamodb:LeadingKeys") == "false"
        if not (limited and required):
            text = (
                f"statement {statement.get('Sid', '')} is not limited to leading keys"
            )
            return bad(what, text, _DRIFT)
    return good(what, "every allowance is limited to leading keys")


def secret(facts: SecretFacts) -> Finding:
    """Judge the secret, without reading it."""
    if facts.deletion_scheduled:
        return bad(
            "secret",
            "it is marked for deletion",
            "restore it: aws secretsmanager restore-secret --secret-id ARN",
        )
    if not facts.has_value:
        return bad(
            "secret",
            "it has no value yet",
            "put the team key in: aws secretsmanager put-secret-value --secret-id ARN"
            " --secret-string file://key.txt",
        )
    return good("secret", "it has a value")


def function(facts: FunctionFacts) -> Finding:
    """Judge the function."""
    if facts.state not in ("Active", "Inactive"):
        return bad("function", f"it is {facts.state}", "look at it in the console")
    return good("function", f"{facts.name}, {facts.memory} MB")


def schedule(facts: ScheduleFacts, status: SyncStatus) -> Finding:
    """Judge what starts the sync, by what the sync says of itself."""
    if not facts.enabled:
        return bad("schedule", "it is off", "deploy with ScheduleState=ENABLED")
    seconds = _seconds(facts.expression)
    if status.watermark is not None and seconds != status.interval_seconds:
        return bad(
            "schedule",
            f"it says {facts.expression}, the sync {status.interval_seconds} s",
            _DRIFT,
        )
    return good("schedule", facts.expression)


def _seconds(expression: str) -> int:
    rate = re.fullmatch(r"rate\((\d+) minutes?\)", expression)
    return int(rate[1]) * 60 if rate else 0


def sync(status: SyncStatus, now: datetime) -> Finding:
    """Judge when the sync last succeeded."""
    if status.watermark is None:
        return bad("sync", "none has ever completed", "see its log, or invoke it once")
    age = now - status.watermark
    text = f"the last one completed {lasted(age)} ago"
    if age <= timedelta(seconds=status.interval_seconds * _STALE):
        return good("sync", text)
    if status.problem:
        text += f"; since then: {status.problem}"
    return bad("sync", text, 'see its log and "Read an alarm" in infra/README.md')


def feeds(deployment: DeploymentStatus) -> Finding:
    """Judge whether everybody who should has a feed."""
    if not deployment.users:
        return bad(
            "feeds",
            "nobody is registered",
            "add people: incident-tray admin users add UID --id MAIL",
        )
    if deployment.waiting:
        names = ", ".join(deployment.waiting[:3])
        more = len(deployment.waiting) - 3
        text = f"not started yet: {names}{f' and {more} more' if more > 0 else ''}"
        return bad("feeds", text, "the next complete sync starts them")
    return good("feeds", f"{len(deployment.heads)} feeds of {deployment.users} people")


def alarms(active: Sequence[str]) -> Finding:
    """Judge the alarms."""
    if active:
        return bad(
            "alarms",
            f"in alarm: {', '.join(active)}",
            'see "Read an alarm" in infra/README.md',
        )
    return good("alarms", "none is in alarm")


def _statements(document: Mapping[str, object]) -> Sequence[Mapping[str, object]]:
    content = document.get("Statement", [])
    statements = content if isinstance(content, list) else [content]
    return [s for s in statements if isinstance(s, Mapping)]

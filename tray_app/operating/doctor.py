"""Check a whole deployment, part by part; a part that fails does not hide the next."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from incidents.errors import (
    AccessDeniedError,
    CredentialsError,
    IncidentsError,
    StoreUnavailableError,
)
from tray_app.operating import checks, probe
from tray_app.operating.deployment_status import OperatorStore, read_status
from tray_app.operating.facts import StackFacts
from tray_app.operating.findings import CheckState, Finding, bad, unsure

if TYPE_CHECKING:
    from tray_app.operating.cloud import AwsAccount

_OF_STACK = ("policy of readers", "function", "secret", "key", "schedule", "alarms")


def of_table(
    cloud: "AwsAccount", store: OperatorStore, name: str, now: datetime
) -> Iterator[Finding]:
    """Check the table and what is in it."""
    try:
        facts = cloud.table(name)
    except IncidentsError as error:
        yield failed(
            "table", error, "deploy (sam deploy), or name it: --table, --stack"
        )
        return
    yield checks.table(facts)
    yield checks.ttl(facts)
    yield checks.clock(facts, now)
    yield _tried(
        "policy of the table",
        lambda: checks.resource_policy(cloud.resource_policy(name)),
    )
    try:
        deployment = read_status(store)
    except IncidentsError as error:
        yield failed("sync", error, "sign in as somebody who may read the table")
        return
    yield checks.sync(deployment.status, now)
    yield checks.feeds(deployment)


def of_stack(
    cloud: "AwsAccount", store: OperatorStore, stack: StackFacts | None
) -> Iterator[Finding]:
    """Check the rest of a deployment, which cannot be named without a *stack*."""
    if stack is None:
        for what in _OF_STACK:
            yield unsure(what, "not looked at", "say which stack it is: --stack NAME")
        return
    outputs, resources = stack.outputs, stack.resources
    policy = outputs.get("ReaderPolicyArn", "")
    arn = outputs.get("SecretArn", "")
    function = resources.get("SyncFunction", "")
    tick = resources.get("SyncFunctionTick", "")
    yield _tried("policy of readers", lambda: checks.readers(cloud.policy(policy)))
    yield _tried("function", lambda: checks.function(cloud.function(function)))
    secret = _tried("secret", lambda: checks.secret(cloud.secret(arn)))
    yield secret
    if secret.state is CheckState.BAD:
        yield unsure("key", "not tried", "mend the secret first")
    else:
        yield _tried(
            "key",
            lambda: probe.key(
                cloud.secret_text(arn), cloud.function(function).environment
            ),
        )
    yield _tried(
        "schedule",
        lambda: checks.schedule(cloud.schedule(tick), store.status()),
    )
    yield _tried("alarms", lambda: checks.alarms(cloud.active_alarms(stack.name)))


def _tried(what: str, check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except IncidentsError as error:
        return failed(what, error, "deploy template.yaml again (sam deploy)")


def failed(what: str, error: IncidentsError, step: str) -> Finding:
    """Return the finding for *error*: wrong, or unknown where it could not be read."""
    match error:
        case AccessDeniedError():
            return unsure(what, f"{error}", "sign in as an operator of the account")
        case CredentialsError():
            return bad(what, f"{error}", "sign in: aws sso login")
        case StoreUnavailableError():
            return unsure(what, f"{error}", "check the network and try again")
        case _:
            return bad(what, f"{error}", step)

"""`incident-tray admin status` and `admin doctor`: the health of a deployment."""

import argparse
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from incidents.errors import IncidentsError
from tray_app.cli import findings, table
from tray_app.operating import checks, cost, doctor
from tray_app.operating.deployment_status import read_status, read_usage
from tray_app.operating.facts import DeploymentStatus, StackFacts, Usage
from tray_app.operating.findings import CheckState, Finding
from tray_app.present.phrases import lasted
from tray_app.present.safe_text import one_line

if TYPE_CHECKING:
    from tray_app.operating.cloud import AwsAccount

_MEMORY = 256
"""Megabytes of the function that template.yaml makes; for a stack not named."""
_WAYS = "--table or --stack"


def register(groups: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands below `admin`."""
    status = groups.add_parser(
        "status",
        help="say how the sync and its feeds stand, and what they cost",
        epilog="The exit code is 1 while the feeds lag by more than three syncs.",
    )
    status.add_argument("--json", action="store_true", help="a JSON object")
    status.set_defaults(run=_status)
    examined = groups.add_parser(
        "doctor",
        help="look at all of a deployment, and say what to mend",
        epilog="The exit code is 1 if anything is wrong.",
    )
    examined.add_argument("--json", action="store_true", help="a JSON object a line")
    examined.set_defaults(run=_doctor)
    for command in (status, examined):
        command.add_argument(
            "--stack",
            metavar="NAME",
            help="the stack of template.yaml; its table is the default",
        )
        table.add_arguments(command)


def _status(args: argparse.Namespace) -> int:
    cloud, now = _cloud(args), _now()
    stack = cloud.stack(args.stack) if args.stack else None
    _name_table(args, stack)
    name = table.name(args, ways=_WAYS)
    deployment = read_status(table.open_table(args))
    memory = _memory(cloud, stack)
    try:
        metered, problem = read_usage(cloud, name, stack, memory, now), ""
    except IncidentsError as error:
        metered, problem = None, f"{error}"
    if args.json:
        print(json.dumps(_as_json(deployment, metered, stack, now)))
    else:
        print("\n".join(_lines(deployment, metered, stack, problem, now)))
    fresh = checks.sync(deployment.status, now).state is CheckState.GOOD
    return 0 if fresh else 1


def _memory(cloud: "AwsAccount", stack: StackFacts | None) -> int:
    if stack is None:
        return _MEMORY
    return cloud.function(stack.resources.get("SyncFunction", "")).memory


def _as_json(
    deployment: DeploymentStatus,
    metered: Usage | None,
    stack: StackFacts | None,
    now: datetime,
) -> dict[str, object]:
    status, watermark = deployment.status, deployment.status.watermark
    bill = cost.estimate(metered, deployed=bool(stack)) if metered else None
    return {
        "last_success": watermark.isoformat() if watermark else None,
        "lag_seconds": (now - watermark).total_seconds() if watermark else None,
        "failures": status.failures,
        "problem": status.problem,
        "open": status.open,
        "quarantined": status.quarantined,
        "users": deployment.users,
        "feeds": {feed: head.seq for feed, head in sorted(deployment.heads.items())},
        "feeds_not_begun": list(deployment.waiting),
        "read_units": metered.read_units if metered else None,
        "write_units": metered.write_units if metered else None,
        "cost_so_far_usd": round(bill.so_far, 4) if bill else None,
        "cost_month_usd": round(bill.month, 4) if bill else None,
    }


def _lines(
    deployment: DeploymentStatus,
    metered: Usage | None,
    stack: StackFacts | None,
    problem: str,
    now: datetime,
) -> Iterator[str]:
    status = deployment.status
    if status.watermark is None:
        yield "sync\tnone has ever completed"
    else:
        age = lasted(now - status.watermark)
        failures = f"; failed {status.failures} times since" if status.failures else ""
        yield f"sync\tlast success {age} ago, so the feeds lag by {age}{failures}"
    yield f"open\t{status.open} incidents, {status.quarantined} quarantined"
    changes = sum(head.seq for head in deployment.heads.values())
    people = f"{len(deployment.heads)} of {deployment.users} people"
    yield f"feeds\t{people}, {changes} changes recorded"
    if deployment.waiting:
        feeds = ", ".join(deployment.waiting)
        yield f"waiting\t{feeds}: the next complete sync starts them"
    if metered is None:
        yield f"cost\tunknown: {one_line(problem)}"
        return
    bill = cost.estimate(metered, deployed=bool(stack))
    units = f"{metered.read_units:,.0f} read and {metered.write_units:,.0f} write units"
    yield f"units\t{units} since {metered.since:%Y-%m-%d}"
    parts = ", ".join(f"{name} {usd:.2f}" for name, usd in bill.parts.items())
    yield f"cost\t{bill.so_far:.2f} USD so far, {bill.month:.2f} for the month: {parts}"


def _doctor(args: argparse.Namespace) -> int:
    return findings.report(list(_check_all(args)), as_json=args.json)


def _check_all(args: argparse.Namespace) -> Iterator[Finding]:
    """Check part by part; a part that fails does not hide the next."""
    cloud, now = _cloud(args), _now()
    stack = None
    if args.stack:
        try:
            stack = cloud.stack(args.stack)
        except IncidentsError as error:
            yield doctor.failed("stack", error, "name the one you deployed: --stack")
            if not table.named(args):
                return  # there is nothing else to check
    _name_table(args, stack)
    name, store = table.name(args, ways=_WAYS), table.open_table(args)
    yield from doctor.of_table(cloud, store, name, now)
    yield from doctor.of_stack(cloud, store, stack)


def _name_table(args: argparse.Namespace, stack: StackFacts | None) -> None:
    """Use the table of the stack unless *args* name another."""
    if not args.table and stack is not None:
        args.table = stack.outputs.get("TableName")


def _cloud(args: argparse.Namespace) -> "AwsAccount":
    from tray_app.operating.cloud import AwsAccount

    return AwsAccount(
        region=args.region, profile=args.profile, endpoint=table.endpoint(args)
    )


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  # the edge: a command runs now

"""Read the state of a deployment, and what it used this month."""

from datetime import datetime
from typing import Protocol

from incidents.feeds import team_feed
from incidents.ports import FeedWriter, RegistryStore
from tray_app.operating.cost import month_of
from tray_app.operating.facts import DeploymentStatus, Metric, StackFacts, Usage

_SCOPE_WITH_TEAM = "team"


class OperatorStore(FeedWriter, RegistryStore, Protocol):
    """The table, for an operator."""


class Meters(Protocol):
    """Metrics, as CloudWatch has them."""

    def total(self, metric: Metric, since: datetime, until: datetime) -> float:
        """Add up *metric* from *since* to *until*. Raises StoreError."""
        ...


def read_status(store: OperatorStore) -> DeploymentStatus:
    """Read the state of the sync and of each feed. Raises StoreError."""
    status = store.status()
    users = store.registry().users
    expected = [user.feed for user in users]
    if status.team and status.scope == _SCOPE_WITH_TEAM:
        expected.insert(0, team_feed(status.team))
    heads = store.heads(expected)
    ready = {feed for feed, head in heads.items() if head.ready and not head.closed}
    return DeploymentStatus(
        status=status,
        users=len(users),
        heads=heads,
        waiting=tuple(feed for feed in expected if feed not in ready),
    )


def read_usage(
    meters: Meters, table: str, stack: StackFacts | None, memory: int, now: datetime
) -> Usage:
    """
    Read what *table*, and the function of *stack*, used this month.

    *memory* is that of the function, in MB. Raises StoreError.
    """
    since, _ = month_of(now)

    def total(namespace: str, name: str, dimension: str, value: str) -> float:
        metric = Metric(
            namespace=namespace, name=name, dimension=dimension, value=value
        )
        return meters.total(metric, since, now)

    read, write = (
        total("AWS/DynamoDB", f"Consumed{way}CapacityUnits", "TableName", table)
        for way in ("Read", "Write")
    )
    invocations = milliseconds = 0.0
    if stack is not None:
        function = stack.resources.get("SyncFunction", "")
        invocations = total("AWS/Lambda", "Invocations", "FunctionName", function)
        milliseconds = total("AWS/Lambda", "Duration", "FunctionName", function)
    return Usage(
        since=since,
        until=now,
        read_units=read,
        write_units=write,
        invocations=invocations,
        gb_seconds=milliseconds / 1000 * memory / 1024,
    )

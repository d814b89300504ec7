"""Reads how the sync and its feeds stand, and what was used this month."""

from datetime import datetime
from typing import Protocol

from incidents.feeds import FeedId, team_feed
from incidents.ports import FeedWriter, RegistryStore
from tray_app.operating.cost import month_of
from tray_app.operating.facts import DeploymentStatus, Metric, StackFacts, Usage

_SCOPE_WITH_TEAM = "team"


class OperatorStore(FeedWriter, RegistryStore, Protocol):
    """The table, as whoever operates it sees it."""


class Meters(Protocol):
    """Somebody who has metered."""

    def total(self, metric: Metric, since: datetime, until: datetime) -> float:
        """Add up *metric* from *since* to *until*. Raises StoreError."""
        ...


def standing(store: OperatorStore) -> DeploymentStatus:
    """Read how things stand: a read for the status and each feed. Raises StoreError."""
    status = store.status()
    users = store.registry().users
    wanted = [user.feed for user in users]
    if status.team and status.scope == _SCOPE_WITH_TEAM:
        wanted.insert(0, team_feed(status.team))
    heads = store.heads(wanted)
    begun: dict[FeedId, bool] = {f: f in heads and heads[f].ready for f in wanted}
    return DeploymentStatus(
        status=status,
        users=len(users),
        heads=heads,
        waiting=tuple(feed for feed, ready in begun.items() if not ready),
    )


def use(
    meters: Meters, table: str, stack: StackFacts | None, memory: int, now: datetime
) -> Usage:
    """
    Ask what *table*, and the function of *stack*, used this month.

    Its *memory* is in MB. Raises StoreError.
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

"""What is known of a deployment, as it was found; nothing here judges."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from incidents.feeds import FeedId, Head, SyncStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFacts:
    """The table, its settings and the clock of the server that told of it."""

    state: str
    """ACTIVE when it can be used."""
    keys: tuple[str, ...]
    """The names of the partition and the sort key."""
    ttl: str
    """The attribute by which items end; empty if none do."""
    recovery: bool
    """Whether it can be brought back to any point of the last days."""
    protected: bool
    """Whether it refuses to be deleted."""
    on_demand: bool
    server_time: datetime | None
    """None where the server did not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackFacts:
    """A stack of template.yaml."""

    name: str
    resources: Mapping[str, str]
    """Physical ids by logical id."""
    outputs: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionFacts:
    """The sync."""

    name: str
    state: str
    memory: int
    """MB."""
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretFacts:
    """The secret that holds the team key; never the key."""

    has_value: bool
    going: bool
    """Whether it is marked for deletion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleFacts:
    """What starts the sync."""

    enabled: bool
    expression: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A metric of CloudWatch with its one dimension."""

    namespace: str
    name: str
    dimension: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What was metered from *since* to *until*."""

    since: datetime
    until: datetime
    read_units: float
    write_units: float
    invocations: float = 0.0
    gb_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentStatus:
    """How the sync and its feeds stand, as the table tells it."""

    status: SyncStatus
    users: int
    heads: Mapping[FeedId, Head]
    """Of the feeds that have begun."""
    waiting: tuple[FeedId, ...]
    """Feeds that somebody should have, and that no sync has begun."""

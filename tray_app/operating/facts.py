"""Facts about a deployment, as AWS and the table report them; nothing here judges."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from incidents.feeds import FeedId, Head, SyncStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFacts:
    """The table, its settings, and the time of the server that reported them."""

    state: str
    """ACTIVE when it can be used."""
    keys: tuple[str, ...]
    """The names of the partition and the sort key."""
    ttl: str
    """The attribute by which items expire; empty if none do."""
    recovery: bool
    """Whether point-in-time recovery is on."""
    protected: bool
    """Whether deletion protection is on."""
    on_demand: bool
    server_time: datetime | None
    """None where the answer had no date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackFacts:
    """A stack of template.yaml."""

    name: str
    resources: Mapping[str, str]
    """Physical ids by logical id."""
    outputs: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionFacts:
    """The Lambda function that runs the sync."""

    name: str
    state: str
    memory: int
    """In MB."""
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretFacts:
    """The secret that holds the team key, without the key."""

    has_value: bool
    deletion_scheduled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleFacts:
    """The schedule that starts the sync."""

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
    """What CloudWatch metered from *since* to *until*."""

    since: datetime
    until: datetime
    read_units: float
    write_units: float
    invocations: float = 0.0
    gb_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentStatus:
    """The state of the sync and of its feeds, from the table."""

    status: SyncStatus
    users: int
    """How many people are registered."""
    heads: Mapping[FeedId, Head]
    """Of the feeds that exist."""
    waiting: tuple[FeedId, ...]
    """Feeds of registered people and of the team that no sync has started yet."""

"""The AWS that the writer sees: a table and a secret, on loopback."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

import boto3

from incidents.feeds import FeedId, User
from incidents.models import UserId
from incidents.stores.dynamodb.store import DynamoDBStore
from incidents.stores.dynamodb.table import create_table
from simulator.demo.dynamodb import emulator, environment

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

TEAM = FeedId("TEAM#ops")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """An emulator, and clients for it."""

    settings: Mapping[str, str]
    """The environment that leads there."""
    client: "DynamoDBClient"
    secrets: "SecretsManagerClient"

    def table(self) -> "Table":
        """Create a table of its own for a test."""
        name = f"feeds-{uuid4().hex}"
        create_table(self.client, name)
        return Table(name=name, client=self.client)

    def secret(self, text: str) -> str:
        """Create a secret; return its ARN."""
        made = self.secrets.create_secret(Name=uuid4().hex, SecretString=text)
        return made["ARN"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table, and what is in it."""

    name: str
    client: "DynamoDBClient"
    store: DynamoDBStore = field(init=False)

    def __post_init__(self) -> None:
        store = DynamoDBStore(self.client, self.name)
        object.__setattr__(self, "store", store)

    @property
    def items(self) -> int:
        """How many items it holds."""
        return self.client.scan(TableName=self.name, Select="COUNT")["Count"]

    def add(self, user: str, *ids: str) -> None:
        """Register a user."""
        known = frozenset(UserId(one.lower()) for one in ids)
        self.store.add_user(User(uid=user, ids=known))

    def held(self, feed: str = TEAM) -> set[str]:
        """The ids of the incidents that *feed* holds open."""
        return set(self.store.state(FeedId(feed)).incidents)

    def kinds(self, feed: str = TEAM) -> list[set[str]]:
        """The kinds of each change in *feed*, in order."""
        rows = self.store.rows(FeedId(feed), 0)
        assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
        return [{str(kind) for kind in row.change.kinds} for row in rows]


@contextmanager
def cloud() -> Iterator[Cloud]:
    """Run an emulator for as long as the context lasts."""
    with emulator() as port:
        settings = environment(port)
        endpoint = settings["AWS_ENDPOINT_URL"]
        session = boto3.Session("test", "test", region_name="eu-west-1")
        client = session.client("dynamodb", endpoint_url=endpoint)
        secrets = session.client("secretsmanager", endpoint_url=endpoint)
        yield Cloud(settings=settings, client=client, secrets=secrets)


def now() -> datetime:
    """Tell the time, in UTC."""
    return datetime.now(UTC)

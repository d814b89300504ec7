"""The parts that run on AWS in a real deployment, on this machine."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from incidents.feeds import User
from incidents.models import UserId
from incidents.stores.dynamodb.client import dynamodb_client
from incidents.stores.dynamodb.store import DynamoDBStore
from incidents.stores.dynamodb.table import create_table
from simulator.api.server import RunningServer
from simulator.demo.dynamodb import emulator, environment
from simulator.demo.lambda_process import Function, function
from simulator.world.people import TEAM_KEY

TEAM = "checkout"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A table with registered users, and the function that writes their feeds."""

    table: str
    store: DynamoDBStore
    function: Function


@dataclass(frozen=True, slots=True)
class LocalAws:
    """A DynamoDB API for deployments."""

    endpoint: str
    """The URL of the DynamoDB API."""
    deploy: Callable[[str, RunningServer, int, int], Deployment]
    """Takes the table's name, the simulator, the number of its users to register, and
    the seconds between two syncs."""


@contextmanager
def local_aws() -> Iterator[LocalAws]:
    """Run a DynamoDB API and the deployed functions until the context ends."""
    with (
        tempfile.TemporaryDirectory(prefix="incident-tray-") as folder,
        ExitStack() as stack,
    ):
        port = stack.enter_context(emulator())
        endpoint = f"http://127.0.0.1:{port}"

        def deploy(
            table: str, source: RunningServer, people: int, interval: int
        ) -> Deployment:
            store = _store(endpoint, table)
            for user in source.world.users[:people]:
                ids = frozenset({UserId(user.email), UserId(user.uuid)})
                store.add_user(User(uid=user.uid, ids=ids, name=user.name))
            variables = {
                **environment(port),
                "TABLE_NAME": table,
                "CORALOGIX_BASE_URL": source.base_url,
                "CORALOGIX_API_KEY": TEAM_KEY,
                "TEAM": TEAM,
                "INTERVAL_SECONDS": str(interval),
            }
            running = stack.enter_context(
                function(variables, Path(folder, f"{table}.log"))
            )
            return Deployment(table=table, store=store, function=running)

        yield LocalAws(endpoint, deploy)


def _store(endpoint: str, table: str) -> DynamoDBStore:
    client = dynamodb_client(region="eu-west-1", endpoint=endpoint)
    create_table(client, table)
    return DynamoDBStore(client, table)

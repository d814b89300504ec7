"""The whole companion with a table: the sync writes feeds, the tray follows them."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from incidents import VERSION
from incidents.stores.dynamodb.client import dynamodb_client
from incidents.stores.dynamodb.store import DynamoDBStore
from simulator.api.server import serve
from simulator.demo.dynamodb import emulator, environment
from simulator.desktop.loop_thread import LoopThread
from simulator.desktop.notifd import Notifd, ShownNotification
from simulator.desktop.programs import Programs
from simulator.desktop.waiting import until
from simulator.world.world import TEAM_KEY, World
from tray_app.present import upgrade

pytestmark = [pytest.mark.desktop, pytest.mark.network]


class Account:
    """A living API, a table, and one person with a feed in it."""

    def __init__(self, programs: Programs, world: World) -> None:
        self.programs, self.world = programs, world
        self.me = world.users[0]

    def run(self, module: str, *arguments: str) -> None:
        """Run one of the product's commands to its end."""
        command = [sys.executable, "-m", module, *arguments]
        environment = {
            **self.programs.environment,
            "CORALOGIX_API_KEY": TEAM_KEY,
            "TEAM": "ops",
        }
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)

    def open_incident(self, name: str) -> str:
        self.world.advance(datetime.now(UTC))
        return self.world.open_incident(severity="critical", name=name)


@pytest.fixture
def account(programs: Programs, bus: str) -> Iterator[Account]:
    del bus
    world = World(seed=1, users=3, open=4, rate=0.0, now=datetime.now(UTC))
    with emulator() as port, serve(world, port=0) as server:
        home = Path(programs.home)
        programs.environment |= environment(port)
        programs.environment |= {
            "TABLE_NAME": "incidents",
            "CORALOGIX_BASE_URL": server.base_url,
            "INCIDENT_TRAY_HOME": str(home),
        }
        account = Account(programs, world)
        account.run("tray_app", "admin", "table", "create")
        me = account.me
        ids = ("--id", me.email, "--id", me.uuid)
        account.run("tray_app", "admin", "users", "add", me.uid, *ids)
        account.run("lambda_fn")
        yield account


def test_what_the_sync_records_is_told_once_from_both_feeds(
    account: Account, programs: Programs, notifd: Notifd, loop: LoopThread
) -> None:
    del loop
    module = (sys.executable, "-m", "tray_app", "run", "--poll", "1")
    programs.start(*module, "--uid", account.me.uid, "--team", "ops")
    shown(notifd, "Watching 4 open incidents")
    nobodys = account.open_incident("odd-latency")
    account.run("lambda_fn")
    shown(notifd, "Critical: odd-latency")

    colleague = account.world.users[1]
    account.world.assign(nobodys, account.me.uuid, colleague.uuid)
    account.run("lambda_fn")

    shown(notifd, "Assigned to you: odd-latency")
    titles = [one.title for one in notifd.log if "odd-latency" in one.title]
    assert len(titles) == 2
    assert {one.id for one in notifd.log if "odd-latency" in one.title} == {
        one.id for one in notifd.live.values() if "odd-latency" in one.title
    }


@pytest.mark.parametrize(
    ("version", "found"),
    [
        (VERSION, f"✓ version: {VERSION}"),
        ("99.1", f"? version: {upgrade.how('99.1')}"),
    ],
)
def test_the_doctor_compares_with_the_version_of_the_sync(
    account: Account, monkeypatch: pytest.MonkeyPatch, version: str, found: str
) -> None:
    environment = account.programs.environment
    for name in (one for one in environment if one.startswith("AWS_")):
        monkeypatch.setenv(name, environment[name])
    store = DynamoDBStore(dynamodb_client(), environment["TABLE_NAME"])
    store.write_status(replace(store.status(), version=version))

    said = subprocess.run(
        [sys.executable, "-m", "tray_app", "doctor"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    ).stdout

    assert found in said.splitlines()


def shown(notifd: Notifd, title: str) -> ShownNotification:
    """Wait for the notification that is called *title*."""
    return until(
        lambda: next((one for one in notifd.log if one.title == title), None),
        seconds=20,
    )

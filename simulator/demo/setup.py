"""The demonstration's parts, put together on this machine."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from incidents.coralogix.http.acting_client import ActingHttp
from incidents.coralogix.http.key import Key
from incidents.coralogix.http.regions import Address
from incidents.coralogix.incidents.actor import CoralogixActor
from incidents.models import IncidentId
from simulator.api.server import RunningServer, serve
from simulator.demo.deployment import TEAM, Deployment, LocalAws, cloud
from simulator.world.people import Person
from simulator.world.world import World
from tray_app.settings import paths

TABLE = "incidents"
PEOPLE, OPEN = 8, 14
_SETTINGS = """\
mode = "team"
uid = "{uid}"
team = "{team}"
table = "{table}"
region = "eu-west-1"
endpoint = "{endpoint}"
poll_seconds = 1

[coralogix]
base_url = "{base_url}"
"""


def now() -> datetime:
    """Tell the time, in the zone of whoever watches."""
    return datetime.now(UTC).astimezone()  # noqa: TID251  # the demonstration's clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything that runs."""

    world: World
    source: RunningServer
    cloud: LocalAws
    deployment: Deployment
    home: Path
    """For the tray's own state; gone with the demonstration."""

    @property
    def ledger(self) -> Path:
        """Where the tray keeps what it told."""
        return self.home / paths.ledger_file().name

    @property
    def settings(self) -> str:
        """The tray's settings file."""
        return _SETTINGS.format(
            uid=self.me.uid,
            team=TEAM,
            table=TABLE,
            endpoint=self.cloud.endpoint,
            base_url=self.source.base_url,
        )

    @property
    def me(self) -> Person:
        """Ownership tray it is."""
        return self.world.users[0]

    def acknowledge(self, id_: str) -> None:
        """Acknowledge with my own key. Raises SourceError."""
        self.actor().acknowledge([IncidentId(id_)])

    def actor(self) -> CoralogixActor:
        """Connect to Coralogix with my own key."""
        address = Address.parse(self.source.base_url)
        return CoralogixActor(ActingHttp(address, Key(self.me.key)))


@contextmanager
def running(*, seed: int, rate: float, interval: int) -> Iterator[Parts]:
    """Run everything but the tray, to the end of the context."""
    world = World(seed=seed, users=PEOPLE, open=OPEN, rate=rate, now=now())
    with (
        tempfile.TemporaryDirectory(prefix="incident-tray-") as home,
        serve(world, clock=now) as source,
        cloud() as place,
    ):
        yield Parts(
            world=world,
            source=source,
            cloud=place,
            deployment=place.deploy(TABLE, source, PEOPLE, interval),
            home=Path(home),
        )

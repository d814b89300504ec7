"""Start the demonstration's parts on this machine."""

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
from simulator.demo.deployment import TEAM, Deployment, LocalAws, local_aws
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
    """Return the time in the local time zone."""
    return datetime.now(UTC).astimezone()  # noqa: TID251  # the demonstration's clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The running parts, and the tray's folder."""

    world: World
    source: RunningServer
    aws: LocalAws
    deployment: Deployment
    home: Path
    """The tray's folder; deleted after the demonstration."""

    @property
    def ledger(self) -> Path:
        """The path of the tray's ledger."""
        return self.home / paths.ledger_file().name

    @property
    def settings(self) -> str:
        """The content of the tray's settings file."""
        return _SETTINGS.format(
            uid=self.me.uid,
            team=TEAM,
            table=TABLE,
            endpoint=self.aws.endpoint,
            base_url=self.source.base_url,
        )

    @property
    def me(self) -> Person:
        """The owner of the tray."""
        return self.world.users[0]

    def acknowledge(self, id_: str) -> None:
        """Acknowledge with my own key. Raises SourceError."""
        self.actor().acknowledge([IncidentId(id_)])

    def actor(self) -> CoralogixActor:
        """Connect to Coralogix with my own key."""
        address = Address.parse(self.source.base_url)
        return CoralogixActor(ActingHttp(address, Key(self.me.key)))


@contextmanager
def started(*, seed: int, rate: float, interval: int) -> Iterator[Parts]:
    """Run all parts but the tray until the context ends."""
    world = World(seed=seed, users=PEOPLE, open=OPEN, rate=rate, now=now())
    with (
        tempfile.TemporaryDirectory(prefix="incident-tray-") as home,
        serve(world, clock=now) as source,
        local_aws() as aws,
    ):
        yield Parts(
            world=world,
            source=source,
            aws=aws,
            deployment=aws.deploy(TABLE, source, PEOPLE, interval),
            home=Path(home),
        )

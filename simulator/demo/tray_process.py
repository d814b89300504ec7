"""The real tray on a real desktop, in a process of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from incidents.errors import IncidentsError
from incidents.feeds import FeedId
from incidents.ports import FeedReader
from simulator.demo.dynamodb import end, environment
from simulator.demo.setup import Parts
from tray_app.ledger.history import notifications_after
from tray_app.ledger.ledger import Ledger
from tray_app.model.view import Notification

_PATIENCE = 15.0
"""Seconds for the tray to come up, and to catch up."""
_GLANCE = 0.1


def has_desktop(variables: Mapping[str, str], platform: str) -> bool:
    """Whether there may be a desktop to show a tray on."""
    if platform in ("win32", "darwin"):
        return True
    return bool(variables.get("DISPLAY") or variables.get("WAYLAND_DISPLAY"))


@dataclass(frozen=True, slots=True, kw_only=True)
class TrayProcess:
    """A tray that runs."""

    process: "subprocess.Popen[bytes]"
    ledger: Path
    log: Path

    @property
    def ended(self) -> bool:
        """Whether it has ended, by itself or because a person wanted it."""
        return self.process.poll() is not None

    @property
    def why(self) -> str:
        """The last that it said."""
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""

    def told(self, after: int) -> list[tuple[int, Notification]]:
        """Return what it has told after the one with the number *after*, numbered."""
        with Ledger(self.ledger, check=False) as ledger:
            return notifications_after(ledger, after)

    def reached(self, places: Mapping[FeedId, int]) -> bool:
        """Wait until it has come as far as *places*; False if it does not."""
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end and not self.ended:
            if all(self._cursors().get(feed, -1) >= n for feed, n in places.items()):
                return True
            time.sleep(_GLANCE)
        return False

    def _cursors(self) -> Mapping[FeedId, int]:
        if not self.ledger.exists():
            return {}
        try:
            with Ledger(self.ledger, check=False) as ledger:
                held = ledger.feeds()
        except IncidentsError:
            return {}  # it is just being made
        return {feed: one.position.cursor for feed, one in held.items()}


def heads(reader: FeedReader, feeds: tuple[FeedId, ...]) -> dict[FeedId, int]:
    """Read how far the *feeds* are."""
    found = ((feed, reader.head(feed)) for feed in feeds)
    return {feed: head.seq for feed, head in found if head is not None}


@contextmanager
def tray(parts: Parts) -> Iterator[TrayProcess]:
    """Run the tray until the end of the context."""
    file, log = parts.home / "settings.toml", parts.home / "tray.log"
    file.write_text(parts.settings)
    port = int(parts.cloud.endpoint.rpartition(":")[2])
    variables = {
        **os.environ,  # noqa: TID251  # the desktop's own variables are many
        **environment(port),
        "INCIDENT_TRAY_HOME": str(parts.home),
        "INCIDENT_TRAY_CONFIG": str(file),
        "INCIDENT_TRAY_API_KEY": parts.me.key,
    }
    with log.open("wb") as output:
        process = subprocess.Popen(  # our own program
            [sys.executable, "-m", "tray_app", "run"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # Ctrl-C is for the demonstration, which then ends the tray.
            start_new_session=True,
            env=variables,
        )
    try:
        yield TrayProcess(process=process, ledger=parts.ledger, log=log)
    finally:
        end(process)

"""The real tray on a real desktop, in its own process."""

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

_TIMEOUT = 15.0
"""Seconds for the tray to start, and to read the feeds."""
_POLL_SECONDS = 0.1


def has_desktop(variables: Mapping[str, str], platform: str) -> bool:
    """Whether a desktop is likely, to show a tray on."""
    if platform in ("win32", "darwin"):
        return True
    return bool(variables.get("DISPLAY") or variables.get("WAYLAND_DISPLAY"))


@dataclass(frozen=True, slots=True, kw_only=True)
class TrayProcess:
    """A running tray."""

    process: "subprocess.Popen[bytes]"
    ledger: Path
    log: Path

    @property
    def ended(self) -> bool:
        """Whether the process has ended."""
        return self.process.poll() is not None

    @property
    def last_line(self) -> str:
        """The last line of its output."""
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""

    def notifications(self, after: int) -> list[tuple[int, Notification]]:
        """Return the notifications after number *after*, with their numbers."""
        with Ledger(self.ledger, check=False) as ledger:
            return notifications_after(ledger, after)

    def wait_until_read(self, positions: Mapping[FeedId, int]) -> bool:
        """Wait until it has read up to *positions*; False on a timeout."""
        end = time.monotonic() + _TIMEOUT
        while time.monotonic() < end and not self.ended:
            if all(self._cursors().get(feed, -1) >= n for feed, n in positions.items()):
                return True
            time.sleep(_POLL_SECONDS)
        return False

    def _cursors(self) -> Mapping[FeedId, int]:
        if not self.ledger.exists():
            return {}
        try:
            with Ledger(self.ledger, check=False) as ledger:
                feeds = ledger.feeds()
        except IncidentsError:
            return {}  # it is just being created
        return {feed: stored.position.cursor for feed, stored in feeds.items()}


def heads(reader: FeedReader, feeds: tuple[FeedId, ...]) -> dict[FeedId, int]:
    """Return the last sequence of each of *feeds* that exists."""
    heads = ((feed, reader.head(feed)) for feed in feeds)
    return {feed: head.seq for feed, head in heads if head is not None}


@contextmanager
def tray_process(parts: Parts) -> Iterator[TrayProcess]:
    """Run the tray until the context ends."""
    file, log = parts.home / "settings.toml", parts.home / "tray.log"
    file.write_text(parts.settings)
    port = int(parts.aws.endpoint.rpartition(":")[2])
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

"""
A companion in a process of its own, which may be killed at any moment.

It appends the stable id of everything it shows to a file: the screen. With
`--until FEED=SEQ …` it ends once it has come that far.
"""

import argparse
import os
import signal
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from incidents.coralogix.incidents.actor import CoralogixActor
from incidents.stores.dynamodb.client import dynamodb_client
from incidents.stores.dynamodb.store import DynamoDBStore
from simulator.demo.headless_tray import HeadlessTray, RecordingNotifier
from tray_app.model.rules import Rules
from tray_app.model.view import Notification
from tray_app.settings.settings import Settings

INTERVAL = 0.15
"""Seconds between two looks."""


def _now() -> datetime:
    return datetime.now(UTC).astimezone()


def _no_actor() -> CoralogixActor:
    raise AssertionError("nobody acts here")


def _append(screen: int, notification: Notification) -> None:
    os.write(screen, f"{notification.id}\n".encode())


def main() -> int:
    """Follow until killed, or until the places given are reached."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--uid", required=True)
    parser.add_argument("--team", required=True)
    parser.add_argument("--table", required=True)
    parser.add_argument("--until", nargs="*", default=[], metavar="FEED=SEQ")
    options = parser.parse_args()
    until = {
        feed: int(seq)
        for feed, _, seq in (place.partition("=") for place in options.until)
    }
    screen = os.open(
        options.home / "screen", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600
    )
    companion = HeadlessTray(
        settings=Settings(
            mode="team",
            uid=options.uid,
            team=options.team,
            table=options.table,
            rules=Rules(),
        ),
        reader=DynamoDBStore(dynamodb_client(), options.table),
        actor=_no_actor,
        ledger=options.home / "ledger.db",
        notifier=RecordingNotifier(show_notification=partial(_append, screen)),
        clock=_now,
    )
    reached: dict[str, int] = {}
    while not until or any(reached.get(feed, -1) < seq for feed, seq in until.items()):
        for feed, read in companion.poll().items():
            if read.position:
                reached[feed] = read.position.cursor
        signal.sigtimedwait([], INTERVAL)
    companion.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())

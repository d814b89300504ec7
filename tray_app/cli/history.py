"""`incident-tray history` and `explain`: what happened, what was told, and why."""

import argparse
import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from incidents.errors import SettingsError, StoreMissingError
from incidents.models import IncidentId
from tray_app.app import restore
from tray_app.app.clock import local_now
from tray_app.ledger.history import (
    ChangeRecord,
    NotificationRecord,
    changes_of,
    changes_since,
    line,
    notifications_of,
    notifications_since,
)
from tray_app.ledger.ledger import Ledger
from tray_app.present.phrases import clock
from tray_app.present.safe_text import one_line
from tray_app.settings import durations


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands."""
    history = commands.add_parser(
        "history", help="list what happened and what became of it, the newest first"
    )
    history.add_argument(
        "--since",
        metavar="SPAN",
        default="24h",
        help="for example 8h or 7d; default: 24h",
    )
    history.add_argument(
        "--told", action="store_true", help="the notifications instead of the changes"
    )
    history.add_argument("--json", action="store_true", help="a JSON object a line")
    history.set_defaults(run=_history)
    explain = commands.add_parser(
        "explain", help="say why an incident was told, or was not"
    )
    explain.add_argument("id", metavar="ID", help=restore.ID_HELP)
    explain.add_argument("--json", action="store_true", help="a JSON object")
    explain.set_defaults(run=_explain)


def _history(args: argparse.Namespace) -> int:
    try:
        span = durations.parse(args.since)
    except ValueError as exc:
        raise SettingsError(f"--since: {exc}") from exc
    now = local_now()
    with restore.open_ledger() as ledger:
        records: list[ChangeRecord | NotificationRecord] = (
            [*notifications_since(ledger, now - span)]
            if args.told
            else [*changes_since(ledger, now - span)]
        )
    for record in records:
        print(json.dumps(asdict(record)) if args.json else line(record, now))
    return 0


def _explain(args: argparse.Namespace) -> int:
    now = local_now()
    with restore.open_ledger() as ledger:
        state = restore.known_state(ledger, now)
        id_ = _full_id(ledger, args.id)
        changes = list(changes_of(ledger, id_))
        notifications = list(notifications_of(ledger, id_))
    until = state.snoozes.until(IncidentId(id_), now)
    if args.json:
        plain = {
            "id": id_,
            "snoozed_until": until.isoformat() if until else None,
            "changes": [asdict(change) for change in changes],
            "notifications": [asdict(notification) for notification in notifications],
        }
        print(json.dumps(plain))
        return 0
    print(id_)
    if until:
        print(f"It is snoozed until {clock(until, now)}.")
    for change in changes:
        print(line(change, now))
    for notification in notifications:
        print(line(notification, now))
    if not changes and not notifications:
        print("Nothing has happened to it that this tray has seen.")
    return 0


def _full_id(ledger: Ledger, beginning: str) -> str:
    """Return the only id that starts with *beginning*, of all in *ledger*."""
    oldest = datetime.now(UTC) - timedelta(days=60)  # noqa: TID251  # the edge
    ids = {
        change.id
        for change in changes_since(ledger, oldest)
        if change.id.startswith(beginning.lower())
    }
    ids |= {
        id_
        for feed in ledger.feeds().values()
        for id_ in feed.incidents
        if id_.startswith(beginning.lower())
    }
    if len(ids) != 1:
        many = "More than one incident has" if ids else "Nothing is known of"
        raise StoreMissingError(f"{many} an id beginning with {one_line(beginning)}.")
    return ids.pop()

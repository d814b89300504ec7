"""`incident-tray feed` and `incident-tray run`: reading what the sync recorded."""

import argparse
import json
import logging
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from incidents.errors import IncidentsError, SettingsError, StoreError
from incidents.feeds import FeedId, FeedRow, team_feed, user_feed
from incidents.follow import Advanced, Position, follow
from incidents.models import Incident
from incidents.ports import FeedReader
from incidents.stores.codec import incident_to_json
from tray_app.cli import table
from tray_app.model.ports import DesktopError
from tray_app.present.safe_text import one_line
from tray_app.settings import paths
from tray_app.settings.settings import POLL, Settings, load

log = logging.getLogger(__name__)


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands."""
    _add_run(commands)
    feed = commands.add_parser("feed", help="print the changes of a feed, in order")
    feed.add_argument("feed", metavar="FEED", help="USER#uid or TEAM#team")
    feed.add_argument(
        "--after",
        type=int,
        default=None,
        metavar="N",
        help="only those after this sequence; default: from the oldest kept",
    )
    feed.add_argument("--json", action="store_true", help="a JSON object a line")
    feed.add_argument(
        "--state", action="store_true", help="the open incidents it holds, instead"
    )
    table.add_arguments(feed)
    feed.set_defaults(run=_feed)


def _add_run(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> None:
    run = commands.add_parser(
        "run",
        help="run the tray: follow your feed and tell what changes",
        description="Follow your feed, and your team's, and tell what changes."
        " What is not given is taken from the settings file.",
    )
    run.add_argument("--uid", metavar="UID", help="whose feed: USER#UID")
    run.add_argument("--team", metavar="TEAM", help="follow TEAM#TEAM as well")
    run.add_argument(
        "--poll",
        type=float,
        metavar="SECONDS",
        help=f"between two looks, {POLL[0]} to {POLL[1]}; default: "
        f"{Settings().poll_seconds:g}",
    )
    run.add_argument(
        "--solo",
        action="store_true",
        default=None,
        help="without AWS: read Coralogix with your own key",
    )
    run.add_argument("--verbose", action="store_true", help="log more")
    table.add_arguments(run)
    run.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from tray_app.app import compose, connect, logs

    # At login nobody sees what is printed: the log says why there is no tray.
    known = (connect.environment_key(),)
    with logs.writing(paths.log_folder(), verbose=args.verbose, known=known) as stored:
        try:
            return compose.run(settings_of(args))
        except (IncidentsError, DesktopError) as error:
            if stored:
                log.error("the tray cannot start: %s", error)  # noqa: TRY400  # expected
            raise


def settings_of(args: argparse.Namespace) -> Settings:
    """
    Return the settings of the file, where *args* say nothing else.

    Raises:
        SettingsError: If the file or an argument is wrong.
    """
    settings = load(paths.settings_file())
    table_name = args.table or os.environ.get("TABLE_NAME")  # noqa: TID251  # a root
    arguments: dict[str, str | float | None] = {
        "mode": "solo" if args.solo else None,
        "uid": args.uid,
        "team": args.team,
        "table": table_name,
        "region": args.region,
        "profile": args.profile,
        "endpoint": args.endpoint_url,
        "poll_seconds": args.poll,
    }
    changes = {name: value for name, value in arguments.items() if value is not None}
    try:
        return replace(settings, **changes)  # type: ignore[arg-type]  # checked as made
    except ValueError as error:
        raise SettingsError(str(error)) from error


def _feed(args: argparse.Namespace) -> int:
    feed, store = _feed_id(args.feed), table.open_table(args)
    if args.state:
        for incident in store.state(feed).incidents.values():
            row = {"feed": feed, **incident_to_json(incident)}
            print(json.dumps(row) if args.json else _state_line(incident))
        return 0
    for change in changes(store, feed, args.after):
        print(json.dumps(as_json(feed, change)) if args.json else _line(change))
    return 0


def _feed_id(text: str) -> FeedId:
    kind, _, name = text.partition("#")
    named = {"USER": user_feed, "TEAM": team_feed}.get(kind)
    if named is None:
        raise SettingsError(f"{text!r} is no feed: say USER#uid or TEAM#team")
    try:
        return named(name)
    except ValueError as error:
        raise SettingsError(f"{text!r} is no feed: {error}") from error


def changes(store: FeedReader, feed: FeedId, after: int | None) -> Iterator[FeedRow]:
    """
    Yield every change of *feed* after the sequence number *after*, in order.

    Raises:
        StoreError: If there is no such feed, or it was replaced or has a gap.
    """
    now = datetime.now(UTC)  # noqa: TID251  # the edge: a command runs now
    head = store.head(feed)
    if head is None:
        raise StoreError(
            f"There is no feed {feed} yet: the first sync after its user was added"
            " makes it."
        )
    retention = store.status().retention
    oldest = head.oldest(now, retention)
    if after is not None and after < oldest - 1 and after < head.seq:
        print(
            f"incident-tray: changes up to {oldest - 1} have expired", file=sys.stderr
        )
    start = max(oldest - 1, after or 0)
    position = Position(cursor=min(start, head.seq), epoch=head.epoch)
    while position.cursor < head.seq:
        step = follow(store, feed, position, now=now, retention=retention)
        if not isinstance(step, Advanced):
            raise StoreError(f"{feed} was made anew while it was read: read it again.")
        if not step.rows:
            raise StoreError(f"{feed} has a gap after {position.cursor}: try again.")
        yield from step.rows
        position = step.position


def as_json(feed: FeedId, row: FeedRow) -> dict[str, object]:
    """Return one change as `--json` prints it."""
    change = row.change
    return {
        "feed": feed,
        "seq": row.seq,
        "kinds": sorted(change.kinds),
        "observed_at": change.observed_at.isoformat(),
        "before": incident_to_json(change.before) if change.before else None,
        "after": incident_to_json(change.after) if change.after else None,
        "joined": change.joined,
        "left": change.left,
    }


def _line(row: FeedRow) -> str:
    incident = row.change.incident
    when = row.change.observed_at.astimezone()
    return _tabbed(
        f"{row.seq}",
        f"{when:%Y-%m-%d %H:%M:%S}",
        ", ".join(sorted(row.change.kinds)),
        incident.severity,
        incident.name,
    )


def _state_line(incident: Incident) -> str:
    people = ", ".join(incident.assignees) or "nobody"
    return _tabbed(
        incident.id, incident.severity, incident.status, people, incident.name
    )


def _tabbed(*columns: str) -> str:
    return "\t".join(map(one_line, columns))

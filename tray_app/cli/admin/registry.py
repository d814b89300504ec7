"""`incident-tray admin`: the table and the registry, for whoever operates them."""

import argparse
import csv
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from incidents.errors import SettingsError, StoreMissingError
from incidents.feeds import User, user_feed
from incidents.models import UserId
from incidents.sync.closing import remove_user
from tray_app.cli import table
from tray_app.cli.admin import health
from tray_app.present.safe_text import one_line


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands."""
    admin = commands.add_parser(
        "admin", help="look after the table and the people who have feeds"
    )
    groups = admin.add_subparsers(title="commands", metavar="COMMAND", required=True)

    tables = groups.add_parser("table", help="look after the table")
    table_commands = tables.add_subparsers(metavar="COMMAND", required=True)
    create = table_commands.add_parser("create", help="create it where it is missing")
    create.set_defaults(run=_create_table)

    users = groups.add_parser("users", help="look after the people who have feeds")
    user_commands = users.add_subparsers(metavar="COMMAND", required=True)
    add = user_commands.add_parser("add", help="add a person, or replace one")
    add.add_argument("uid", metavar="UID", help="their IAM principal tag, for ever")
    add.add_argument(
        "--id",
        dest="ids",
        action="append",
        required=True,
        metavar="ID",
        help="what Coralogix calls them, e-mail or UUID; may be repeated",
    )
    add.add_argument("--name", default="", metavar="NAME", help="their name")
    add.set_defaults(run=_add_user)
    remove = user_commands.add_parser("remove", help="remove a person")
    remove.add_argument("uid", metavar="UID", help="of the person")
    remove.set_defaults(run=_remove_user)
    import_ = user_commands.add_parser(
        "import", help="add people from a CSV file with the columns uid, ids, name"
    )
    import_.add_argument(
        "file", type=Path, metavar="FILE", help="ids are separated by spaces"
    )
    import_.set_defaults(run=_import_users)
    list_ = user_commands.add_parser("list", help="list everybody")
    list_.add_argument("--json", action="store_true", help="a JSON object a line")
    list_.set_defaults(run=_list_users)
    for command in (create, add, remove, import_, list_):
        table.add_arguments(command)
    health.register(groups)


def _create_table(args: argparse.Namespace) -> int:
    created = table.create(args)
    print("created" if created else "was there already")
    return 0


def _user(uid: str, ids: Iterable[str], name: str) -> User:
    spellings = frozenset(UserId(i.strip()) for i in ids if i.strip())
    user_ids = frozenset(UserId(i.lower()) for i in spellings)
    if not user_ids:
        raise SettingsError(f"{uid}: give at least one id that Coralogix uses")
    try:
        user_feed(uid)
    except ValueError as error:
        raise SettingsError(str(error)) from error
    # Only where they say more than the ids do.
    more = spellings if spellings - user_ids else frozenset()
    return User(uid=uid, ids=user_ids, name=name, spellings=more)


def _add_user(args: argparse.Namespace) -> int:
    user = _user(args.uid, args.ids, args.name)
    table.open_table(args).add_user(user)
    print(f"{user.uid} is told about {', '.join(sorted(user.ids))}")
    return 0


def _remove_user(args: argparse.Namespace) -> int:
    now = datetime.now(UTC)  # noqa: TID251  # the edge: a command runs now
    store = table.open_table(args)
    if not remove_user(store, args.uid, now):
        raise StoreMissingError(f"There is no user {args.uid}.")
    head = store.head(user_feed(args.uid))
    ends = head.closed.ends if head and head.closed else None
    until = f" and expires on {ends:%Y-%m-%d}" if ends else ""
    print(f"removed {args.uid}; their feed is closed{until}")
    return 0


def _import_users(args: argparse.Namespace) -> int:
    try:
        with args.file.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise SettingsError(f"{args.file} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise SettingsError(f"{args.file} cannot be read: {error}") from error
    try:
        users = [
            _user(row["uid"], row["ids"].split(), row.get("name") or "") for row in rows
        ]
    except (KeyError, AttributeError) as error:
        raise SettingsError(
            f"{args.file} needs the columns uid, ids and name in its first line"
        ) from error
    registry = table.open_table(args)
    for user in users:
        registry.add_user(user)
    print(f"imported {len(users)} people")
    return 0


def _list_users(args: argparse.Namespace) -> int:
    users = sorted(table.open_table(args).registry().users, key=lambda u: u.uid)
    for user in users:
        ids = sorted(user.ids)
        if args.json:
            print(json.dumps({"uid": user.uid, "ids": ids, "name": user.name}))
        else:
            print("\t".join(map(one_line, (user.uid, " ".join(ids), user.name))))
    return 0

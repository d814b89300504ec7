"""`incident-tray setup`: settings, key, autostart, and a test notification."""

import argparse
import os
import queue
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from getpass import getpass
from pathlib import Path

from incidents.coralogix.http.key import Key
from incidents.errors import SettingsError
from tray_app.cli import autostart, probes
from tray_app.desktop import instance
from tray_app.desktop.keychain import SystemKeychain
from tray_app.desktop.notifications.notifier import DesktopNotifications
from tray_app.model.intents import Intent, ShowDoctor
from tray_app.model.ports import DesktopError
from tray_app.model.view import Button, Notification
from tray_app.settings import environment, paths, private
from tray_app.settings.settings import Mode, Settings, load
from tray_app.settings.template import rewritten, template

PATIENCE = 60.0
"""Seconds a person has to press the button."""
_TEXTS = {
    "mode": "Follow a table on AWS (team), or Coralogix with your own key (solo)",
    "uid": "Who are you in the table (the tag of your AWS sign-in)",
    "team": "The team to follow besides; - for none",
    "table": "The DynamoDB table",
    "profile": "The AWS profile; - for the default",
    "region": "The AWS region; - for that of the profile",
    "coralogix_region": "The Coralogix region (eu1, eu2, us1, us2, ap1, …)",
}


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    setup = commands.add_parser(
        "setup",
        help="set up the tray, or change what was set up",
        epilog="Asks for what is not given, with what is set now as the default. The "
        "key is asked for, or taken from INCIDENT_TRAY_API_KEY; it goes to the "
        "keychain and nowhere else.",
    )
    setup.add_argument("--mode", choices=("team", "solo"), help="with AWS or without")
    setup.add_argument("--uid", help="who you are in the table")
    setup.add_argument("--team", help="the team to follow besides")
    setup.add_argument("--table", metavar="NAME", help="the DynamoDB table")
    setup.add_argument("--profile", help="the AWS profile")
    setup.add_argument("--region", help="of AWS; default: as boto3 finds it")
    setup.add_argument(
        "--coralogix-region", metavar="REGION", help="eu1, us1 and so on"
    )
    setup.add_argument(
        "--autostart",
        action=argparse.BooleanOptionalAction,
        help="start with the session; default: as it is",
    )
    setup.add_argument(
        "--non-interactive", action="store_true", help="ask nothing; take what is given"
    )
    setup.add_argument(
        "--no-test", action="store_true", help="show no test notification"
    )
    setup.set_defaults(run=_setup)


def _setup(args: argparse.Namespace) -> int:
    path = paths.settings_file()
    settings = _chosen(args, load(path))
    write(path, settings)
    print(f"Settings are in {path}.")
    _store_key(ask=not args.non_interactive)
    autostart.add_to_desktop()
    if args.autostart is not None:
        starting = autostart.own_autostart()
        if args.autostart:
            starting.enable(autostart.own_command())
        else:
            starting.disable()
    if not args.no_test:
        return _try_button(must=not args.non_interactive)
    return 0


def _chosen(args: argparse.Namespace, before: Settings) -> Settings:
    """Return *before* with the values of the arguments and of the answers."""

    def choose(name: str, current: str) -> str:
        value: str | None = getattr(args, name)
        if value is None and not args.non_interactive:
            value = _prompt(_TEXTS[name], current)
        return current if value is None else value

    mode: Mode = "solo" if choose("mode", before.mode) == "solo" else "team"
    team = {
        name: choose(name, getattr(before, name)) if mode == "team" else ""
        for name in ("uid", "team", "table", "profile", "region")
    }
    region = choose("coralogix_region", before.coralogix.region)
    changed = region != before.coralogix.region
    try:
        coralogix = (
            replace(before.coralogix, region=region, base_url="")
            if changed
            else before.coralogix
        )
        after = replace(
            before,
            mode=mode,
            uid=team["uid"] or ("me" if mode == "solo" else ""),
            team=team["team"],
            table=team["table"] or before.table,
            profile=team["profile"],
            region=team["region"],
            coralogix=coralogix,
        )
    except ValueError as exc:
        raise SettingsError(f"setup: {exc}") from exc
    if after.mode == "team" and not after.uid:
        raise SettingsError("setup: --uid: who you are in the table is not known")
    return after


def _prompt(text: str, current: str) -> str:
    with _at_a_terminal():
        answer = input(f"{text} [{current}]: ").strip()
    if answer == "-":
        return ""
    return answer or current


@contextmanager
def _at_a_terminal() -> Iterator[None]:
    try:
        yield
    except EOFError as exc:
        raise SettingsError(
            "setup: nobody answers: run it in a terminal, or with --non-interactive"
        ) from exc


def write(path: Path, settings: Settings) -> None:
    """Write *settings* to *path*, whole or not at all; the old file gets `.before`."""
    try:
        if path.parent == paths.settings_folder():
            private.make_folder(path.parent)
        if path.exists():
            text = rewritten(path.read_text(encoding="utf-8"), settings)
            before = path.with_suffix(".toml.before")
            shutil.copy2(path, before)
            private.make_file(before)
        else:
            text = template(settings)
        private.write_text(path, text)
    except OSError as exc:
        raise DesktopError(f"{path} cannot be written: {exc.strerror}") from exc


def _store_key(*, ask: bool) -> None:
    """Store the key of the environment, or of the person, in the keychain."""
    key = os.environ.get(environment.KEY, "")  # noqa: TID251  # the command's edge
    if not key and ask:
        with _at_a_terminal():
            key = getpass("Your Coralogix key (not shown; empty leaves it as it is): ")
    if not key.strip():
        return
    Key(key)  # raises if it cannot be a key
    SystemKeychain().store(key.strip())
    instance.send(
        paths.runtime_folder(), instance.SYNC
    )  # a running tray uses it at once
    print("The key is in the keychain.")


def _try_button(*, must: bool) -> int:
    """Show a notification and wait until its button was really pressed."""
    print(f"Notifications: {probes.notifications()}.")
    with _notifications() as (notifications, pressed):
        test = Notification(
            key="setup",
            id="setup",
            title="Press Acknowledge on this",
            body="It shows that notifications and their buttons work here.",
            buttons=(Button(key="ack", label="Acknowledge", intent=ShowDoctor()),),
            expires_after=0,
        )
        if not notifications.tell(test):
            raise DesktopError(
                notifications.problem or "The notification was not shown."
            )
        print("There is a test notification: press its button.", flush=True)
        try:
            pressed.get(timeout=PATIENCE)
        except queue.Empty:
            print("incident-tray: nobody pressed it in a minute", file=sys.stderr)
            return 1 if must else 0
    print("It was pressed: all is well. Start with `incident-tray run`.")
    return 0


@contextmanager
def _notifications() -> Iterator[
    tuple[DesktopNotifications, "queue.SimpleQueue[Intent]"]
]:
    pressed: queue.SimpleQueue[Intent] = queue.SimpleQueue()
    notifications = DesktopNotifications(pressed.put)
    try:
        yield notifications, pressed
    finally:
        notifications.close()

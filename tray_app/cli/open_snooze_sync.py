"""`incident-tray open`, `copy`, `snooze` and `sync`: entries of the menu, typed."""

import argparse
import os
from datetime import datetime

from incidents.coralogix.http.regions import Links
from incidents.errors import SettingsError, StoreMissingError
from tray_app.app import connect, restore, running
from tray_app.app.clock import local_now
from tray_app.app.intents import snoozed
from tray_app.desktop import browser, clipboard, instance
from tray_app.ledger import serialization
from tray_app.model.ports import DesktopError
from tray_app.present.phrases import clock, name_of
from tray_app.settings import durations, paths
from tray_app.settings.settings import load


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands."""
    for name, text in (
        ("open", "open an incident in the browser"),
        ("copy", "copy an incident's link"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("id", metavar="ID", help=restore.ID_HELP)
        command.set_defaults(run=_open if name == "open" else _copy)
    snooze = commands.add_parser(
        "snooze", help="be quiet for a while, about one incident or about all"
    )
    snooze.add_argument(
        "span",
        nargs="?",
        default="30m",
        metavar="SPAN|HH:MM|off",
        help="for so long, or until then; default: 30m; off wakes again",
    )
    snooze.add_argument(
        "id", nargs="?", metavar="ID", help=f"{restore.ID_HELP}; else all"
    )
    snooze.set_defaults(run=_snooze)
    sync = commands.add_parser("sync", help="have the running tray look at once")
    sync.set_defaults(run=_sync)


def _link(beginning: str) -> str:
    now = local_now()
    with restore.open_ledger() as ledger:
        state = restore.known_state(ledger, now)
    incident = restore.find(state, beginning)
    return (Links(state.link) if state.link else _team_links()).to(incident.id)


def _team_links() -> Links:
    """Return the links of the team as Coralogix names it."""
    settings = load(paths.settings_file())
    if settings.coralogix.address() is None:
        raise SettingsError(
            f"{paths.settings_file()}: coralogix.link: is not set, nor where Coralogix"
            " is, so there is no link."
        )
    with connect.acting(settings.coralogix.address()) as actor:
        return actor.team_links()


def _open(args: argparse.Namespace) -> int:
    browser.open_url(_link(args.id), os.environ)  # noqa: TID251  # the edge
    return 0


def _copy(args: argparse.Namespace) -> int:
    link = _link(args.id)
    clipboard.copy(link, os.environ)  # noqa: TID251  # the edge
    print(link)
    return 0


def _snooze(args: argparse.Namespace) -> int:
    now = local_now()
    end = _end(args.span, now)
    with restore.open_ledger() as ledger:
        state = restore.known_state(ledger, now)
        incident = restore.find(state, args.id) if args.id else None
        snoozes = snoozed(state.snoozes, incident.id if incident else None, end)
        ledger.put("snoozes", serialization.SNOOZES.to_json(snoozes))
    what = f"“{name_of(incident)}”" if incident else "Everything"
    print(f"{what} {f'is silent until {clock(end, now)}' if end else 'is told again'}.")
    return 0


def _end(text: str, now: datetime) -> datetime | None:
    if text == "off":
        return None
    try:
        span = (
            durations.until(durations.clock(text), now)
            if ":" in text
            else durations.parse(text)
        )
    except ValueError as exc:
        raise SettingsError(str(exc)) from exc
    return now + span


def _sync(args: argparse.Namespace) -> int:
    del args
    if running.send(instance.SYNC):
        print("The tray is looking.")
        return 0
    if running.is_running():
        other = running.holder()
        if other is not None and not other.is_here:
            raise DesktopError(f"The tray runs elsewhere ({other}): ask it there.")
        raise DesktopError(f"The tray {instance.SILENT}.")
    raise StoreMissingError("No tray is running: start one with `incident-tray run`.")

"""`incident-tray watch`: the inbox in a terminal, for machines without a tray."""

import argparse

from tray_app.settings import paths
from tray_app.settings.settings import load


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    watching = commands.add_parser(
        "watch",
        help="show the open incidents live in this terminal, with actions by key",
        epilog="Shows what the running tray knows; where none runs, this is the tray "
        "for as long as it lasts.",
    )
    watching.set_defaults(run=_watch)


def _watch(args: argparse.Namespace) -> int:
    # rich is imported here alone: a tray has no use for it.
    from rich.console import Console

    from tray_app.watch.keys import keys
    from tray_app.watch.run import run

    del args
    settings = load(paths.settings_file())
    with keys() as typed:
        run(settings, Console(), typed)
    return 0

"""`incident-tray watch`: the inbox in a terminal, for machines without a tray."""

import argparse
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tray_app import places
from tray_app.cli import care
from tray_app.desktop import instance
from tray_app.settings import load


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    watching = commands.add_parser(
        "watch",
        help="show the open incidents live in this terminal, with actions by key",
        epilog="Shows what the running tray knows; where none runs, one is run "
        "beside, and ended with this.",
    )
    watching.set_defaults(run=_watch)


def _watch(args: argparse.Namespace) -> int:
    # rich is imported here alone: a tray has no use for it.
    from rich.console import Console

    from tray_app.cli.watch_loop import Watching
    from tray_app.watch_keys import keys

    del args
    settings = load(places.settings_file())
    with _tray_beside(), keys() as typed:
        Watching(settings, Console()).run(typed)
    return 0


@contextmanager
def _tray_beside() -> Iterator[None]:
    """Run a tray beside this for as long as it lasts, unless one runs already."""
    if instance.is_running(places.runtime_folder()):
        yield
        return
    beside = subprocess.Popen(  # noqa: S603  # this very program
        care.own_command(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        beside.terminate()
        with suppress(subprocess.TimeoutExpired):
            beside.wait(5)

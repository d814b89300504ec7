"""`incident-tray watch`: the inbox in a terminal, for machines without a tray."""

import argparse
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tray_app.cli import autostart
from tray_app.desktop import instance
from tray_app.model.ports import DesktopError
from tray_app.settings import paths
from tray_app.settings.settings import Settings, load

PATIENCE = 5.0
"""Seconds that the background tray has to end."""


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

    from tray_app.watch.keys import keys
    from tray_app.watch.loop import WatchLoop

    del args
    settings = load(paths.settings_file())
    with keys() as typed, _background_tray(settings) as look_after:
        WatchLoop(settings, Console(), look_after).run(typed)
    return 0


@contextmanager
def _background_tray(settings: Settings) -> Iterator[Callable[[], None]]:
    """
    Run a tray in the background meanwhile, unless one runs already.

    Yields a function that raises DesktopError once that tray has failed.

    Raises:
        SettingsError: If *settings* are not enough for a tray.
    """
    from tray_app.app.compose import checked

    if instance.is_running(paths.runtime_folder()):
        yield lambda: None
        return
    checked(settings)
    tray = subprocess.Popen(  # noqa: S603  # this very program
        autostart.own_command(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )

    def look_after() -> None:
        if tray.poll():  # ended, and not because another one runs by now
            raise DesktopError(
                "The tray beside has failed: `incident-tray run` says why."
            )

    try:
        yield look_after
    finally:
        tray.terminate()
        try:
            tray.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            tray.kill()

"""`incident-tray autostart` and `desktop`: what the desktop starts and lists."""

import argparse
import os
import shutil
import sys
from functools import partial
from pathlib import Path

from incidents.models import Severity
from tray_app.desktop import entry
from tray_app.desktop.autostart import Autostart, autostart
from tray_app.model.ports import DesktopError
from tray_app.model.view import Badge, Icon


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands."""
    starting = commands.add_parser(
        "autostart",
        help="start with the session, or not",
        description="Start the tray with every session, or no longer.",
    )
    starting.add_argument(
        "switch",
        nargs="?",
        choices=("on", "off", "status"),
        default="status",
        metavar="on|off|status",
        help="default: status; exit code 1 while it is off",
    )
    starting.set_defaults(run=_autostart)
    placing = commands.add_parser(
        "desktop",
        help="put the program and its icon among the desktop's (Linux)",
    )
    placing.add_argument(
        "switch",
        choices=("on", "off"),
        metavar="on|off",
        help="put there, or take away",
    )
    placing.set_defaults(run=_desktop)


def own_autostart() -> Autostart:
    """Return the switch that starts the tray with the session, for this system."""
    home = Path.home()
    config = os.environ.get("XDG_CONFIG_HOME")  # noqa: TID251  # the composition root
    return autostart(home=home, config=Path(config) if config else home / ".config")


def own_command() -> list[str]:
    """Return the command line that starts the tray with this program."""
    if hasattr(sys, "_MEIPASS"):  # a bundle is its own program
        return [sys.executable, "run"]
    script = Path(sys.executable).with_name("incident-tray")
    program = str(script) if script.exists() else shutil.which("incident-tray")
    return [program, "run"] if program else [sys.executable, "-m", "tray_app", "run"]


def add_to_desktop() -> list[Path]:
    """Write the desktop entry and its icons on Linux, and return their paths."""
    if not sys.platform.startswith("linux"):
        return []
    from tray_app.desktop.icon import draw

    app = Icon(badge=Badge.CRITICAL, severity=Severity.CRITICAL)
    return entry.install(_data(), own_command(), partial(draw, app))


def _data() -> Path:
    data = os.environ.get("XDG_DATA_HOME")  # noqa: TID251  # the composition root
    return Path(data) if data else Path.home() / ".local" / "share"


def _desktop(args: argparse.Namespace) -> int:
    if args.switch == "off":
        entry.remove(_data())
        return 0
    written = add_to_desktop()
    if not written:
        raise DesktopError("This system finds programs by itself: nothing was put.")
    for path in written:
        print(path)
    return 0


def _autostart(args: argparse.Namespace) -> int:
    starting = own_autostart()
    if args.switch == "on":
        starting.enable(own_command())
    elif args.switch == "off":
        starting.disable()
    enabled = starting.is_enabled()
    print(f"The tray {'starts' if enabled else 'does not start'} with the session.")
    return 0 if enabled or args.switch == "off" else 1

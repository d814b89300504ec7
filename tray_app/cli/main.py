"""The command line: one parser, one place where errors become a line and a code."""

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version

from incidents.errors import (
    CredentialsError,
    IncidentsError,
    KeyRejectedError,
    PermissionMissingError,
    SettingsError,
)
from tray_app.cli import (
    act,
    admin,
    care,
    completion,
    doctor,
    follow,
    past,
    reach,
    setup,
    status,
    tree,
    watching,
)
from tray_app.ports import DesktopError, KeychainError

DONE, FAILED, USAGE, CREDENTIALS = 0, 1, 2, 3

FAMILIES = (
    follow,
    setup,
    status,
    watching,
    past,
    reach,
    act,
    doctor,
    care,
    completion,
    admin,
)
"""The modules that add commands, in the order of the help."""

_CODES = """\
exit codes:
  0  done
  1  it could not be done, or some of it could not
  2  the command or a setting is wrong
  3  credentials or a permission are missing
"""


def parser() -> argparse.ArgumentParser:
    """Build the parser of every command."""
    top = argparse.ArgumentParser(
        prog="incident-tray",
        description="Coralogix incidents, told exactly once, on your desktop.",
        epilog=_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"%(prog)s {_version()}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for family in FAMILIES:
        family.register(commands)
    tree.describe(top)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; answer its exit code. Errors are one line on stderr."""
    args = parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = args.run
    try:
        return run(args)
    except (IncidentsError, DesktopError) as error:
        print(f"incident-tray: {error}", file=sys.stderr)
        return _code(error)
    except BrokenPipeError:
        # Whoever read our output has seen enough, as `head` does.
        sys.stderr.close()
        return DONE
    except KeyboardInterrupt:
        return 130


def _code(error: IncidentsError | DesktopError) -> int:
    match error:
        case SettingsError():
            return USAGE
        case (
            CredentialsError()
            | KeyRejectedError()
            | PermissionMissingError()
            | KeychainError()
        ):
            return CREDENTIALS
        case _:
            return FAILED


def _version() -> str:
    try:
        return version("coralogix-incident-tray")
    except PackageNotFoundError:
        return "(not installed)"


if __name__ == "__main__":
    raise SystemExit(main())

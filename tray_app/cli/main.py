"""The command line: one parser, one place where errors become a line and a code."""

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TextIO

from incidents import VERSION
from incidents.coralogix.http.key import forbid_core_dumps
from incidents.coralogix.http.routes import Version
from incidents.errors import (
    CredentialsError,
    IncidentsError,
    KeyRejectedError,
    PermissionMissingError,
    SettingsError,
)
from tray_app.cli import (
    act,
    autostart,
    doctor,
    history,
    open_snooze_sync,
    run_feed,
    setup,
    status,
    watch,
)
from tray_app.cli.admin import registry
from tray_app.cli.shell import argparse_tree, completion
from tray_app.model.ports import DesktopError, KeychainError
from tray_app.present.safe_text import lines

DONE, FAILED, USAGE, CREDENTIALS, INTERRUPTED = 0, 1, 2, 3, 130

FAMILIES = (
    setup,
    run_feed,
    status,
    watch,
    history,
    open_snooze_sync,
    act,
    doctor,
    autostart,
    registry,
)
"""The modules that add commands, in the order of the help."""

GLOBAL = {
    "--base-url": "where Coralogix is, for the commands that ask it",
    "--region": "of Coralogix, or, for what reads the table, of AWS",
    "--api-version": f"of Coralogix: {', '.join(Version)}",
}
"""Options with a value that may come before the command, too; so may `--json`."""

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
        # One of these, cut short, would be taken here and lost: see `_in_order`.
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"%(prog)s {VERSION}")
    top.add_argument(
        "--json",
        action="store_true",
        default=argparse.SUPPRESS,
        help="print JSON, with the commands that can",
    )
    for option, text in GLOBAL.items():
        value = option.removeprefix("--").rpartition("-")[2].upper()
        top.add_argument(option, metavar=value, default=argparse.SUPPRESS, help=text)
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for family in FAMILIES:
        family.register(commands)
    completion.register(commands, top)
    argparse_tree.describe(top)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. Errors are one line on stderr."""
    arguments = sys.argv[1:] if arguments is None else arguments
    forbid_core_dumps()
    _replace_unencodable()
    try:
        with _flushing():
            args = parser().parse_args(_in_order(arguments))
            run: Callable[[argparse.Namespace], int] = args.run
            return run(args)
    except (IncidentsError, DesktopError) as error:
        _print_error(f"{error}")
        return _code(error)
    except BrokenPipeError:
        # The reader of our output has closed it, as `head` does.
        _discard(sys.stdout)
        return DONE
    except OSError as error:
        # Translated nowhere else: above all a full disk that our output goes to.
        _discard(sys.stdout)
        _print_error(
            ": ".join(f"{part}" for part in (error.filename, error.strerror) if part)
        )
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


def _replace_unencodable() -> None:
    """Print `?` for a character that the encoding of the terminal lacks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


@contextlib.contextmanager
def _flushing() -> Iterator[None]:
    """Flush the output while a failure to write it can still be reported."""
    try:
        yield
    finally:
        if sys.stdout is not None:  # closed by whoever started us
            sys.stdout.flush()


def _discard(stream: TextIO) -> None:
    """Discard what *stream* has not written yet: writing it failed before."""
    with contextlib.suppress(OSError, ValueError):
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, stream.fileno())
        os.close(devnull)


def _print_error(text: str) -> None:
    try:
        print(f"incident-tray: {lines(text)}", file=sys.stderr, flush=True)
    except OSError:
        # The terminal is gone, or the disk is full: the exit code says enough.
        _discard(sys.stderr)


def _in_order(arguments: Sequence[str]) -> list[str]:
    """
    Move what may come before the command behind it, where its parser looks.

    argparse would take it at the top, and then forget it for the command's default.
    """
    rest, early = list(arguments), []
    while rest and (rest[0] == "--json" or rest[0].partition("=")[0] in GLOBAL):
        width = 2 if rest[0] in GLOBAL else 1
        early += rest[:width]
        del rest[:width]
    # After a bare `--`, options are none.
    end = rest.index("--") if "--" in rest else len(rest)
    return [*rest[:end], *early, *rest[end:]]


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


if __name__ == "__main__":
    raise SystemExit(main())

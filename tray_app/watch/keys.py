"""Keys from a terminal, one at a time, without an echo."""

import os
import select
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from types import MappingProxyType
from typing import Protocol

from tray_app.model.ports import DesktopError
from tray_app.watch.inbox import KeyHint

_SEQUENCES: Mapping[str, KeyHint] = MappingProxyType(
    {
        "\x1b[A": KeyHint.UP,
        "\x1bOA": KeyHint.UP,
        "\x1b[B": KeyHint.DOWN,
        "\x1bOB": KeyHint.DOWN,
        "\r": KeyHint.ENTER,
        "\n": KeyHint.ENTER,
        "\x1b": KeyHint.ESCAPE,
        "\x7f": KeyHint.ESCAPE,
    }
)
_INTERRUPT = "\x03"
"""Ctrl-C, where the console hands it on as a key: Windows."""


class Keys(Protocol):
    """Where keys come from."""

    def wait(self, seconds: float) -> list[str | KeyHint]:
        """Return the keys that were pressed; none once so long none was."""
        ...


@contextmanager
def keys() -> Iterator[Keys]:
    """
    Read keys from this terminal for as long as the context lasts.

    Raises:
        DesktopError: If this is no terminal.
    """
    if not sys.stdin.isatty():
        raise DesktopError("This is no terminal: use `incident-tray list`.")
    if sys.platform == "win32":
        yield _Console()
        return
    import termios
    import tty

    number = sys.stdin.fileno()
    before = termios.tcgetattr(number)
    try:
        tty.setcbreak(number)
        yield _Terminal(number)
    finally:
        with suppress(termios.error):  # it may have gone: there is nothing to restore
            termios.tcsetattr(number, termios.TCSADRAIN, before)


def parsed(text: str) -> list[str | KeyHint]:
    """Take apart what was typed: arrows are sequences that begin with an escape."""
    keys_typed: list[str | KeyHint] = []
    while text:
        sequence = next((s for s in _SEQUENCES if text.startswith(s)), text[0])
        keys_typed.append(
            "q" if text[0] == _INTERRUPT else _SEQUENCES.get(sequence, sequence)
        )
        text = text[len(sequence) :]
    return keys_typed


class _Terminal:
    def __init__(self, number: int) -> None:
        self._number = number

    def wait(self, seconds: float) -> list[str | KeyHint]:
        ready, _, _ = select.select([self._number], [], [], seconds)
        if not ready:
            return []
        typed = os.read(self._number, 64)
        return parsed(typed.decode(errors="ignore")) if typed else ["q"]


class _Console:
    """Windows' console, which has no file to wait for."""

    def wait(self, seconds: float) -> list[str | KeyHint]:
        import importlib
        import time

        console = importlib.import_module("msvcrt")
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if console.kbhit():
                typed = console.getwch()
                if typed in ("\x00", "\xe0"):
                    arrows = {"H": KeyHint.UP, "P": KeyHint.DOWN}
                    arrow = arrows.get(console.getwch())
                    return [arrow] if arrow else []
                return parsed(typed)
            time.sleep(0.02)
        return []

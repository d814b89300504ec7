"""
Starting with the session: the text each system wants, and where it goes.

Facts: freedesktop's Desktop Entry and Autostart specifications, Apple's
launchd.plist(5), Microsoft's page on the Run key.
"""

import plistlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tray_app.model.ports import DesktopError
from tray_app.settings import private
from tray_app.settings.paths import APP, TITLE

LABEL = f"com.{APP}"
DELAY = 2
"""Seconds that GNOME leaves the panel to come up first."""

_SWITCHED_OFF = ("Hidden=true", "X-GNOME-Autostart-enabled=false")
"""What a desktop's own settings write into the file instead of removing it."""
_NEEDS_QUOTES = frozenset(" \t\n\"'\\><~|&;$*?#()`")
_NEEDS_BACKSLASH = frozenset('"`$\\')


class Autostart(Protocol):
    """Whether the program starts with the session."""

    def enable(self, command: Sequence[str]) -> None:
        """Start *command* with every session. Raises DesktopError."""
        ...

    def disable(self) -> None:
        """Do not start it with the next session. Raises DesktopError."""
        ...

    def is_enabled(self) -> bool:
        """Whether it starts with the next session."""
        ...


@dataclass(frozen=True, slots=True)
class FileAutostart:
    """A file that starts the program by its presence: XDG autostart or launch agent."""

    path: Path

    def enable(self, command: Sequence[str]) -> None:
        is_agent = self.path.suffix == ".plist"
        text = launch_agent(command) if is_agent else desktop_entry(command)
        try:
            private.make_missing(self.path.parent)
            private.write_text(self.path, text)
        except OSError as exc:
            raise DesktopError(f"Cannot write {self.path}: {exc.strerror}") from exc

    def disable(self) -> None:
        try:
            self.path.unlink(missing_ok=True)
        except OSError as exc:
            raise DesktopError(f"Cannot remove {self.path}: {exc.strerror}") from exc

    def is_enabled(self) -> bool:
        try:
            text = self.path.read_text(encoding="utf-8")
        except OSError:
            return False
        return not any(line in text.splitlines() for line in _SWITCHED_OFF)


def autostart(*, home: Path, config: Path, platform: str = sys.platform) -> Autostart:
    """Return the adapter for *platform*; *config* is the XDG configuration folder."""
    match platform:
        case "win32":
            from tray_app.desktop.autostart_windows import RunKey

            return RunKey()
        case "darwin":
            return FileAutostart(home / "Library/LaunchAgents" / f"{LABEL}.plist")
        case _:
            return FileAutostart(config / "autostart" / f"{APP}.desktop")


def desktop_entry(command: Sequence[str]) -> str:
    """Return the desktop entry that starts *command*, once its program is there."""
    return "\n".join(
        (
            "[Desktop Entry]",
            "Type=Application",
            f"Name={TITLE}",
            "Comment=Incidents in the system tray",
            f"Exec={' '.join(_exec_word(word) for word in command)}",
            f"TryExec={_escaped(command[0])}",
            f"Icon={APP}",
            "Terminal=false",
            "Categories=Network;Monitor;",
            f"X-GNOME-Autostart-Delay={DELAY}",
            "",
        )
    )


def launch_agent(command: Sequence[str]) -> str:
    """Return the launch agent that starts *command* once with each login."""
    agent = {
        "Label": LABEL,
        "ProgramArguments": list(command),
        "RunAtLoad": True,
        "ProcessType": "Interactive",
    }
    return plistlib.dumps(agent).decode()


def _exec_word(word: str) -> str:
    """Quote *word* for Exec, in the specification's order: quote, then escape."""
    word = word.replace("%", "%%")
    if not word or set(word) & _NEEDS_QUOTES:
        inside = "".join(f"\\{c}" if c in _NEEDS_BACKSLASH else c for c in word)
        word = f'"{inside}"'
    return _escaped(word)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")

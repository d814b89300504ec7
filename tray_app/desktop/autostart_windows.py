"""Starting with the session on Windows: a value of the person's Run key."""

import contextlib
import subprocess
from collections.abc import Sequence
from typing import Any

from tray_app.model.ports import DesktopError
from tray_app.settings.paths import TITLE

RUN_KEY = r"Software\Microsoft\Windows\CurrentVersion\Run"


def _winreg() -> Any:  # noqa: ANN401  # typed for Windows alone
    import winreg

    return winreg


class RunKey:
    """The Run key of the person's registry. Implements `Autostart`."""

    def enable(self, command: Sequence[str]) -> None:
        winreg = _winreg()
        try:
            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, RUN_KEY) as key:
                winreg.SetValueEx(key, TITLE, 0, winreg.REG_SZ, run_value(command))
        except OSError as exc:
            raise DesktopError(f"Cannot write the Run key: {exc.strerror}") from exc

    def disable(self) -> None:
        winreg = _winreg()
        try:
            with self._opened(winreg.KEY_SET_VALUE) as key:
                winreg.DeleteValue(key, TITLE)
        except FileNotFoundError:
            return
        except OSError as exc:
            raise DesktopError(f"Cannot change the Run key: {exc.strerror}") from exc

    def is_enabled(self) -> bool:
        winreg = _winreg()
        with contextlib.suppress(OSError), self._opened(winreg.KEY_READ) as key:
            winreg.QueryValueEx(key, TITLE)
            return True
        return False

    @staticmethod
    def _opened(access: int) -> Any:  # noqa: ANN401  # as above
        winreg = _winreg()
        return winreg.OpenKey(winreg.HKEY_CURRENT_USER, RUN_KEY, 0, access)


def run_value(command: Sequence[str]) -> str:
    """Return *command* as the single line that Windows splits into the same words."""
    return subprocess.list2cmdline(command)

"""Putting text on the clipboard, by the desktop's own program for it."""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping

from tray_app.model.ports import DesktopError
from tray_app.settings.environment import for_children

PATIENCE = 3.0
"""Seconds a program has to take the text; it then serves it in the background."""


def copy(
    text: str, environment: Mapping[str, str], *, platform: str = sys.platform
) -> None:
    """
    Put *text* on the clipboard.

    Raises:
        DesktopError: If there is no program that can, or it fails.
    """
    encoding = "utf-16" if platform == "win32" else "utf-8"
    for command in commands(environment, platform):
        program = shutil.which(command[0], path=environment.get("PATH"))
        if program is not None:
            _run([program, *command[1:]], text.encode(encoding), environment)
            return
    raise DesktopError("Nothing copies here: install wl-clipboard, xclip or xsel.")


def commands(environment: Mapping[str, str], platform: str) -> Iterator[list[str]]:
    """Yield the commands that may copy here, the likeliest first."""
    if platform == "win32":
        yield ["clip"]
    elif platform == "darwin":
        yield ["pbcopy"]
    else:
        if "WAYLAND_DISPLAY" in environment:
            yield ["wl-copy"]
        if "DISPLAY" in environment:
            yield ["xclip", "-selection", "clipboard"]
            yield ["xsel", "--clipboard", "--input"]


def _run(command: list[str], text: bytes, environment: Mapping[str, str]) -> None:
    try:
        subprocess.run(  # noqa: S603  # a program named above, from the PATH
            command,
            input=text,
            env=for_children(environment),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as exc:
        raise DesktopError(f"Not copied: {command[0]} failed.") from exc

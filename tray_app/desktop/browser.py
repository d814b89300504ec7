"""Opening a link in the person's own browser."""

import contextlib
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from tray_app.model.ports import DesktopError
from tray_app.settings.environment import for_children

SHOWN_BY = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
"""Without any of these xdg-open has no display, and fails without saying so."""


def open_url(
    url: str, environment: Mapping[str, str], *, platform: str = sys.platform
) -> None:
    """
    Open *url*, which must be https; does not wait for the browser.

    Raises:
        DesktopError: If it is no https link, or nothing opens links here.
    """
    if not is_https(url):
        raise DesktopError(f"Not opened, as it is no https link: {url!r}")
    _hand_over(url, environment, platform)


def open_path(
    path: Path, environment: Mapping[str, str], *, platform: str = sys.platform
) -> None:
    """
    Open our own file or folder *path* in whatever shows such a thing here.

    Raises:
        DesktopError: If it does not exist, or nothing opens it here.
    """
    if not path.exists():
        raise DesktopError(f"There is no {path} yet: `incident-tray setup` makes it.")
    _hand_over(str(path), environment, platform)


def _hand_over(what: str, environment: Mapping[str, str], platform: str) -> None:
    if platform == "win32":
        with _refused(what):
            os.startfile(what)  # type: ignore[attr-defined]  # noqa: S606  # nosec B606  # checked before
        return
    opener = "open" if platform == "darwin" else "xdg-open"
    if platform != "darwin" and not any(environment.get(name) for name in SHOWN_BY):
        raise DesktopError(f"There is no display here: open it elsewhere: {what}")
    program = shutil.which(opener, path=environment.get("PATH"))
    if program is None:
        raise DesktopError(f"Install xdg-utils, or open it by hand: {what}")
    with _refused(what):
        _start([program, what], for_children(environment))


@contextlib.contextmanager
def _refused(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise DesktopError(f"Not opened ({exc.strerror}): {what}") from exc


def is_https(url: str) -> bool:
    """Whether *url* leads to a host by https and holds nothing that draws nothing."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and _is_plain(url)


def _is_plain(url: str) -> bool:
    return url.isascii() and url.isprintable() and " " not in url


def _start(command: list[str], environment: dict[str, str]) -> None:
    """Start *command* and, on a thread of its own, wait until it has ended."""
    program = subprocess.Popen(  # noqa: S603  # a fixed program and a checked link
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    threading.Thread(target=program.wait, name="browser", daemon=True).start()

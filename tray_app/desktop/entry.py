"""
The desktop entry of this program: menus start it, notifications show its icon.

Facts: freedesktop's Desktop Entry and Icon Theme specifications. The entry's name is
what notifications send as `desktop-entry`.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from PIL import Image

from tray_app.desktop.autostart import desktop_entry
from tray_app.model.ports import DesktopError
from tray_app.settings import private
from tray_app.settings.paths import APP

SIZES = (16, 22, 24, 32, 48, 64, 128)


def install(
    data: Path, command: Sequence[str], drawn: Callable[[int], Image.Image]
) -> list[Path]:
    """
    Write the entry that starts *command*, and its icon, below the *data* folder.

    *drawn* draws the icon at a size. Returns what was written.

    Raises:
        DesktopError: If it cannot be written.
    """
    entry, *icons = files(data)
    try:
        for size, path in zip(SIZES, icons, strict=True):
            private.make_missing(path.parent)
            private.make_file(path)
            drawn(size).save(path)
        private.make_missing(entry.parent)
        lines = desktop_entry(command).splitlines(keepends=True)
        text = "".join(line for line in lines if not line.startswith("X-GNOME-Auto"))
        private.write_text(entry, text)
    except OSError as exc:
        raise DesktopError(f"Cannot write {exc.filename}: {exc.strerror}") from exc
    return [entry, *icons]


def remove(data: Path) -> None:
    """Remove what `install` wrote. Raises DesktopError."""
    for path in files(data):
        try:
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
        except OSError as exc:
            raise DesktopError(f"Cannot remove {path}: {exc.strerror}") from exc


def files(data: Path) -> list[Path]:
    """Return where the entry and its icons are, below the *data* folder."""
    return [data / "applications" / f"{APP}.desktop", *_icons(data)]


def _icons(data: Path) -> Iterator[Path]:
    for size in SIZES:
        yield data / "icons" / "hicolor" / f"{size}x{size}" / "apps" / f"{APP}.png"

"""
Files that only the person may read, by their own mode, whatever the umask and folder.

On Windows the folders of a profile are private by inheritance, and modes mean nothing.
"""

import logging
import os
import stat
import sys
from pathlib import Path

log = logging.getLogger(__name__)

FOLDER, FILE = 0o700, 0o600


def make_folder(path: Path) -> None:
    """
    Make *path* and its parents, or close to others what was there. Raises OSError.

    A folder that is shared by design (with the sticky bit, as /tmp) stays as it is.
    """
    make_missing(path)
    close_to_others(path)


def make_missing(path: Path) -> None:
    """Make *path* and its parents where they are missing. Raises OSError."""
    for folder in reversed([path, *path.parents]):
        if not folder.exists():
            folder.mkdir(mode=FOLDER, exist_ok=True)


def make_file(path: Path) -> None:
    """Make *path* if it is missing; close it to others. Raises OSError."""
    if not path.exists():
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, FILE))
    close_to_others(path)


def make_database(path: Path) -> None:
    """Make the folder and the file of a SQLite database, which its log follows."""
    make_folder(path.parent)
    make_file(path)
    for suffix in ("-wal", "-shm"):
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            close_to_others(beside)


def write_text(path: Path, text: str) -> None:
    """Write *text* to *path*, whole or not at all. Raises OSError."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    new.replace(path)


def is_open_to_others(path: Path) -> bool:
    """Whether the mode of *path* lets anybody else use it; False if it is missing."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return sys.platform != "win32" and bool(mode & 0o077)


def close_to_others(path: Path) -> None:
    """Take all rights on *path* from others, unless it is shared by design."""
    if sys.platform == "win32":
        return
    status = path.stat()
    shared = status.st_mode & stat.S_ISVTX
    if status.st_uid == os.geteuid() and status.st_mode & 0o077 and not shared:
        try:
            path.chmod(stat.S_IMODE(status.st_mode) & FOLDER)
        except OSError as exc:  # a file system without modes, or read-only
            log.warning("%s stays open to others: %s", path, exc.strerror)

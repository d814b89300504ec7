"""The log: a file that cannot grow without end, and never holds a secret."""

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from tray_app.settings import private

NAME = "incident-tray.log"
LARGEST = 1_000_000
"""Bytes in one file; three older ones are kept."""
OLDER_FILES = 3
MASK = "***"

_SECRETS = (
    re.compile(r"(?i)\b(bearer|basic)\s+[^\s\"',;]+"),
    re.compile(r"(?i)(\bauthorization\W{1,4})[^\s\"',;]+"),
    re.compile(
        r"(?i)((?:api|access|secret)[_-]?(?:access[_-]?)?key(?:[_-]?id)?\W{1,4}"
        r"|(?:session|security|refresh|access|id)[_-]?token\W{1,4}"
        r"|\bpassword\W{1,4})[^\s\"',;&]+"
    ),
    re.compile(r"()\bcx[a-z]{2}_[A-Za-z0-9]{8,}"),
    re.compile(r"()\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    re.compile(r"()\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*"),
)
"""What a secret looks like: by what stands before it, or by its own form."""


class Redacting(logging.Formatter):
    """Blots secrets out of whole records: arguments and tracebacks as well."""

    def __init__(self, known: Sequence[str] = ()) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._known = tuple(secret for secret in known if secret)

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's text without any secret, its lines kept one a record."""
        return redacted(super().format(record), self._known)


class _OwnFile(RotatingFileHandler):
    """Rotates, and lets nobody but the person read any of the files."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            path,
            maxBytes=LARGEST,
            backupCount=OLDER_FILES,
            encoding="utf-8",
            errors="replace",
        )

    def _open(self) -> TextIOWrapper:
        private.make_file(Path(self.baseFilename))
        return super()._open()


def redacted(text: str, known: Sequence[str] = ()) -> str:
    """Return *text* with *known* secrets, and what looks like one, blotted out."""
    for secret in known:
        text = text.replace(secret, MASK)
    for pattern in _SECRETS:
        text = pattern.sub(_masked, text)
    return text


def start(
    folder: Path, *, verbose: bool = False, known: Sequence[str] = ()
) -> logging.Handler:
    """
    Log to a file in *folder* from now on; a folder that cannot be written is no reason
    to end, nor is a full disk later.
    """
    logging.raiseExceptions = False
    root = logging.getLogger()
    root.setLevel(logging.INFO if verbose else logging.WARNING)
    for package in ("tray_app", "incidents"):
        logging.getLogger(package).setLevel(logging.DEBUG if verbose else logging.INFO)
    try:
        private.make_folder(folder)
        handler: logging.Handler = _OwnFile(folder / NAME)
    except OSError:
        handler = logging.StreamHandler()
    handler.setFormatter(Redacting(known))
    root.addHandler(handler)
    return handler


@contextmanager
def writing(
    folder: Path, *, verbose: bool = False, known: Sequence[str] = ()
) -> Iterator[bool]:
    """Log as `start` does until the context ends; yield whether to a file."""
    handler = start(folder, verbose=verbose, known=known)
    try:
        yield isinstance(handler, RotatingFileHandler)
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()


def _masked(match: "re.Match[str]") -> str:
    before = match[1]
    gap = " " if before[-1:].isalpha() else ""
    return f"{before}{gap}{MASK}"

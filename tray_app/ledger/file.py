"""The ledger's file: its tables, and what its errors mean for the tray."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from incidents.errors import (
    AccessDeniedError,
    IncidentsError,
    StoreDamagedError,
    StoreError,
    StoreMissingError,
    StoreNewerError,
    StoreUnavailableError,
)
from incidents.stores.sqlite.file import Schema, SqliteFile
from tray_app.settings import private

TABLES = Schema(
    version=1,
    tables="""
CREATE TABLE IF NOT EXISTS kept (
  name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS feed (
  feed TEXT PRIMARY KEY, cursor INTEGER NOT NULL, epoch TEXT NOT NULL,
  waiting_since TEXT, owners TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS incident (
  feed TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (feed, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS change (
  feed TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL,
  at TEXT NOT NULL, kinds TEXT NOT NULL, text TEXT NOT NULL, outcome TEXT NOT NULL,
  rule TEXT NOT NULL, PRIMARY KEY (feed, epoch, seq)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS change_by_id ON change (id, at);
CREATE INDEX IF NOT EXISTS change_by_time ON change (at);
CREATE TABLE IF NOT EXISTS told (
  n INTEGER PRIMARY KEY, told TEXT NOT NULL UNIQUE, key TEXT NOT NULL,
  at TEXT NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL, state TEXT NOT NULL,
  reason TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS told_by_state ON told (state, n);
CREATE INDEX IF NOT EXISTS told_by_key ON told (key, n);
""",
)
"""`kept` holds JSON by name; `told` the notifications, and `told.told` their ids."""


class LedgerError(IncidentsError):
    """The ledger cannot be used; the text says what to do."""


class LedgerFullError(LedgerError):
    """Nothing can be read or written now: no space is left, or it is forbidden."""


class LedgerDamagedError(LedgerError):
    """The file is not a ledger, or no longer."""


def open_file(path: Path, *, check: bool = True) -> SqliteFile:
    """
    Open the ledger at *path*; create it, and its folder, if need be.

    *check* reads the whole file once and looks for damage.

    Raises:
        LedgerDamagedError: If what is there cannot be read as a ledger.
        LedgerFullError: If it cannot be written.
    """
    with translated(path):
        private.make_database(path)
        return SqliteFile(path, TABLES, check=check)


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Convert what the file and the system raise into a `LedgerError`."""
    try:
        yield
    except (AccessDeniedError, StoreMissingError, StoreUnavailableError) as exc:
        raise LedgerFullError(f"{exc}") from exc
    except OSError as exc:
        raise LedgerFullError(f"{path} cannot be written: {exc.strerror}.") from exc
    except StoreNewerError as exc:
        raise LedgerError(f"{exc}") from exc
    except StoreError as exc:
        raise _damaged(path) from exc


@contextmanager
def validated(path: Path) -> Iterator[None]:
    """Convert what reading a stored value raises into a `LedgerDamagedError`."""
    try:
        yield
    except (StoreDamagedError, ValueError, KeyError, TypeError) as exc:
        raise _damaged(path) from exc


def _damaged(path: Path) -> LedgerDamagedError:
    return LedgerDamagedError(
        f"{path} is damaged. The tray sets it aside when it starts, and begins a new "
        "one."
    )

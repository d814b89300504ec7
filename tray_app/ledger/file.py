"""The ledger's file: opened, checked, and set aside where it is damaged."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from incidents.errors import IncidentsError

SCHEMA = 1
BUSY = 5.0
"""Seconds to wait for the command line, which writes snoozes."""
ASIDE = "The tray sets it aside when it starts, and begins anew."

TABLES = """
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
"""


class LedgerError(IncidentsError):
    """The ledger cannot be used; the text says what to do."""


class LedgerFullError(LedgerError):
    """Nothing more can be written: no space is left, or writing is forbidden."""


class LedgerDamagedError(LedgerError):
    """The file is no ledger, or no more."""


def opened(path: Path) -> sqlite3.Connection:
    """
    Open the ledger at *path*, and make it where there is none.

    Raises:
        LedgerDamagedError: If what is there cannot be read as a ledger.
        LedgerFullError: If it cannot be written.
    """
    with translated(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        connection = sqlite3.connect(
            path, timeout=BUSY, isolation_level=None, check_same_thread=False
        )
        try:
            _prepared(connection, path)
        except (sqlite3.Error, LedgerError):
            connection.close()
            raise
        return connection


def _prepared(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    (schema,) = connection.execute("PRAGMA user_version").fetchone()
    if found != "ok" or schema > SCHEMA:
        raise LedgerDamagedError(f"{path} is damaged, or of a newer version. {ASIDE}")
    if schema < SCHEMA:
        connection.executescript(TABLES)
        connection.execute(f"PRAGMA user_version={SCHEMA}")


def set_aside(path: Path, now: datetime) -> Path:
    """
    Move the ledger at *path* out of the way; return where it is now.

    Raises:
        LedgerFullError: If it cannot be moved.
    """
    aside = path.with_name(f"{path.name}.damaged-{now:%Y%m%d-%H%M%S}")
    with translated(path):
        for suffix in ("", "-wal", "-shm"):
            file = path.with_name(path.name + suffix)
            if file.exists():
                file.replace(aside.with_name(aside.name + suffix))
    return aside


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Convert what SQLite and the system raise into what there is to do about it."""
    try:
        yield
    except sqlite3.OperationalError as exc:
        # "no such table" and "malformed" are ours; full, locked and read-only are not.
        if exc.sqlite_errorcode == sqlite3.SQLITE_ERROR:
            raise LedgerDamagedError(f"{path} is damaged: {exc}. {ASIDE}") from exc
        raise LedgerFullError(f"{path} cannot be written: {exc}.") from exc
    except sqlite3.DatabaseError as exc:
        raise LedgerDamagedError(f"{path} is damaged: {exc}. {ASIDE}") from exc
    except OSError as exc:
        raise LedgerFullError(f"{path} cannot be written: {exc.strerror}.") from exc

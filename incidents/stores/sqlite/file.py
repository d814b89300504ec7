"""One SQLite file: opened, checked, and its errors said in our words."""

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from incidents.errors import (
    AccessDeniedError,
    StoreDamagedError,
    StoreError,
    StoreMissingError,
    StoreNewerError,
    StoreUnavailableError,
)
from incidents.feeds import SCHEMA

_PATIENCE = 10.0
"""Seconds that one process waits for another one that writes."""

_TABLES = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS heads (
    feed TEXT PRIMARY KEY, head TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS changes (
    feed TEXT, seq INTEGER, epoch TEXT NOT NULL, ends INTEGER NOT NULL,
    change BLOB NOT NULL, PRIMARY KEY (feed, seq)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_end ON changes (ends);
CREATE TABLE IF NOT EXISTS states (
    feed TEXT, id TEXT, incident BLOB NOT NULL, PRIMARY KEY (feed, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sync (
    one INTEGER PRIMARY KEY CHECK (one = 1), status TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS users (
    uid TEXT PRIMARY KEY, user TEXT NOT NULL
) WITHOUT ROWID;
PRAGMA user_version = {SCHEMA};
COMMIT;
"""


class SqliteFile:
    """A connection that threads take turns at. Other processes may have theirs."""

    def __init__(self, path: Path) -> None:
        """
        Open the file *path*, made if need be.

        Raises:
            StoreDamagedError: If it is no file of ours: set it aside.
            StoreNewerError: If a newer version wrote it.
            StoreMissingError: If its folder is not there.
            AccessDeniedError: If it may not be written.
        """
        self._path = path
        self._lock = threading.Lock()
        with _translated(path):
            self._db = sqlite3.connect(
                path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
            )
        try:
            with _translated(path):
                self._prepare()
        except BaseException:
            self._db.close()
            raise

    def _prepare(self) -> None:
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA:
            raise StoreNewerError(
                f"{self._path} was written by a newer version (schema {version}, we "
                f"know {SCHEMA}): upgrade incident-tray."
            )
        self._db.execute("PRAGMA journal_mode = WAL")
        # A commit that was told of must outlast a power cut: the reader's cursor,
        # in another file, could be ahead of it otherwise.
        self._db.execute("PRAGMA synchronous = FULL")
        if version < SCHEMA:
            self._db.executescript(_TABLES)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give the connection for reads that see one moment of the file."""
        with self._transaction("BEGIN") as db:
            yield db

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give the connection for writes that are all made, or none."""
        with self._transaction("BEGIN IMMEDIATE") as db:
            yield db

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with self._lock, _translated(self._path):
            self._db.execute(begin)
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                # SQLite has rolled back by itself after some failures, a full disk
                # for one.
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close the file; further use is refused."""
        with self._lock:
            self._db.close()


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise _failure(error, path) from error


_FAILURES: Mapping[int, tuple[type[StoreError], str]] = {
    sqlite3.SQLITE_CORRUPT: (StoreDamagedError, "is damaged: set it aside"),
    sqlite3.SQLITE_NOTADB: (StoreDamagedError, "is no file of ours: set it aside"),
    sqlite3.SQLITE_FULL: (StoreUnavailableError, "is on a full disk: free some of it"),
    sqlite3.SQLITE_BUSY: (StoreUnavailableError, "is in use by another program"),
    sqlite3.SQLITE_LOCKED: (StoreUnavailableError, "is in use by another program"),
    sqlite3.SQLITE_IOERR: (StoreUnavailableError, "cannot be read or written now"),
    sqlite3.SQLITE_CANTOPEN: (StoreMissingError, "cannot be opened: make its folder"),
    sqlite3.SQLITE_READONLY: (AccessDeniedError, "may not be written: fix its rights"),
    sqlite3.SQLITE_PERM: (AccessDeniedError, "may not be opened: fix its rights"),
}
"""By SQLite's primary result codes, https://sqlite.org/rescode.html."""


def _failure(error: sqlite3.Error, path: Path) -> StoreError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    kind, what = _FAILURES.get(code, (StoreError, f"cannot be used ({name})"))
    return kind(f"The file {path} {what}.")

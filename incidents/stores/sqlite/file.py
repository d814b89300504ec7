"""One SQLite file: opened, checked, used in transactions, its errors translated."""

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from incidents.errors import (
    AccessDeniedError,
    StoreDamagedError,
    StoreError,
    StoreMissingError,
    StoreNewerError,
    StoreUnavailableError,
)

_BUSY_TIMEOUT = 10.0
"""Seconds that one process waits for another one that writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """The tables of a file."""

    version: int
    """Stored in the file as `user_version`; 0 is a file without tables."""
    tables: str
    """Statements that create what is missing."""


class SqliteFile:
    """
    A connection that threads take turns at; other processes may have their own.

    Every method raises a `StoreError` that says what to do.
    """

    def __init__(self, path: Path, schema: Schema, *, check: bool = True) -> None:
        """
        Open the file *path*; create it, and the tables of *schema*, if need be.

        *check* reads the whole file once and looks for damage. Without it, damage
        is noticed only where it is read.

        Raises:
            StoreDamagedError: If it is damaged or not a SQLite file: set it aside.
            StoreNewerError: If a newer version wrote it.
            StoreMissingError: If its folder is missing.
            AccessDeniedError: If it may not be written.
        """
        self._path = path
        self._lock = threading.Lock()
        with translated(path):
            self._db = sqlite3.connect(
                path,
                timeout=_BUSY_TIMEOUT,
                isolation_level=None,
                check_same_thread=False,
            )
        try:
            with translated(path):
                self._prepare(schema, check=check)
        except BaseException:
            self._db.close()
            raise

    def _prepare(self, schema: Schema, *, check: bool) -> None:
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version > schema.version:
            raise StoreNewerError(
                f"{self._path} was written by a newer version (schema {version}, we "
                f"know {schema.version}): upgrade incident-tray."
            )
        self._db.execute("PRAGMA journal_mode = WAL")
        # A commit that was reported must outlast a power cut: the reader's position,
        # in another file, could be ahead of it otherwise.
        self._db.execute("PRAGMA synchronous = FULL")
        if version < schema.version:
            self._db.executescript(
                f"BEGIN IMMEDIATE; {schema.tables}"
                f" PRAGMA user_version = {schema.version}; COMMIT;"
            )
        elif check:
            (result,) = self._db.execute("PRAGMA quick_check(1)").fetchone()
            if result != "ok":
                raise StoreDamagedError(f"The file {self._path} {_DAMAGED}.")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give the connection for reads that see one moment of the file."""
        with self._transaction("BEGIN") as db:
            yield db

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give the connection for writes that all happen, or none."""
        with self._transaction("BEGIN IMMEDIATE") as db:
            yield db

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with self._lock, translated(self._path):
            self._db.execute(begin)
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                # After some failures, such as a full disk, SQLite has rolled back by
                # itself.
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close the file. Idempotent; any other use is refused afterwards."""
        with self._lock:
            self._db.close()


def set_aside(path: Path, now: datetime) -> Path:
    """
    Rename the closed file *path*, with its log, after the time *now*.

    Returns where it is now.

    Raises:
        StoreUnavailableError: If it cannot be renamed.
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
    """Convert an error of SQLite or the system about *path* into one of ours."""
    try:
        yield
    except sqlite3.Error as error:
        raise _failure(error, path) from error
    except UnicodeDecodeError as error:  # SQLite quotes a damaged schema
        raise StoreDamagedError(f"The file {path} {_DAMAGED}.") from error
    except OSError as error:
        raise StoreUnavailableError(
            f"The file {path} cannot be used: {error.strerror}."
        ) from error


_DAMAGED = "is damaged: set it aside"
_BUSY = "is in use by another program"
_UNUSABLE = "cannot be read or written now"
_FAILURES: Mapping[int, tuple[type[StoreError], str]] = {
    sqlite3.SQLITE_CORRUPT: (StoreDamagedError, _DAMAGED),
    sqlite3.SQLITE_NOTADB: (StoreDamagedError, "is not a SQLite file: set it aside"),
    # Our statements are tested: what they do not fit is a table that is not ours.
    sqlite3.SQLITE_ERROR: (StoreDamagedError, _DAMAGED),
    sqlite3.SQLITE_CONSTRAINT: (StoreDamagedError, _DAMAGED),
    sqlite3.SQLITE_FULL: (StoreUnavailableError, "is on a full disk: free some of it"),
    sqlite3.SQLITE_BUSY: (StoreUnavailableError, _BUSY),
    sqlite3.SQLITE_LOCKED: (StoreUnavailableError, _BUSY),
    sqlite3.SQLITE_PROTOCOL: (StoreUnavailableError, _BUSY),
    sqlite3.SQLITE_IOERR: (StoreUnavailableError, _UNUSABLE),
    sqlite3.SQLITE_INTERRUPT: (StoreUnavailableError, _UNUSABLE),
    sqlite3.SQLITE_CANTOPEN: (StoreMissingError, "cannot be opened: make its folder"),
    sqlite3.SQLITE_READONLY: (AccessDeniedError, "may not be written: fix its rights"),
    sqlite3.SQLITE_PERM: (AccessDeniedError, "may not be opened: fix its rights"),
}
"""By SQLite's primary result codes, https://sqlite.org/rescode.html."""


def _failure(error: sqlite3.Error, path: Path) -> StoreError:
    # What Python's module refuses by itself has no code.
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    kind, what = _FAILURES.get(code, (StoreError, f"cannot be used ({name})"))
    return kind(f"The file {path} {what}.")

"""The feeds in one SQLite file: solo mode, on one machine."""

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from incidents.errors import ConflictError, StoreDamagedError
from incidents.feeds import (
    Commit,
    FeedId,
    FeedRow,
    FeedState,
    Head,
    PreviousWriter,
    Registry,
    SyncStatus,
    User,
    expiry,
)
from incidents.ports import Clock
from incidents.stores import codec, records
from incidents.stores.fence import (
    check_size,
    closed_version,
    conflict,
    is_taken,
    stands,
)
from incidents.stores.sqlite.file import SqliteFile
from incidents.stores.sqlite.tables import FEEDS


def _utc_now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  # the default clock of a root


class SqliteStore:
    """Reads and writes feeds, the status and the registry; any number of threads."""

    def __init__(
        self,
        path: Path | str,
        *,
        retention: timedelta = timedelta(days=30),
        clock: Clock = _utc_now,
    ) -> None:
        """
        Open the file *path*, made if need be, and keep changes for *retention*.

        Raises:
            StoreDamagedError: If it is damaged or not a SQLite file: set it aside.
            StoreNewerError: If a newer version wrote it.
            StoreMissingError: If its folder is not there.
            AccessDeniedError: If it may not be written.
        """
        self._retention = retention
        self._clock = clock
        self._file = SqliteFile(Path(path), FEEDS)

    def close(self) -> None:
        """Close the file. The store cannot be used afterwards."""
        self._file.close()

    def __enter__(self) -> Self:
        """Give the store itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self.close()

    # The status

    def status(self) -> SyncStatus:
        """Read the sync's status."""
        with self._file.reading() as db:
            return _status(db)

    def begin_write(self, writer: str) -> PreviousWriter:
        """Forget the digest, name the *writer*; return the one before."""
        with self._file.writing() as db:
            status = _status(db)
            _store_status(db, replace(status, digest="", writer=writer))
            return PreviousWriter.of(status)

    def write_status(self, status: SyncStatus) -> None:
        """
        Replace the status, the registry's version apart.

        Raises:
            ConflictError: If another sync has begun to write since.
        """
        with self._file.writing() as db:
            before = _status(db)
            if before.writer != status.writer:
                raise ConflictError("Another sync has begun to write since.")
            _store_status(db, replace(status, registry=before.registry))

    def clear_digest(self) -> None:
        """Forget the digest and the writer."""
        self.begin_write("")

    # Feeds

    def head(self, feed: FeedId) -> Head | None:
        """Read the head of *feed*."""
        with self._file.reading() as db:
            return _head(db, feed)

    def heads(self, feeds: Collection[FeedId]) -> Mapping[FeedId, Head]:
        """Read the heads of *feeds*, all at one moment."""
        with self._file.reading() as db:
            heads = {feed: _head(db, feed) for feed in feeds}
        return {feed: head for feed, head in heads.items() if head}

    def state(self, feed: FeedId) -> FeedState:
        """Read a feed's head and its open incidents, both at one moment."""
        with self._file.reading() as db:
            head = _head(db, feed)
            rows = db.execute("SELECT incident FROM states WHERE feed = ?", (feed,))
            incidents = [codec.unpack_incident(packed) for (packed,) in rows]
        return FeedState(head=head, incidents={state.id: state for state in incidents})

    def rows(
        self, feed: FeedId, after: int, *, limit: int = 100, strong: bool = False
    ) -> Sequence[FeedRow]:
        """Read at most *limit* changes after *after*; every read here is *strong*."""
        del strong
        with self._file.reading() as db:
            rows = db.execute(
                "SELECT seq, epoch, change FROM changes"
                " WHERE feed = ? AND seq > ? ORDER BY seq LIMIT ?",
                (feed, after, limit),
            )
            return [
                FeedRow(seq=seq, epoch=epoch, change=codec.unpack_change(packed))
                for seq, epoch, packed in rows
            ]

    def commit(self, commit: Commit) -> None:
        """
        Store one step, all or nothing. Idempotent.

        Raises:
            ConflictError: If the head is no longer what was expected.
            StoreUnavailableError: If it could not be done.
            ValueError: If the step is too large for any store.
        """
        check_size(commit)
        with self._file.writing() as db:
            self._take(db, commit)

    def _take(self, db: sqlite3.Connection, commit: Commit) -> bool:
        """Store *commit*; False if it is stored already."""
        current = _head(db, commit.feed)
        if is_taken(commit, current):
            return False
        if not stands(commit, current):
            raise conflict(current)
        self._store(db, commit)
        return True

    def _store(self, db: sqlite3.Connection, commit: Commit) -> None:
        feed, head = commit.feed, commit.head
        text = json.dumps(records.head_to_json(head))
        db.execute("INSERT OR REPLACE INTO heads VALUES (?, ?)", (feed, text))
        first = head.seq - len(commit.changes) + 1
        for seq, change in enumerate(commit.changes, first):
            ends = expiry(change.observed_at.date(), self._retention).timestamp()
            db.execute(
                "INSERT OR REPLACE INTO changes VALUES (?, ?, ?, ?, ?)",
                (feed, seq, head.epoch, int(ends), codec.pack_change(change)),
            )
        for incident in commit.puts:
            db.execute(
                "INSERT OR REPLACE INTO states VALUES (?, ?, ?)",
                (feed, codec.key(incident.id), codec.pack_incident(incident)),
            )
        for id_ in commit.deletes:
            db.execute(
                "DELETE FROM states WHERE feed = ? AND id = ?", (feed, codec.key(id_))
            )
        _expire(db, int(self._clock().timestamp()))

    # The registry

    def registry(self) -> Registry:
        """Read everybody, and the version, at one moment."""
        with self._file.reading() as db:
            version = _status(db).registry
            rows = db.execute("SELECT user FROM users ORDER BY uid").fetchall()
        users = tuple(records.user_from_json(_json(text)) for (text,) in rows)
        return Registry(version=version, users=users)

    def add_user(self, user: User) -> None:
        """Add *user*, or replace the user with the same uid."""
        text = json.dumps(records.user_to_json(user))
        with self._file.writing() as db:
            db.execute("INSERT OR REPLACE INTO users VALUES (?, ?)", (user.uid, text))
            _increment_version(db)

    def remove_user(self, uid: str, closing: Commit) -> None:
        """
        Remove the user *uid* and take the step *closing*, both or neither.

        Raises:
            ConflictError: If the feed's head or the registry has changed since.
        """
        check_size(closing)
        with self._file.writing() as db:
            if not self._take(db, closing):
                return
            if _status(db).registry != closed_version(closing) - 1:
                raise ConflictError("The registry has changed since.")
            db.execute("DELETE FROM users WHERE uid = ?", (uid,))
            _increment_version(db)


def _expire(db: sqlite3.Connection, now: int) -> None:
    """Delete what DynamoDB deletes by itself, by the time to live."""
    db.execute("DELETE FROM changes WHERE ends <= ?", (now,))
    ended = db.execute(
        "SELECT feed FROM heads WHERE json_extract(head, ?) <= ?",
        (f"$.{records.TTL}", now),
    ).fetchall()
    db.executemany("DELETE FROM states WHERE feed = ?", ended)
    db.executemany("DELETE FROM heads WHERE feed = ?", ended)


def _status(db: sqlite3.Connection) -> SyncStatus:
    row = db.execute("SELECT status FROM sync").fetchone()
    return records.status_from_json(_json(row[0])) if row else SyncStatus()


def _store_status(db: sqlite3.Connection, status: SyncStatus) -> None:
    text = json.dumps(records.status_to_json(status))
    db.execute("INSERT OR REPLACE INTO sync VALUES (1, ?)", (text,))


def _increment_version(db: sqlite3.Connection) -> None:
    """Increment the version by which the registry is cached."""
    status = _status(db)
    _store_status(db, replace(status, registry=status.registry + 1))


def _head(db: sqlite3.Connection, feed: FeedId) -> Head | None:
    row = db.execute("SELECT head FROM heads WHERE feed = ?", (feed,)).fetchone()
    return records.head_from_json(_json(row[0])) if row else None


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        raise StoreDamagedError("The store holds a row that is not ours.") from error

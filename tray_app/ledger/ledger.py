"""What was taken in, decided and told, kept so that a crash repeats and never loses."""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self, TypeVar

from incidents.feeds import FeedId
from incidents.follow import Position
from incidents.models import Incident, IncidentId, UserId
from incidents.stores.codec import incident_from_json
from tray_app.ledger import rows as ledger_rows
from tray_app.ledger import serialization
from tray_app.ledger.file import open_file, translated, validated
from tray_app.ledger.rows import DROPPED, SHOWN, WAITING, Step
from tray_app.model.memory import Memory
from tray_app.model.view import Notification

T = TypeVar("T")
RETENTION = timedelta(days=30)
"""How long history is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFeed:
    """What the ledger holds of one feed."""

    position: Position
    owners: frozenset[UserId]
    incidents: Mapping[IncidentId, Incident]


class Ledger:
    """The ledger at a path. One process writes; others may read, and write snoozes."""

    def __init__(self, path: Path, *, check: bool = True) -> None:
        """
        Open it; *check* reads the whole file once and looks for damage.

        Raises:
            LedgerDamagedError: If it cannot be read as a ledger.
            LedgerFullError: If it cannot be written.
        """
        self.path = path
        self._file = open_file(path, check=check)
        self._pruned: datetime | None = None
        self._memory = ""
        self._version = self._data_version()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file. Any number of times."""
        self._file.close()

    def accept(self, step: Step) -> frozenset[str]:
        """
        Take *step*: all of it or, where this raises, nothing.

        A change that was taken before, or a notification whose stable id is known,
        is passed over: taking a step twice is taking it once. Returns the stable ids
        that were known.

        Raises:
            LedgerError: If it could not be written.
        """
        memory = serialization.memories().dump_json(step.decided.memory).decode()
        with self.writing() as db:
            for feed, moved in step.feeds.items():
                ledger_rows.move(db, feed, moved)
            ledger_rows.withdraw(db, step)
            ledger_rows.decide(db, step)
            known = frozenset(
                notification.told
                for notification in step.decided.tell
                if not ledger_rows.wait(db, notification, step.at)
            )
            if memory != self._memory:
                ledger_rows.keep(db, "memory", memory)
            for name, value in step.kept.items():
                ledger_rows.keep(db, name, value)
            self._prune(db, step.at)
        self._memory = memory
        return known

    def waiting(self) -> list[Notification]:
        """Return what is to be told and has not been shown, the oldest first."""
        with self.reading() as db:
            found = db.execute(
                "SELECT body FROM told WHERE state = ? ORDER BY n", (WAITING,)
            )
            return [serialization.notification_from_json(body) for (body,) in found]

    def standing(self, most: int = 200) -> list[Notification]:
        """Return the newest of every key that the desktop may have, in its order."""
        with self.reading() as db:
            found = db.execute(
                "SELECT body FROM told WHERE n IN (SELECT max(n) FROM told"
                " WHERE state != ? GROUP BY key) ORDER BY n DESC LIMIT ?",
                (DROPPED, most),
            ).fetchall()
            return [
                serialization.notification_from_json(body)
                for (body,) in reversed(found)
            ]

    def shown(self, told: str) -> None:
        """Note that the desktop has taken the notification with the id *told*."""
        self._settle(told, SHOWN, "")

    def dropped(self, told: str, reason: str) -> None:
        """Note that it was not shown, and why."""
        self._settle(told, DROPPED, reason)

    def _settle(self, told: str, state: str, reason: str) -> None:
        with self.writing() as db:
            db.execute(
                "UPDATE told SET state = ?, reason = ? WHERE told = ?",
                (state, reason, told),
            )

    def keep(self, name: str, value: str) -> None:
        """Keep *value*, JSON, under *name*."""
        with self.writing() as db:
            ledger_rows.keep(db, name, value)

    def kept(self, name: str) -> str | None:
        """Return what was kept under *name*."""
        with self.reading() as db:
            found = db.execute("SELECT value FROM kept WHERE name = ?", (name,))
            row = found.fetchone()
        return str(row[0]) if row else None

    def read(self, name: str, parse: Callable[[str], T]) -> T | None:
        """
        Return the value *name* as *parse* reads it; None if there is none.

        Raises:
            LedgerDamagedError: If *parse* cannot read it.
        """
        text = self.kept(name)
        with validated(self.path):
            return None if text is None else parse(text)

    def memory(self) -> Memory:
        """Return what the policy remembers; a fresh one at the first start."""
        return self.read("memory", serialization.memories().validate_json) or Memory()

    def held(self) -> dict[FeedId, StoredFeed]:
        """Return where we stand in every feed, and what it held there."""
        with self.reading() as db:
            incidents: dict[str, dict[IncidentId, Incident]] = {}
            for feed, body in db.execute("SELECT feed, body FROM incident"):
                incident = incident_from_json(json.loads(body))
                incidents.setdefault(feed, {})[incident.id] = incident
            return {
                FeedId(feed): StoredFeed(
                    position=Position(
                        cursor=cursor,
                        epoch=epoch,
                        waiting_since=datetime.fromisoformat(since) if since else None,
                    ),
                    owners=frozenset(map(UserId, json.loads(owners))),
                    incidents=incidents.get(feed, {}),
                )
                for feed, cursor, epoch, since, owners in db.execute(
                    "SELECT feed, cursor, epoch, waiting_since, owners FROM feed"
                )
            }

    def changed(self) -> bool:
        """Whether another process has written since the last call, or the opening."""
        before, self._version = self._version, self._data_version()
        return self._version != before

    def _data_version(self) -> int:
        with self.reading() as db:
            return int(db.execute("PRAGMA data_version").fetchone()[0])

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give the connection for queries that see one moment. Raises LedgerError."""
        with (
            translated(self.path),
            self._file.reading() as db,
            validated(self.path),
        ):
            yield db

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give the connection for writes, all or none. Raises LedgerError."""
        with translated(self.path), self._file.writing() as db:
            yield db

    def _prune(self, db: sqlite3.Connection, now: datetime) -> None:
        if self._pruned is not None and now - self._pruned < timedelta(hours=6):
            return
        self._pruned = now
        oldest = ledger_rows.moment(now - RETENTION)
        db.execute("DELETE FROM change WHERE at < ?", (oldest,))
        db.execute("DELETE FROM told WHERE at < ? AND state != ?", (oldest, WAITING))

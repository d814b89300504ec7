"""The ledger: feeds, decisions and notifications, in one transaction a step."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
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
from tray_app.ledger.rows import SHOWN, SUMMED_UP, UNSEEN, WAITING, Step
from tray_app.ledger.serialization import StoredValue
from tray_app.model.memory import Memory
from tray_app.model.view import Notification

T = TypeVar("T")
RETENTION = timedelta(days=30)
"""How long changes and notifications stay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFeed:
    """What the ledger holds of one feed."""

    position: Position
    owners: frozenset[UserId]
    incidents: Mapping[IncidentId, Incident]


class Ledger:
    """The ledger at a path. The tray writes it; commands read it and write snoozes."""

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
        try:
            self._version = self._data_version()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. Idempotent."""
        self._file.close()

    def accept(self, step: Step) -> frozenset[str]:
        """
        Store all of *step* or, where this raises, nothing.

        Idempotent: a change or a notification whose stable id is stored already is
        skipped, and a step of which every change is stored withdraws nothing again.
        Returns the stable ids of the notifications that were skipped.

        Raises:
            LedgerError: If it could not be written.
        """
        memory = serialization.MEMORY.to_json(step.output.memory)
        with self.writing() as db:
            for feed, moved in step.feeds.items():
                ledger_rows.store_feed(db, feed, moved)
            if ledger_rows.store_verdicts(db, step):
                ledger_rows.withdraw_replaced(db, step)
            known = frozenset(
                notification.id
                for notification in step.output.tell
                if not ledger_rows.enqueue(db, notification, step.at)
            )
            if memory != self._memory:
                ledger_rows.put(db, serialization.MEMORY.name, memory)
            for name, text in step.values.items():
                ledger_rows.put(db, name, text)
            self._prune(db, step.at)
        self._memory = memory
        return known

    def waiting(self) -> list[Notification]:
        """Return the notifications that were not shown yet, the oldest first."""
        with self.reading() as db:
            rows = db.execute(
                "SELECT body FROM told WHERE state = ? ORDER BY n", (WAITING,)
            )
            return [serialization.notification_from_json(body) for (body,) in rows]

    def on_screen(self, limit: int = 200) -> list[Notification]:
        """Return the newest notification of every key that is or was on the screen."""
        with self.reading() as db:
            rows = db.execute(
                "SELECT body FROM told WHERE n IN (SELECT max(n) FROM told"
                " WHERE state NOT IN (?, ?, ?) GROUP BY key) ORDER BY n DESC LIMIT ?",
                (*UNSEEN, limit),
            ).fetchall()
            return [
                serialization.notification_from_json(body) for (body,) in reversed(rows)
            ]

    def shown(self, id_: str) -> None:
        """Store that the desktop has accepted the notification *id_*."""
        with self.writing() as db:
            ledger_rows.settle(db, id_, SHOWN)

    def summed_up(
        self, summary: Notification, ids: Iterable[str], at: datetime
    ) -> None:
        """Store that *summary* was shown, in place of the notifications *ids*."""
        with self.writing() as db:
            ledger_rows.enqueue(db, summary, at)
            ledger_rows.settle(db, summary.id, SHOWN)
            for id_ in ids:
                ledger_rows.settle(db, id_, SUMMED_UP, f"in “{summary.title}”")

    def put(self, name: str, text: str) -> None:
        """Store *text* under *name*."""
        with self.writing() as db:
            ledger_rows.put(db, name, text)

    def get(self, name: str) -> str | None:
        """Return the text that is stored under *name*; None if there is none."""
        with self.reading() as db:
            query = "SELECT value FROM kept WHERE name = ?"
            row = db.execute(query, (name,)).fetchone()
        return str(row[0]) if row else None

    def read(self, value: StoredValue[T]) -> T | None:
        """
        Return a stored value; None if there is none.

        Raises:
            LedgerDamagedError: If it cannot be read.
        """
        text = self.get(value.name)
        with validated(self.path):
            return None if text is None else value.from_json(text)

    def memory(self) -> Memory:
        """Return what the policy remembers; empty at the first start."""
        return self.read(serialization.MEMORY) or Memory()

    def feeds(self) -> dict[FeedId, StoredFeed]:
        """Return the position in every feed, and its open incidents there."""
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
        oldest = ledger_rows.time_text(now - RETENTION)
        db.execute("DELETE FROM change WHERE at < ?", (oldest,))
        db.execute("DELETE FROM told WHERE at < ? AND state != ?", (oldest, WAITING))

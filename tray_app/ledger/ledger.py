"""What was taken in, decided and told, kept so that a crash repeats and never loses."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self, TypeAlias

from incidents.errors import StoreDamagedError
from incidents.feeds import FeedId
from incidents.follow import Position
from incidents.models import Incident, IncidentId, UserId
from incidents.stores.codec import incident_from_json
from tray_app.ledger import rows as ledger_rows
from tray_app.ledger import serialization
from tray_app.ledger.file import LedgerDamagedError, LedgerError, opened, translated
from tray_app.ledger.rows import DROPPED, SHOWN, WAITING, Step
from tray_app.model.memory import Memory
from tray_app.model.view import Notification

Row: TypeAlias = tuple[Any, ...]
"""What SQLite answers: the columns asked for, typed by the schema alone."""
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

    def __init__(self, path: Path) -> None:
        """Open it. Raises LedgerDamagedError or LedgerFullError."""
        self.path = path
        self.connection = opened(path)
        self._pruned: datetime | None = None
        self._memory = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file. Any number of times."""
        self.connection.close()

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
        with self._transaction() as db:
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
        found = self.rows(
            "SELECT body FROM told WHERE state = ? ORDER BY n", (WAITING,)
        )
        with self._valid():
            return [serialization.notification_from_json(body) for (body,) in found]

    def standing(self, most: int = 200) -> list[Notification]:
        """Return the newest of every key that the desktop may have, in its order."""
        found = self.rows(
            "SELECT body FROM told WHERE n IN (SELECT max(n) FROM told"
            " WHERE state != ? GROUP BY key) ORDER BY n DESC LIMIT ?",
            (DROPPED, most),
        )
        with self._valid():
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
        with self._transaction() as db:
            db.execute(
                "UPDATE told SET state = ?, reason = ? WHERE told = ?",
                (state, reason, told),
            )

    def keep(self, name: str, value: str) -> None:
        """Keep *value*, JSON, under *name*."""
        with self._transaction() as db:
            ledger_rows.keep(db, name, value)

    def kept(self, name: str) -> str | None:
        """Return what was kept under *name*."""
        found = self.rows("SELECT value FROM kept WHERE name = ?", (name,))
        return str(found[0][0]) if found else None

    def memory(self) -> Memory:
        """Return what the policy remembers; a fresh one at the first start."""
        text = self.kept("memory")
        if text is None:
            return Memory()
        with self._valid():
            return serialization.memories().validate_json(text)

    def held(self) -> dict[FeedId, StoredFeed]:
        """Return where we stand in every feed, and what it held there."""
        with self._valid():
            result = {}
            for feed, cursor, epoch, since, owners in self.rows(
                "SELECT feed, cursor, epoch, waiting_since, owners FROM feed"
            ):
                result[FeedId(feed)] = StoredFeed(
                    position=Position(
                        cursor=cursor,
                        epoch=epoch,
                        waiting_since=datetime.fromisoformat(since) if since else None,
                    ),
                    owners=frozenset(map(UserId, json.loads(owners))),
                    incidents=self._incidents(feed),
                )
            return result

    def version(self) -> int:
        """Return a number that differs once another process has written."""
        ((version,),) = self.rows("PRAGMA data_version")
        return int(version)

    def _incidents(self, feed: str) -> dict[IncidentId, Incident]:
        rows = self.rows("SELECT body FROM incident WHERE feed = ?", (feed,))
        found = (incident_from_json(json.loads(body)) for (body,) in rows)
        return {incident.id: incident for incident in found}

    def rows(self, sql: str, values: tuple[object, ...] = ()) -> list[Row]:
        """Read rows. Raises LedgerError."""
        with translated(self.path):
            return self.connection.execute(sql, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with translated(self.path):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _valid(self) -> Iterator[None]:
        try:
            yield
        except LedgerError:
            raise
        except (StoreDamagedError, ValueError, KeyError, TypeError) as exc:
            raise LedgerDamagedError(f"{self.path} holds what cannot be read.") from exc

    def _prune(self, db: sqlite3.Connection, now: datetime) -> None:
        if self._pruned is not None and now - self._pruned < timedelta(hours=6):
            return
        self._pruned = now
        oldest = ledger_rows.moment(now - RETENTION)
        db.execute("DELETE FROM change WHERE at < ?", (oldest,))
        db.execute("DELETE FROM told WHERE at < ? AND state != ?", (oldest, WAITING))

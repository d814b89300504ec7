"""The rows that one transaction of the ledger writes."""

import json
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from incidents.feeds import FeedId
from incidents.follow import Position
from incidents.models import Incident, IncidentId, UserId
from incidents.stores.codec import incident_to_json
from tray_app.ledger import serialization
from tray_app.model.output import Output
from tray_app.model.view import Notification

WAITING, SHOWN = "waiting", "shown"
WITHDRAWN = "withdrawn"
"""Taken back, or replaced by a newer one, before it was shown."""
SUMMED_UP = "summed up"
"""It could not be shown for long; the summary that its reason names was shown."""
DROPPED = "dropped"
"""What 0.1.0 called a notification that was not shown. Only read."""
UNSEEN = (WITHDRAWN, SUMMED_UP, DROPPED)
"""The states of notifications that were never on the screen by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedStep:
    """One feed's new position, and how its open incidents differ."""

    position: Position
    owners: frozenset[UserId] = frozenset()
    puts: Mapping[IncidentId, Incident] = field(default_factory=dict)
    deletes: frozenset[IncidentId] = frozenset()
    replace_all: bool = False
    """Whether the puts are all its incidents: those stored before are deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Everything that is stored in one transaction."""

    at: datetime
    output: Output
    feeds: Mapping[FeedId, FeedStep] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    """Stored values that differ, as JSON by name."""


def store_feed(db: sqlite3.Connection, feed: FeedId, step: FeedStep) -> None:
    """Store a feed's position and how its open incidents differ."""
    position = step.position
    since = position.waiting_since
    if step.replace_all:
        _forget(db, feed, position.epoch)
    db.execute(
        "INSERT INTO feed VALUES (?, ?, ?, ?, ?) ON CONFLICT (feed) DO UPDATE SET"
        " cursor = excluded.cursor, epoch = excluded.epoch,"
        " waiting_since = excluded.waiting_since, owners = excluded.owners",
        (
            feed,
            position.cursor,
            position.epoch,
            since.isoformat() if since else None,
            json.dumps(sorted(step.owners)),
        ),
    )
    db.executemany(
        "DELETE FROM incident WHERE feed = ? AND id = ?",
        [(feed, id_) for id_ in step.deletes],
    )
    db.executemany(
        "INSERT INTO incident VALUES (?, ?, ?) ON CONFLICT (feed, id) DO UPDATE SET"
        " body = excluded.body",
        [
            (feed, id_, json.dumps(incident_to_json(incident)))
            for id_, incident in step.puts.items()
        ],
    )


def _forget(db: sqlite3.Connection, feed: FeedId, epoch: str) -> None:
    """Delete a feed's incidents; a new *epoch* uses its sequences, and ids, again."""
    db.execute("DELETE FROM incident WHERE feed = ?", (feed,))
    before = db.execute("SELECT epoch FROM feed WHERE feed = ?", (feed,)).fetchone()
    if before is not None and before[0] != epoch:
        db.execute(
            "UPDATE told SET told = told || '@' || ? WHERE told GLOB ? OR told GLOB ?",
            (before[0], f"{feed}:*", f"digest:{feed}:*"),
        )


def withdraw_replaced(db: sqlite3.Connection, step: Step) -> None:
    """Withdraw waiting notifications that *step* withdraws or replaces."""
    for notification in step.output.tell:
        # What is stored already has replaced what came before it, and no more.
        if not _is_stored(db, notification):
            _withdraw_waiting(db, notification.key)
    own = {notification.id for notification in step.output.tell}
    for key in step.output.withdraw:
        _withdraw_waiting(db, key, but=own)


def _is_stored(db: sqlite3.Connection, notification: Notification) -> bool:
    query = "SELECT 1 FROM told WHERE told = ?"
    return db.execute(query, (notification.id,)).fetchone() is not None


def _withdraw_waiting(
    db: sqlite3.Connection, key: str, *, but: Collection[str] = ()
) -> None:
    query = "SELECT told FROM told WHERE key = ? AND state = ?"
    waiting = [id_ for (id_,) in db.execute(query, (key, WAITING)) if id_ not in but]
    db.executemany(
        "UPDATE told SET state = ?, reason = 'overtaken' WHERE told = ?",
        [(WITHDRAWN, id_) for id_ in waiting],
    )


def store_verdicts(db: sqlite3.Connection, step: Step) -> bool:
    """Store the outcome of every change of *step*; False if all are stored already."""
    changes = step.output.changes
    added = db.executemany(
        "INSERT OR IGNORE INTO change VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                change.feed,
                step.feeds[change.feed].position.epoch
                if change.feed in step.feeds
                else "",
                change.seq,
                change.id,
                time_text(change.at),
                ", ".join(change.kinds),
                change.text,
                change.outcome,
                change.rule,
            )
            for change in changes
        ],
    )
    return not changes or added.rowcount > 0


def enqueue(db: sqlite3.Connection, notification: Notification, now: datetime) -> bool:
    """Store a notification to show; False if its stable id is stored already."""
    added = db.execute(
        "INSERT OR IGNORE INTO told (told, key, at, title, body, state, reason)"
        " VALUES (?, ?, ?, ?, ?, ?, '')",
        (
            notification.id,
            notification.key,
            time_text(now),
            notification.title,
            serialization.notification_to_json(notification),
            WAITING,
        ),
    )
    return added.rowcount > 0


def settle(db: sqlite3.Connection, id_: str, state: str, reason: str = "") -> None:
    """Store what became of the notification *id_*."""
    db.execute(
        "UPDATE told SET state = ?, reason = ? WHERE told = ?", (state, reason, id_)
    )


def put(db: sqlite3.Connection, name: str, text: str) -> None:
    """Store *text* under *name*."""
    db.execute(
        "INSERT INTO kept VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET"
        " value = excluded.value",
        (name, text),
    )


def time_text(moment: datetime) -> str:
    """Convert a time into text that sorts as time does."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")

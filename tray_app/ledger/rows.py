"""What one transaction of the ledger writes, row by row."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from incidents.feeds import FeedId
from incidents.follow import Position
from incidents.models import Incident, IncidentId, UserId
from incidents.stores.codec import incident_to_json
from tray_app.ledger import serialization
from tray_app.model.view import Notification
from tray_app.policy.verdicts import Decided

WAITING, SHOWN, DROPPED = "waiting", "shown", "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedStep:
    """How one feed has moved."""

    position: Position
    owners: frozenset[UserId] = frozenset()
    puts: Mapping[IncidentId, Incident] = field(default_factory=dict)
    deletes: frozenset[IncidentId] = frozenset()
    anew: bool = False
    """The puts are all there is: forget what was held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What is kept in one transaction: what came, what was decided, how far we are."""

    at: datetime
    decided: Decided
    feeds: Mapping[FeedId, FeedStep] = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)
    """Other things to keep, as JSON by name."""


def move(db: sqlite3.Connection, feed: FeedId, moved: FeedStep) -> None:
    """Note how a feed has moved, and what it holds now."""
    position = moved.position
    since = position.waiting_since
    if moved.anew:
        _begin_anew(db, feed, position.epoch)
    db.execute(
        "INSERT INTO feed VALUES (?, ?, ?, ?, ?) ON CONFLICT (feed) DO UPDATE SET"
        " cursor = excluded.cursor, epoch = excluded.epoch,"
        " waiting_since = excluded.waiting_since, owners = excluded.owners",
        (
            feed,
            position.cursor,
            position.epoch,
            since.isoformat() if since else None,
            json.dumps(sorted(moved.owners)),
        ),
    )
    db.executemany(
        "DELETE FROM incident WHERE feed = ? AND id = ?",
        [(feed, id_) for id_ in moved.deletes],
    )
    db.executemany(
        "INSERT INTO incident VALUES (?, ?, ?) ON CONFLICT (feed, id) DO UPDATE SET"
        " body = excluded.body",
        [
            (feed, id_, json.dumps(incident_to_json(incident)))
            for id_, incident in moved.puts.items()
        ],
    )


def _begin_anew(db: sqlite3.Connection, feed: FeedId, epoch: str) -> None:
    """Forget what the feed held; a new epoch uses its sequences, and ids, again."""
    db.execute("DELETE FROM incident WHERE feed = ?", (feed,))
    before = db.execute("SELECT epoch FROM feed WHERE feed = ?", (feed,)).fetchone()
    if before is not None and before[0] != epoch:
        db.execute(
            "UPDATE told SET told = told || '@' || ? WHERE told GLOB ? OR told GLOB ?",
            (before[0], f"{feed}:*", f"digest:{feed}:*"),
        )


def withdraw(db: sqlite3.Connection, step: Step) -> None:
    """What is taken back or replaced before it was shown is shown no more."""
    keys = [*step.decided.withdraw, *(one.key for one in step.decided.tell)]
    db.executemany(
        "UPDATE told SET state = ?, reason = 'overtaken' WHERE key = ? AND state = ?",
        [(DROPPED, key, WAITING) for key in keys],
    )


def decide(db: sqlite3.Connection, step: Step) -> None:
    """Note what became of every change."""
    db.executemany(
        "INSERT OR IGNORE INTO change VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                one.feed,
                step.feeds[one.feed].position.epoch if one.feed in step.feeds else "",
                one.seq,
                one.id,
                moment(one.at),
                ", ".join(one.kinds),
                one.text,
                one.outcome,
                one.rule,
            )
            for one in step.decided.verdicts
        ],
    )


def wait(db: sqlite3.Connection, notification: Notification, now: datetime) -> bool:
    """Put a notification in the queue; False if its stable id has ever been there."""
    added = db.execute(
        "INSERT OR IGNORE INTO told (told, key, at, title, body, state, reason)"
        " VALUES (?, ?, ?, ?, ?, ?, '')",
        (
            notification.told,
            notification.key,
            moment(now),
            notification.title,
            serialization.notification_to_json(notification),
            WAITING,
        ),
    )
    return added.rowcount > 0


def keep(db: sqlite3.Connection, name: str, value: str) -> None:
    """Keep *value* under *name*."""
    db.execute(
        "INSERT INTO kept VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET"
        " value = excluded.value",
        (name, value),
    )


def moment(moment: datetime) -> str:
    """Write a time so that text sorts as time does."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")

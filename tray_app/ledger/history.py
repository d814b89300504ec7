"""Read back what happened and what became of it: changes and notifications."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import TypeVar

from incidents.models import IncidentId
from tray_app.ledger.ledger import Ledger
from tray_app.ledger.rows import DROPPED, SUMMED_UP, WAITING, WITHDRAWN, time_text
from tray_app.ledger.serialization import notification_from_json
from tray_app.model.output import Disposition
from tray_app.model.state import RECENT, Recent
from tray_app.model.view import Notification
from tray_app.present.phrases import clock
from tray_app.present.reasons import OWN_FEED
from tray_app.present.safe_text import one_line


def recent(ledger: Ledger) -> tuple[Recent, ...]:
    """Return the newest changes, the newest first. Raises LedgerError."""
    with ledger.reading() as db:
        rows = db.execute(
            "SELECT at, id, text FROM change WHERE rule != ? ORDER BY at DESC, seq DESC"
            " LIMIT ?",
            (OWN_FEED, RECENT),
        )
        return tuple(
            Recent(at=datetime.fromisoformat(at), id=IncidentId(id_), text=text)
            for at, id_, text in rows
        )


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """One change, and what became of it; its fields are columns of `_CHANGES`."""

    feed: str
    seq: int
    id: str
    at: str
    kinds: str
    text: str
    outcome: str
    rule: str
    notification: str
    """The state of its own notification; empty if it has none."""


@dataclass(frozen=True, slots=True)
class NotificationRecord:
    """One notification, and whether it was shown; its fields are columns of `told`."""

    told: str
    key: str
    at: str
    title: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class ChangeOutcome:
    """One change with its own notification, if it has one."""

    feed: str
    seq: int
    kinds: str
    outcome: str
    rule: str
    title: str
    """Of the notification; empty if there is none."""
    state: str
    """Of the notification, as in `rows`; empty if there is none."""


_CHANGES = """(SELECT change.*, coalesce((SELECT state FROM told
  WHERE told.told = change.feed || ':' || change.seq), '') AS notification
  FROM change)"""
_NOT_SHOWN = {
    WAITING: "not shown yet",
    WITHDRAWN: "withdrawn before it was shown",
    SUMMED_UP: "summed up",
    DROPPED: "not shown",
}
R = TypeVar("R", ChangeRecord, NotificationRecord)


def line(record: ChangeRecord | NotificationRecord, now: datetime) -> str:
    """Return a change or a notification as one line of text."""
    when = clock(datetime.fromisoformat(record.at), now)
    match record:
        case ChangeRecord():
            why = one_line(record.rule)
            outcome = record.outcome
            if outcome == Disposition.NOTIFIED:  # so it was decided; was it shown?
                outcome = _NOT_SHOWN.get(record.notification, outcome)
            return f"{when}  {one_line(record.text)}  [{outcome}: {why}]"
        case NotificationRecord():
            why = f": {one_line(record.reason)}" if record.reason else ""
            return f"{when}  “{one_line(record.title)}”  [{record.state}{why}]"


def changes_since(ledger: Ledger, since: datetime) -> list[ChangeRecord]:
    """Return the changes since then, the newest first; of both feeds, once."""
    where = "WHERE at >= ? AND rule != ? ORDER BY at DESC"
    return _records(ledger, ChangeRecord, _CHANGES, where, time_text(since), OWN_FEED)


def changes_of(ledger: Ledger, id_: str) -> list[ChangeRecord]:
    """Return what happened to an incident, the oldest first."""
    return _records(
        ledger, ChangeRecord, _CHANGES, "WHERE id = ? ORDER BY at, seq", id_
    )


def notifications_since(ledger: Ledger, since: datetime) -> list[NotificationRecord]:
    """Return the notifications since then, the newest first."""
    where = "WHERE at >= ? ORDER BY n DESC"
    return _records(ledger, NotificationRecord, "told", where, time_text(since))


def notifications_of(ledger: Ledger, id_: str) -> list[NotificationRecord]:
    """Return the notifications about an incident, the oldest first."""
    where, key = "WHERE key = ? ORDER BY n", f"incident:{id_}"
    return _records(ledger, NotificationRecord, "told", where, key)


def notifications_after(ledger: Ledger, number: int) -> list[tuple[int, Notification]]:
    """Return the notifications after the one with that *number*, numbered."""
    with ledger.reading() as db:
        rows = db.execute("SELECT n, body FROM told WHERE n > ? ORDER BY n", (number,))
        return [(n, notification_from_json(body)) for n, body in rows]


def outcomes(ledger: Ledger) -> list[ChangeOutcome]:
    """Return every change with its own notification."""
    with ledger.reading() as db:
        rows = db.execute(
            "SELECT feed, seq, kinds, outcome, rule, coalesce(title, ''),"
            " coalesce(state, '') FROM change"
            " LEFT JOIN told ON told.told = change.feed || ':' || change.seq"
        )
        return [ChangeOutcome(*row) for row in rows]


def _records(
    ledger: Ledger, record: type[R], table: str, where: str, *values: str
) -> list[R]:
    columns = ", ".join(field.name for field in fields(record))
    with ledger.reading() as db:
        rows = db.execute(f"SELECT {columns} FROM {table} {where}", values)  # noqa: S608  # nosec  # our own names
        return [record(*row) for row in rows]

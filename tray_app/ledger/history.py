"""Read the newest changes back from the ledger, for the menu."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from incidents.models import IncidentId
from tray_app.ledger.file import translated
from tray_app.ledger.ledger import Ledger
from tray_app.ledger.rows import moment
from tray_app.model.state import RECENT, Recent
from tray_app.policy.gates import ELSEWHERE
from tray_app.present.phrases import clock
from tray_app.present.safe_text import one_line


def recent(ledger: Ledger) -> tuple[Recent, ...]:
    """Return the newest changes, the newest first. Raises LedgerError."""
    rows = ledger.rows(
        "SELECT at, id, text FROM change WHERE rule != ? ORDER BY at DESC, seq DESC"
        " LIMIT ?",
        (ELSEWHERE, RECENT),
    )
    return tuple(
        Recent(at=datetime.fromisoformat(at), id=IncidentId(id_), text=text)
        for at, id_, text in rows
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRecord:
    """One change, and what became of it."""

    feed: str
    seq: int
    id: str
    at: str
    kinds: str
    text: str
    outcome: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationRecord:
    """One notification, and whether it was shown."""

    told: str
    key: str
    at: str
    title: str
    state: str
    reason: str


_CHANGES = "SELECT feed, seq, id, at, kinds, text, outcome, rule FROM change"
_TOLD = "SELECT told, key, at, title, state, reason FROM told"


def line(one: ChangeRecord | NotificationRecord, now: datetime) -> str:
    """Return what happened, or was told, as a line."""
    when = clock(datetime.fromisoformat(one.at), now)
    match one:
        case ChangeRecord():
            why = one_line(one.rule)
            return f"{when}  {one_line(one.text)}  [{one.outcome}: {why}]"
        case NotificationRecord():
            why = f": {one_line(one.reason)}" if one.reason else ""
            return f"{when}  “{one_line(one.title)}”  [{one.state}{why}]"


def happened_since(ledger: Ledger, since: datetime) -> Iterator[ChangeRecord]:
    """Yield the changes since then, the newest first; what is mine, once."""
    where = " WHERE at >= ? AND rule != ? ORDER BY at DESC"
    yield from _happened(ledger, where, moment(since), ELSEWHERE)


def happened_to(ledger: Ledger, id_: str) -> Iterator[ChangeRecord]:
    """Yield what happened to an incident, the oldest first."""
    yield from _happened(ledger, " WHERE id = ? ORDER BY at, seq", id_)


def told_since(ledger: Ledger, since: datetime) -> Iterator[NotificationRecord]:
    """Yield the notifications since then, the newest first."""
    yield from _told(ledger, " WHERE at >= ? ORDER BY n DESC", moment(since))


def told_of(ledger: Ledger, id_: str) -> Iterator[NotificationRecord]:
    """Yield the notifications about an incident, the oldest first."""
    yield from _told(ledger, " WHERE key = ? ORDER BY n", f"incident:{id_}")


def _happened(ledger: Ledger, where: str, *values: str) -> Iterator[ChangeRecord]:
    names = ("feed", "seq", "id", "at", "kinds", "text", "outcome", "rule")
    with translated(ledger.path):
        for row in ledger.connection.execute(_CHANGES + where, values):
            yield ChangeRecord(**dict(zip(names, row, strict=True)))


def _told(ledger: Ledger, where: str, value: str) -> Iterator[NotificationRecord]:
    names = ("told", "key", "at", "title", "state", "reason")
    with translated(ledger.path):
        for row in ledger.connection.execute(_TOLD + where, (value,)):
            yield NotificationRecord(**dict(zip(names, row, strict=True)))

"""Heads, the status and users as plain JSON, and back."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from incidents.errors import StoreDamagedError
from incidents.feeds import SCHEMA, CloseReason, FeedClosure, Head, SyncStatus, User
from incidents.models import UserId
from incidents.stores.fields import Fields

TTL = "ttl"
"""The attribute that holds when an item expires, in seconds since 1970."""
_PROBLEM = 120
"""Characters of a problem's name, so that a status stays below one write unit."""
_VERSION = 40
"""And of a version."""


def head_to_json(head: Head) -> dict[str, object]:
    """Convert *head* into plain JSON."""
    return {
        "seq": head.seq,
        "rev": head.rev,
        "epoch": head.epoch,
        "writer": head.writer,
        "watermark": head.watermark.isoformat(),
        "digest": head.digest,
        "ready": head.ready,
        "owners": sorted(head.owners),
        "marks": _marks_to_text(head.marks),
        "v": head.schema,
        **_closed_to_json(head.closed),
    }


def head_from_json(data: object) -> Head:
    """
    Convert JSON back into the head.

    Raises:
        StoreDamagedError: If a field is missing or of another type.
        StoreNewerError: If a newer version wrote it.
    """
    fields = Fields(data, "a head")
    return Head(
        schema=fields.schema("v"),
        seq=fields.number("seq"),
        rev=fields.number("rev"),
        epoch=fields.text("epoch"),
        writer=fields.text("writer"),
        watermark=fields.moment("watermark"),
        digest=fields.text("digest", ""),
        ready=fields.flag("ready", default=True),
        owners=frozenset(map(UserId, fields.texts("owners"))),
        marks=_marks_from_text(fields.text("marks", "")),
        closed=_closed_from_json(fields),
    )


def _closed_to_json(closed: FeedClosure | None) -> dict[str, object]:
    """Convert *closed* into attributes of its head; none for an open feed."""
    if closed is None:
        return {}
    ends = {TTL: int(closed.ends.timestamp())} if closed.ends else {}
    return {
        "closed": closed.reason,
        "closed_at": closed.at.isoformat(),
        "closed_registry": closed.registry,
        **ends,
    }


def _closed_from_json(fields: Fields) -> FeedClosure | None:
    reason = fields.optional("closed")
    if reason is None:
        return None
    ends = fields.number(TTL, 0)
    try:
        return FeedClosure(
            reason=CloseReason(reason),
            at=fields.moment("closed_at"),
            registry=fields.number("closed_registry"),
            ends=datetime.fromtimestamp(ends, UTC) if ends else None,
        )
    except (ValueError, OverflowError, OSError) as error:
        raise StoreDamagedError("The store holds a head without a good end.") from error


def status_to_json(status: SyncStatus) -> dict[str, object]:
    """Convert *status* into plain JSON, its problem cut to a line."""
    return {
        "watermark": _iso(status.watermark),
        "attempted_at": _iso(status.attempted_at),
        "failures": status.failures,
        "problem": status.problem[:_PROBLEM],
        "open": status.open,
        "quarantined": status.quarantined,
        "scope": status.scope,
        "team": status.team,
        "interval": status.interval_seconds,
        "digest": status.digest,
        "writer": status.writer,
        "audited_at": _iso(status.audited_at),
        "doubt_until": _iso(status.doubt_until),
        "registry": status.registry,
        "retention": status.retention_days,
        "version": status.version[:_VERSION],
        "v": status.schema,
    }


def status_from_json(data: object) -> SyncStatus:
    """
    Convert JSON back into the status.

    Raises:
        StoreDamagedError: If a field is of another type.
        StoreNewerError: If a newer version wrote it.
    """
    fields = Fields(data, "a status")
    default = SyncStatus()
    return SyncStatus(
        schema=fields.schema("v"),
        watermark=fields.optional_moment("watermark"),
        attempted_at=fields.optional_moment("attempted_at"),
        failures=fields.number("failures", default.failures),
        problem=fields.text("problem", default.problem),
        open=fields.number("open", default.open),
        quarantined=fields.number("quarantined", default.quarantined),
        scope=fields.text("scope", default.scope),
        team=fields.text("team", default.team),
        interval_seconds=fields.number("interval", default.interval_seconds),
        digest=fields.text("digest", default.digest),
        writer=fields.text("writer", default.writer),
        audited_at=fields.optional_moment("audited_at"),
        doubt_until=fields.optional_moment("doubt_until"),
        registry=fields.number("registry", default.registry),
        retention_days=fields.number("retention", default.retention_days),
        version=fields.text("version", default.version),
    )


def user_to_json(user: User) -> dict[str, object]:
    """Convert *user* into plain JSON."""
    stored: dict[str, object] = {
        "uid": user.uid,
        "ids": sorted(user.ids),
        "name": user.name,
        "v": SCHEMA,
    }
    if user.spellings - user.ids:
        stored["spellings"] = sorted(user.spellings)
    return stored


def user_from_json(data: object) -> User:
    """
    Convert JSON back into the user.

    Raises:
        StoreDamagedError: If a field is missing or of another type.
        StoreNewerError: If a newer version wrote it.
    """
    fields = Fields(data, "a user")
    fields.schema("v")
    return User(
        uid=fields.text("uid"),
        ids=frozenset(map(UserId, fields.texts("ids"))),
        name=fields.text("name", ""),
        spellings=frozenset(map(UserId, fields.texts("spellings"))),
    )


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _marks_to_text(marks: tuple[tuple[date, int], ...]) -> str:
    """
    Write marks as steps from the one before: `2026-11-24:1 1:5 3:40`.

    A month of them takes 200 bytes, so that a head stays below one write unit.
    """
    words, day, seq = [], None, 0
    for next_day, next_seq in marks:
        step = next_day.isoformat() if day is None else str((next_day - day).days)
        words.append(f"{step}:{next_seq - seq}")
        day, seq = next_day, next_seq
    return " ".join(words)


def _marks_from_text(text: str) -> tuple[tuple[date, int], ...]:
    try:
        return tuple(_steps(text))
    except (ValueError, OverflowError) as error:
        raise StoreDamagedError("The store holds a head without good marks.") from error


def _steps(text: str) -> Iterator[tuple[date, int]]:
    day, seq = None, 0
    for word in text.split():
        step, more = word.split(":")
        day = date.fromisoformat(step) if day is None else day + timedelta(int(step))
        seq += int(more)
        yield day, seq

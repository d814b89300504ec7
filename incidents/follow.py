"""The reader's contract: contiguous or not at all, and what to do about a gap."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from incidents.feeds import FeedId, FeedRow, FeedState, Head, expired
from incidents.ports import FeedReader

PATIENCE = timedelta(minutes=2)
"""How long a gap may stand before what is missing is taken for lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a reader stands in one feed."""

    cursor: int
    """The last sequence it has dealt with."""
    epoch: str
    waiting_since: datetime | None = None
    """Since when there has been a gap right after the cursor."""


class ResyncReason(StrEnum):
    """Why a reader begins anew from the state."""

    FIRST = "first"
    """It has never read this feed: a baseline, not news."""
    EXPIRED = "expired"
    """It was away for longer than the retention."""
    RESTORED = "restored"
    """The table was restored or made anew."""
    LOST = "lost"
    """Rows that should be there are not. It should never happen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advanced:
    """The next changes, in order and without a gap; perhaps none."""

    position: Position
    rows: tuple[FeedRow, ...] = ()
    more: bool = False
    """There may be more right away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resynced:
    """The state to begin from, instead of the changes."""

    position: Position
    state: FeedState
    reason: ResyncReason


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedAbsent:
    """There is no such feed yet; the first sync that knows of it makes it."""


def follow(  # noqa: PLR0913  # the reader's whole contract in one place
    reader: FeedReader,
    feed: FeedId,
    position: Position | None,
    *,
    now: datetime,
    retention: timedelta = timedelta(days=30),
    limit: int = 100,
) -> Advanced | Resynced | FeedAbsent:
    """
    Take one step along *feed* from *position*; None for a first-time reader.

    Raises:
        StoreError: If the feed could not be read. The position still holds.
    """
    if position is None:
        return _resync(reader, feed, ResyncReason.FIRST)
    rows = reader.rows(feed, position.cursor, limit=limit)
    run = _run(rows, position, now, retention)
    if not run and rows:
        rows = reader.rows(feed, position.cursor, limit=limit, strong=True)
        run = _run(rows, position, now, retention)
    if run:
        return Advanced(
            position=Position(cursor=run[-1].seq, epoch=position.epoch),
            rows=run,
            more=len(rows) >= limit,
        )
    if rows:
        return _stuck(reader, feed, position, now, retention)
    return Advanced(position=replace(position, waiting_since=None))


def check(
    reader: FeedReader,
    feed: FeedId,
    position: Position,
    *,
    now: datetime,
    retention: timedelta = timedelta(days=30),
) -> Resynced | FeedAbsent | None:
    """
    Ask the head whether *position* still makes sense; None if it does.

    An idle look sees no rows either way, so this is worth one read now and then:
    at the start, and about once a sync interval.
    """
    head = reader.head(feed)
    if head is None:
        return FeedAbsent()
    reason = _verdict(head, position, now, retention)
    return _resync(reader, feed, reason) if reason else None


def _run(
    rows: Sequence[FeedRow], position: Position, now: datetime, retention: timedelta
) -> tuple[FeedRow, ...]:
    """Take the longest run from the cursor on that is contiguous and still good."""
    result: list[FeedRow] = []
    for expected, row in enumerate(rows, position.cursor + 1):
        if row.seq != expected or row.epoch != position.epoch:
            break
        if expired(row.change.observed_at.date(), now, retention):
            break
        result.append(row)
    return tuple(result)


def _stuck(
    reader: FeedReader,
    feed: FeedId,
    position: Position,
    now: datetime,
    retention: timedelta,
) -> Advanced | Resynced | FeedAbsent:
    """Find out why what follows the cursor cannot be taken."""
    verdict = check(reader, feed, position, now=now, retention=retention)
    if verdict is not None:
        return verdict
    since = position.waiting_since or now
    if now - since >= PATIENCE:
        return _resync(reader, feed, ResyncReason.LOST)
    return Advanced(position=replace(position, waiting_since=since))


def _verdict(
    head: Head, position: Position, now: datetime, retention: timedelta
) -> ResyncReason | None:
    if head.epoch != position.epoch or head.seq < position.cursor:
        return ResyncReason.RESTORED
    if position.cursor < head.seq and position.cursor + 1 < head.oldest(now, retention):
        return ResyncReason.EXPIRED
    return None


def _resync(
    reader: FeedReader, feed: FeedId, reason: ResyncReason
) -> Resynced | FeedAbsent:
    state = reader.state(feed)
    if state.head is None or not state.head.ready:
        return FeedAbsent()
    return Resynced(
        position=Position(cursor=state.head.seq, epoch=state.head.epoch),
        state=state,
        reason=reason,
    )

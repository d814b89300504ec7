"""One look along the feeds, and the thread that looks."""

import logging
import queue
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias

from incidents.errors import IncidentsError, StoreError
from incidents.feeds import FeedId, FeedRow, SyncStatus
from incidents.follow import (
    Advanced,
    FeedAbsent,
    Position,
    Resynced,
    ResyncReason,
    check,
    follow,
)
from incidents.models import Incident, IncidentId, UserId
from incidents.ports import Clock, FeedReader
from tray_app.model.ports import DesktopError

log = logging.getLogger(__name__)
PAGE = 100
MOST = 50
"""Pages of one feed in one look; the rest comes with the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PollRequest:
    """What to look at."""

    positions: Mapping[FeedId, Position | None]
    """Where we stand; None before the first look."""
    heads: bool = False
    """Whether to make sure that the feeds are still the same ones."""
    status: bool = True
    retention: timedelta = timedelta(days=30)
    """For how long changes are kept, as far as is known; a status read says it."""
    anew: bool = False
    """Whether to build the connection again: after a sleep, or a refusal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRead:
    """What one feed had."""

    position: Position | None
    """None: there is no such feed yet."""
    rows: tuple[FeedRow, ...] = ()
    state: Mapping[IncidentId, Incident] | None = None
    """All that is open, where reading began anew."""
    reason: ResyncReason | None = None
    owners: frozenset[UserId] | None = None
    """Ownership feed it is, where that was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """A good look: at least one feed answered."""

    status: SyncStatus | None
    feeds: Mapping[FeedId, FeedRead]
    errors: Mapping[FeedId, StoreError] = field(default_factory=dict)
    """The feeds that could not be read."""


@dataclass(frozen=True, slots=True)
class PollFailed:
    """Nothing could be read."""

    error: IncidentsError | DesktopError


class Source(Protocol):
    """Where feeds are read; what is behind it may be built anew."""

    def refresh(self) -> None:
        """Bring the feeds up to date, where that is our own work. Raises."""
        ...

    def reader(self, *, anew: bool) -> FeedReader:
        """Return the reader, or a new one. Raises SettingsError, StoreError."""
        ...

    def close(self) -> None:
        """Close what is open. Called once, at the end, on the thread that reads."""
        ...


Heard: TypeAlias = Callable[[Polled | PollFailed], None]


def look(reader: FeedReader, ask: PollRequest, now: datetime) -> Polled:
    """
    Read the status, then what is new in every feed.

    The status first: what it says to be reflected is then in what is read after it.

    Raises:
        StoreError: If not even one feed could be read.
    """
    status = reader.status() if ask.status else None
    if status is not None:
        ask = replace(ask, retention=status.retention)
    feeds: dict[FeedId, FeedRead] = {}
    errors: dict[FeedId, StoreError] = {}
    for feed, position in ask.positions.items():
        try:
            feeds[feed] = _feed(reader, feed, position, ask, now)
        except StoreError as error:
            errors[feed] = error
    if errors and not feeds:
        raise next(iter(errors.values()))
    return Polled(status=status, feeds=feeds, errors=errors)


def _feed(
    reader: FeedReader,
    feed: FeedId,
    position: Position | None,
    ask: PollRequest,
    now: datetime,
) -> FeedRead:
    owners = None
    if ask.heads and position is not None:
        head = reader.head(feed)
        owners = head.owners if head is not None else None
        verdict = check(reader, feed, position, now=now, retention=ask.retention)
        if verdict is not None:
            return _begun(verdict)
    rows: list[FeedRow] = []
    for _ in range(MOST):
        step = follow(
            reader, feed, position, now=now, retention=ask.retention, limit=PAGE
        )
        if not isinstance(step, Advanced):
            # What was read before the feed began anew is in its state, or void.
            return _begun(step)
        rows += step.rows
        position = step.position
        if not step.more:
            break
    return FeedRead(position=position, rows=tuple(rows), owners=owners)


def _begun(found: Resynced | FeedAbsent) -> FeedRead:
    if isinstance(found, FeedAbsent):
        return FeedRead(position=None)
    head = found.state.head
    return FeedRead(
        position=found.position,
        state=found.state.incidents,
        reason=found.reason,
        owners=head.owners if head is not None else frozenset(),
    )


class Poller:
    """Looks when asked to, one look at a time, on a thread of its own."""

    def __init__(self, source: Source, clock: Clock, heard: Heard) -> None:
        self._source, self._clock, self._heard = source, clock, heard
        self._asked: queue.SimpleQueue[PollRequest | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="poll", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def ask(self, ask: PollRequest) -> None:
        """Look as *ask* says; the answer goes to `heard`, on the other thread."""
        self._asked.put(ask)

    def stop(self) -> None:
        """Look no more; a look under way is left to end with the process."""
        self._asked.put(None)
        self._thread.join(0.5)

    def _run(self) -> None:
        with closing(self._source):
            self._answer_requests()

    def _answer_requests(self) -> None:
        while (ask := self._asked.get()) is not None:
            try:
                self._source.refresh()
                reader = self._source.reader(anew=ask.anew)
                answer: Polled | PollFailed = look(reader, ask, self._clock())
            except (IncidentsError, DesktopError) as error:
                answer = PollFailed(error)
            except Exception:
                # A mistake of ours: said, and tried again, rather than never heard of.
                log.exception("a look failed")
                answer = PollFailed(StoreError("Reading failed; the log says why."))
            self._heard(answer)

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
from incidents.feeds import CloseReason, FeedId, FeedRow, Head, SyncStatus
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
    registry: int | None = None
    """The version by which the heads were last read; another one reads them again."""
    reconnect: bool = False
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
    """Ownership feed it is, where its head was read."""
    closed: CloseReason | None = None
    """Why nobody writes it any more, where its head was read and says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """What was read: at least one feed answered."""

    status: SyncStatus | None
    feeds: Mapping[FeedId, FeedRead]
    errors: Mapping[FeedId, StoreError] = field(default_factory=dict)
    """The feeds that could not be read."""


@dataclass(frozen=True, slots=True)
class PollFailed:
    """Nothing could be read."""

    error: IncidentsError | DesktopError


class Source(Protocol):
    """Where feeds are read."""

    def refresh(self) -> None:
        """Bring the feeds up to date, where that is our own work. Raises."""
        ...

    def reader(self, *, reconnect: bool) -> FeedReader:
        """Return the reader, or a new one. Raises SettingsError, StoreError."""
        ...

    def close(self) -> None:
        """Close what is open. Called once, at the end, on the thread that reads."""
        ...


OnPolled: TypeAlias = Callable[[Polled | PollFailed], None]


def look(reader: FeedReader, request: PollRequest, now: datetime) -> Polled:
    """
    Read the status, then what is new in every feed.

    The status first: what it says to be reflected is then in what is read after it.

    Raises:
        StoreError: If not even one feed could be read.
    """
    status = reader.status() if request.status else None
    if status is not None:
        heads = request.heads or status.registry != request.registry
        request = replace(request, retention=status.retention, heads=heads)
    feeds: dict[FeedId, FeedRead] = {}
    errors: dict[FeedId, StoreError] = {}
    for feed, position in request.positions.items():
        try:
            feeds[feed] = _feed(reader, feed, position, request, now)
        except StoreError as error:
            errors[feed] = error
    if errors and not feeds:
        raise next(iter(errors.values()))
    return Polled(status=status, feeds=feeds, errors=errors)


def _feed(
    reader: FeedReader,
    feed: FeedId,
    position: Position | None,
    request: PollRequest,
    now: datetime,
) -> FeedRead:
    owners = closed = None
    if request.heads and position is not None:
        head = reader.head(feed)
        owners = head.owners if head is not None else None
        closed = _reason(head)
        verdict = check(reader, feed, position, now=now, retention=request.retention)
        if verdict is not None:
            return _restarted(verdict)
    rows: list[FeedRow] = []
    for _ in range(MOST):
        step = follow(
            reader, feed, position, now=now, retention=request.retention, limit=PAGE
        )
        if not isinstance(step, Advanced):
            # The rows read so far are in the state of the new feed, or void.
            return _restarted(step)
        rows += step.rows
        position = step.position
        if not step.more:
            break
    return FeedRead(position=position, rows=tuple(rows), owners=owners, closed=closed)


def _restarted(restart: Resynced | FeedAbsent) -> FeedRead:
    if isinstance(restart, FeedAbsent):
        return FeedRead(position=None)
    head = restart.state.head
    return FeedRead(
        position=restart.position,
        state=restart.state.incidents,
        reason=restart.reason,
        owners=head.owners if head is not None else frozenset(),
        closed=_reason(head),
    )


def _reason(head: Head | None) -> CloseReason | None:
    return head.closed.reason if head is not None and head.closed else None


class Poller:
    """Reads the feeds on request, one request at a time, on its own thread."""

    def __init__(self, source: Source, clock: Clock, on_polled: OnPolled) -> None:
        self._source, self._clock, self._on_polled = source, clock, on_polled
        self._requests: queue.SimpleQueue[PollRequest | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="poll", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def poll(self, request: PollRequest) -> None:
        """Queue *request*; `on_polled` gets the answer on the thread of the poller."""
        self._requests.put(request)

    def stop(self) -> None:
        """Stop reading; a read under way ends with the process."""
        self._requests.put(None)
        self._thread.join(0.5)

    def _run(self) -> None:
        with closing(self._source):
            self._answer_requests()

    def _answer_requests(self) -> None:
        while (request := self._requests.get()) is not None:
            try:
                self._source.refresh()
                reader = self._source.reader(reconnect=request.reconnect)
                answer: Polled | PollFailed = look(reader, request, self._clock())
            except (IncidentsError, DesktopError) as error:
                answer = PollFailed(error)
            except Exception:
                # A mistake of ours: shown, and tried again, rather than lost.
                log.exception("reading failed")
                answer = PollFailed(StoreError("Reading failed; the log says why."))
            self._on_polled(answer)

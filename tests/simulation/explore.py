"""Visits every state that two syncs, a reader and a crash can lead to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from incidents.diff import replay
from incidents.feeds import FeedId, FeedRow, FeedState, Head, SyncStatus
from incidents.follow import Advanced, Position, Resynced, follow
from incidents.models import Incident, IncidentId
from incidents.sync.audience import Audience, Scope
from tests.simulation.model import (
    ALICE,
    FEEDS,
    LATER,
    START,
    VERSIONS,
    Answers,
    Moment,
    Request,
    Writer,
    answered,
    begun,
    copied,
    ran,
)
from tests.simulation.table import Table

FEED = FEEDS[0]
"""The one that is read."""


@dataclass(frozen=True, slots=True)
class Running:
    """A sync: the answers so far, and a short name for them."""

    answers: Answers = ()
    key: tuple[int, ...] = ()
    dead: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A reader: what is on its disk, and what was on its screen."""

    position: Position | None = None
    pending: tuple[int, ...] = ()
    shown: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """One state of everything there is."""

    table: Table
    held: int
    """A short name for what the table holds."""
    version: int = 0
    started: int = 0
    writers: tuple[Running, Running] = (Running(), Running())
    reading: Reading = field(default_factory=Reading)
    crashes: int = 1
    """How many may still happen."""

    @property
    def now(self) -> datetime:
        """Time passes whenever a sync begins."""
        return START + timedelta(minutes=1, seconds=self.started)


@dataclass(slots=True)
class View:
    """What a query shows of a table, with or without a racing commit's rows."""

    table: Table
    hides: bool

    def status(self) -> SyncStatus:
        return self.table.status

    def head(self, feed: FeedId) -> Head | None:
        return self.table.heads.get(feed)

    def rows(
        self, feed: FeedId, after: int, *, limit: int = 100, strong: bool = False
    ) -> Sequence[FeedRow]:
        del strong  # even a strong query is only read-committed
        hidden = self.table.hidden.get(feed, frozenset()) if self.hides else frozenset()
        rows = self.table.rows.get(feed, {})
        return [rows[n] for n in sorted(rows) if n > after and n not in hidden][:limit]

    def state(self, feed: FeedId) -> FeedState:
        held = dict(self.table.states.get(feed, {}))
        return FeedState(head=self.head(feed), incidents=held)


@dataclass(slots=True)
class Exploration:
    """Counts what it visits and remembers where it has been."""

    writers: tuple[Writer, Writer] = field(
        default_factory=lambda: (Writer("a"), Writer("b"))
    )
    visited: set[tuple[object, ...]] = field(default_factory=set)
    names: dict[str, int] = field(default_factory=dict)
    steps: dict[tuple[object, ...], tuple[Table, int, Running]] = field(
        default_factory=dict
    )
    closed: dict[tuple[int, int, timedelta], Table | None] = field(default_factory=dict)
    ends: int = 0

    def explore(self) -> None:
        """Visit everything; raises AssertionError where the promise breaks."""
        table = begun()
        todo = [Place(table, self._held(table))]
        while todo:
            place = todo.pop()
            key = self._key(place)
            if key in self.visited:
                continue
            self.visited.add(key)
            following = list(self._after(place))
            todo += following
            if place.version == len(VERSIONS) - 1 and not self._busy(place):
                self.ends += 1
                self._end(place)

    def _after(self, place: Place) -> Iterator[Place]:
        if place.version < len(VERSIONS) - 1:
            yield replace(place, version=place.version + 1)
        for number in (0, 1):
            yield from self._writes(place, number)
        yield from self._reads(place)

    def _writes(self, place: Place, number: int) -> Iterator[Place]:
        running = place.writers[number]
        if running.dead or not self._next(running, number):
            return
        key = (number, running.key, place.held, place.version, place.started)
        if key not in self.steps:
            self.steps[key] = self._step(place, number)
        table, held, further = self.steps[key]
        yield replace(
            place,
            table=table,
            held=held,
            started=place.started + (not running.answers),
            writers=_with(place.writers, number, further),
        )
        if place.crashes and running.answers:
            yield replace(
                place,
                writers=_with(place.writers, number, Running(dead=True)),
                crashes=0,
            )

    def _step(self, place: Place, number: int) -> tuple[Table, int, Running]:
        """Let the next request of a writer happen."""
        running = place.writers[number]
        request = self._next(running, number)
        assert request
        at = Moment(copied(place.table), VERSIONS[place.version], place.now)
        answer = answered(request, at)
        further = Running(
            answers=(*running.answers, answer),
            key=(*running.key, self._name(repr(answer))),
        )
        return at.table, self._held(at.table), further

    def _reads(self, place: Place) -> Iterator[Place]:
        reading = place.reading
        if reading.pending:
            first, *rest = reading.pending
            assert first not in reading.shown
            shown = replace(reading, pending=tuple(rest), shown=(*reading.shown, first))
            yield replace(place, reading=shown)
            if place.crashes:
                # Shown, and not written down: shown again over itself.
                yield replace(place, crashes=0)
            return
        for hides in (False, True):
            yield replace(place, reading=_polled(place, hides=hides))

    def _end(self, place: Place) -> None:
        """Let one more sync run and the reader catch up; then all must agree."""
        soon = self._closed(place, timedelta(minutes=2))
        if soon is None:
            assert place.crashes == 0, "nothing crashed, and a feed differs"
        table = soon or self._closed(place, LATER)
        assert table, "a feed differs from the truth even after a comparison"
        reading, before = place.reading, None
        while reading != before:
            before = reading
            reading = replace(
                reading, pending=(), shown=(*reading.shown, *reading.pending)
            )
            reading = _polled(replace(place, table=table, reading=reading), hides=False)
        assert reading.shown == tuple(range(1, table.heads[FEED].seq + 1))

    def _closed(self, place: Place, wait: timedelta) -> Table | None:
        key = (place.held, place.started, wait)
        if key not in self.closed:
            table = copied(place.table)
            ran(Writer("last"), Moment(table, VERSIONS[-1], place.now + wait))
            wanted = Audience.of(Scope.TEAM, "ops", [ALICE]).split(VERSIONS[-1])
            self.closed[key] = table if table.states == wanted else None
            for feed in FEEDS:
                _assert_chained(table, feed)
        return self.closed[key]

    def _busy(self, place: Place) -> bool:
        return any(
            not one.dead and self._next(one, number)
            for number, one in enumerate(place.writers)
        )

    def _next(self, running: Running, number: int) -> Request | None:
        return self.writers[number].next(running.key, running.answers)

    def _key(self, place: Place) -> tuple[object, ...]:
        return (
            place.held,
            place.version,
            place.started,
            tuple((one.key, one.dead) for one in place.writers),
            place.reading,
            place.crashes,
        )

    def _held(self, table: Table) -> int:
        return self._name(repr((table.status, table.heads, table.rows, table.hidden)))

    def _name(self, text: str) -> int:
        return self.names.setdefault(text, len(self.names))


def _with(
    pair: tuple[Running, Running], number: int, one: Running
) -> tuple[Running, Running]:
    return (one, pair[1]) if number == 0 else (pair[0], one)


def _polled(place: Place, *, hides: bool) -> Reading:
    """Take one step along the feed, as `incidents.follow` does."""
    reading = place.reading
    step = follow(View(place.table, hides), FEED, reading.position, now=place.now)
    if isinstance(step, Advanced):
        seqs = tuple(row.seq for row in step.rows)
        position = replace(step.position, waiting_since=None)
        return replace(reading, position=position, pending=seqs)
    assert isinstance(step, Resynced)
    assert reading.position is None, "nothing was lost, and the reader begins anew"
    # The baseline has no changes: whatever came since is told, or is in the state.
    seen = tuple(range(1, step.position.cursor + 1))
    return replace(reading, position=step.position, shown=seen)


def _assert_chained(table: Table, feed: FeedId) -> None:
    """Every row must begin where the rows before it end."""
    rows = table.rows.get(feed, {})
    assert sorted(rows) == list(range(1, table.heads[feed].seq + 1))
    truth = Audience.of(Scope.TEAM, "ops", [ALICE]).split(VERSIONS[0])
    held: dict[IncidentId, Incident] = dict(truth[feed])
    for seq in sorted(rows):
        change = rows[seq].change
        assert held.get(change.incident.id) == change.before
        held = replay(held, [change])

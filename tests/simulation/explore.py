"""Visit every state that two syncs, a reader and a crash can lead to."""

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
    START,
    VERSIONS,
    Answers,
    Moment,
    Request,
    Writer,
    apply_request,
    baseline_table,
    copy_table,
    run_alone,
)
from tests.simulation.table import Table

NEXT = timedelta(minutes=2)
"""How long after the end the next sync runs."""
FEED = FEEDS[0]
"""The feed that the reader follows."""


@dataclass(frozen=True, slots=True)
class SyncProgress:
    """A sync: the answers so far, and a short key for them."""

    answers: Answers = ()
    key: tuple[int, ...] = ()
    crashed: bool = False


@dataclass(frozen=True, slots=True)
class ReaderProgress:
    """A reader: its disk, and the sequences shown on its screen."""

    position: Position | None = None
    pending: tuple[int, ...] = ()
    shown: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SystemState:
    """One state of the table, the syncs and the reader."""

    table: Table
    table_id: int
    """A number for the table's content."""
    version: int = 0
    started: int = 0
    writers: tuple[SyncProgress, SyncProgress] = (SyncProgress(), SyncProgress())
    reader: ReaderProgress = field(default_factory=ReaderProgress)
    crashes: int = 1
    """How many crashes may still happen."""

    @property
    def now(self) -> datetime:
        """The time; each start of a sync advances it."""
        return START + timedelta(minutes=1, seconds=self.started)


@dataclass(slots=True)
class TableView:
    """A table as queries see it, with or without the rows of a commit at that time."""

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
        incidents = dict(self.table.states.get(feed, {}))
        return FeedState(head=self.head(feed), incidents=incidents)


@dataclass(slots=True)
class Exploration:
    """Visits states once, and counts them."""

    writers: tuple[Writer, Writer] = field(
        default_factory=lambda: (Writer("a"), Writer("b"))
    )
    visited: set[tuple[object, ...]] = field(default_factory=set)
    names: dict[str, int] = field(default_factory=dict)
    steps: dict[tuple[object, ...], tuple[Table, int, SyncProgress]] = field(
        default_factory=dict
    )
    settled: dict[tuple[int, int], Table | None] = field(default_factory=dict)
    ends: int = 0

    def explore(self) -> None:
        """Visit all states. Raises AssertionError if one breaks the promise."""
        table = baseline_table()
        pending_states = [SystemState(table, self._table_id(table))]
        while pending_states:
            state = pending_states.pop()
            key = self._key(state)
            if key in self.visited:
                continue
            self.visited.add(key)
            next_states = list(self._successors(state))
            pending_states += next_states
            if state.version == len(VERSIONS) - 1 and not self._busy(state):
                self.ends += 1
                self._end(state)

    def _successors(self, state: SystemState) -> Iterator[SystemState]:
        if state.version < len(VERSIONS) - 1:
            yield replace(state, version=state.version + 1)
        for number in (0, 1):
            yield from self._writer_steps(state, number)
        yield from self._reader_steps(state)

    def _writer_steps(self, state: SystemState, number: int) -> Iterator[SystemState]:
        running = state.writers[number]
        if running.crashed or not self._next(running, number):
            return
        key = (number, running.key, state.table_id, state.version, state.started)
        if key not in self.steps:
            self.steps[key] = self._step(state, number)
        table, table_id, next_progress = self.steps[key]
        yield replace(
            state,
            table=table,
            table_id=table_id,
            started=state.started + (not running.answers),
            writers=_replace_writer(state.writers, number, next_progress),
        )
        if state.crashes and running.answers:
            yield replace(
                state,
                writers=_replace_writer(
                    state.writers, number, SyncProgress(crashed=True)
                ),
                crashes=0,
            )

    def _step(self, state: SystemState, number: int) -> tuple[Table, int, SyncProgress]:
        """Apply the next request of a writer."""
        running = state.writers[number]
        request = self._next(running, number)
        assert request
        at = Moment(copy_table(state.table), VERSIONS[state.version], state.now)
        answer = apply_request(request, at)
        next_progress = SyncProgress(
            answers=(*running.answers, answer),
            key=(*running.key, self._name(repr(answer))),
        )
        return at.table, self._table_id(at.table), next_progress

    def _reader_steps(self, state: SystemState) -> Iterator[SystemState]:
        reader = state.reader
        if reader.pending:
            first, *rest = reader.pending
            assert first not in reader.shown
            shown = replace(reader, pending=tuple(rest), shown=(*reader.shown, first))
            yield replace(state, reader=shown)
            if state.crashes:
                # Shown but not stored: shown again in place.
                yield replace(state, crashes=0)
            return
        for hides in (False, True):
            yield replace(state, reader=_poll(state, hides=hides))

    def _end(self, state: SystemState) -> None:
        """Run one more sync and let the reader catch up; then all must agree."""
        table = self._settled(state)
        assert table, "a feed differs from the truth after the next sync"
        reader, before = state.reader, None
        while reader != before:
            before = reader
            reader = replace(reader, pending=(), shown=(*reader.shown, *reader.pending))
            reader = _poll(replace(state, table=table, reader=reader), hides=False)
        assert reader.shown == tuple(range(1, table.heads[FEED].seq + 1))

    def _settled(self, state: SystemState) -> Table | None:
        key = (state.table_id, state.started)
        if key not in self.settled:
            table = copy_table(state.table)
            run_alone(Writer("last"), Moment(table, VERSIONS[-1], state.now + NEXT))
            expected = Audience.of(Scope.TEAM, "ops", [ALICE]).split(VERSIONS[-1])
            self.settled[key] = table if table.states == expected else None
            for feed in FEEDS:
                _assert_chained(table, feed)
        return self.settled[key]

    def _busy(self, state: SystemState) -> bool:
        return any(
            not writer.crashed and self._next(writer, number)
            for number, writer in enumerate(state.writers)
        )

    def _next(self, running: SyncProgress, number: int) -> Request | None:
        return self.writers[number].next(running.key, running.answers)

    def _key(self, state: SystemState) -> tuple[object, ...]:
        return (
            state.table_id,
            state.version,
            state.started,
            tuple((writer.key, writer.crashed) for writer in state.writers),
            state.reader,
            state.crashes,
        )

    def _table_id(self, table: Table) -> int:
        return self._name(repr((table.status, table.heads, table.rows, table.hidden)))

    def _name(self, text: str) -> int:
        return self.names.setdefault(text, len(self.names))


def _replace_writer(
    pair: tuple[SyncProgress, SyncProgress], number: int, writer: SyncProgress
) -> tuple[SyncProgress, SyncProgress]:
    return (writer, pair[1]) if number == 0 else (pair[0], writer)


def _poll(state: SystemState, *, hides: bool) -> ReaderProgress:
    """Take one step along the feed, as `incidents.follow` does."""
    reader = state.reader
    step = follow(TableView(state.table, hides), FEED, reader.position, now=state.now)
    if isinstance(step, Advanced):
        seqs = tuple(row.seq for row in step.rows)
        position = replace(step.position, waiting_since=None)
        return replace(reader, position=position, pending=seqs)
    assert isinstance(step, Resynced)
    assert reader.position is None, "nothing was lost, but the reader resynced"
    # The baseline has no changes: later ones are notified, or in the state.
    shown = tuple(range(1, step.position.cursor + 1))
    return replace(reader, position=step.position, shown=shown)


def _assert_chained(table: Table, feed: FeedId) -> None:
    """Check that every change begins where those before it end."""
    rows = table.rows.get(feed, {})
    assert sorted(rows) == list(range(1, table.heads[feed].seq + 1))
    truth = Audience.of(Scope.TEAM, "ops", [ALICE]).split(VERSIONS[0])
    incidents: dict[IncidentId, Incident] = dict(truth[feed])
    for seq in sorted(rows):
        change = rows[seq].change
        assert incidents.get(change.incident.id) == change.before
        incidents = replay(incidents, [change])

"""
Every interleaving of two syncs and a reader while three things happen.

The writers are `Sync` itself. A sync is a function of the answers it gets, so
where it stands is the list of answers so far: to take its next step it is run
again from the start on that list, up to the first request that has no answer.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from incidents.errors import ConflictError
from incidents.feeds import (
    Commit,
    FeedId,
    FeedState,
    Head,
    Registry,
    SyncStatus,
    User,
    team_feed,
    user_feed,
)
from incidents.models import Incident, IncidentId, UserId
from incidents.ports import Listing, Lookup
from incidents.sync.run import Sync, SyncSettings
from tests.simulation.table import Table

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
ALICE = User(uid="alice", ids=frozenset({UserId("alice@x.io")}))
FEEDS = (team_feed("ops"), user_feed("alice"))
Truth = Mapping[IncidentId, Incident]


def _incident(id_: str, status: str, *assignees: str) -> Incident:
    return Incident(
        id=IncidentId(id_),
        name=id_,
        severity="critical",
        status=status,
        assignees=tuple(map(UserId, assignees)),
        opened_at=START,
        updated_at=START,
    )


def _truth(*incidents: Incident) -> Truth:
    return {one.id: one for one in incidents}


_OLD = _incident("old", "triggered")
_NEW = _incident("new", "triggered", "alice@x.io")
_GONE = _incident("new", "resolved", "alice@x.io")
# It opens, it ends, and the world is as it was, but for one thing.
VERSIONS = (
    _truth(_OLD),
    _truth(_OLD, _NEW),
    _truth(_OLD, _GONE),
    _truth(_incident("old", "acknowledged"), _GONE),
)


class Pause(BaseException):
    """The next request, which nobody has answered yet."""

    def __init__(self, request: "Request") -> None:
        super().__init__("a request")
        self.request = request


@dataclass(frozen=True, slots=True)
class Moment:
    """What a request meets: the table, the truth, and the time."""

    table: Table
    truth: Truth
    now: datetime


Request: TypeAlias = Callable[[Moment], object]
Answers: TypeAlias = tuple[object, ...]


@dataclass(slots=True)
class Replayed:
    """All ports of a sync: answers from the list, and a pause at its end."""

    answers: Iterator[object]
    now: datetime

    def _ask(self, request: Request) -> object:
        try:
            answer = next(self.answers)
        except StopIteration:
            raise Pause(request) from None
        if isinstance(answer, ConflictError):
            raise answer
        return answer

    def status(self) -> SyncStatus:
        answer = self._ask(lambda at: (at.table.status, at.now))
        assert isinstance(answer, tuple)
        return answer[0]  # type: ignore[no-any-return]  # as asked for

    def begin_write(self, writer: str) -> str:
        return str(self._ask(lambda at: at.table.begin_write(writer)))

    def write_status(self, status: SyncStatus) -> None:
        self._ask(lambda at: at.table.write_status(status))

    def clear_digest(self) -> None:
        self._ask(lambda at: at.table.clear_digest())

    def heads(self, feeds: Collection[FeedId]) -> Mapping[FeedId, Head]:
        wanted = list(feeds)
        answer = self._ask(
            lambda at: {f: at.table.heads[f] for f in wanted if f in at.table.heads}
        )
        assert isinstance(answer, dict)
        return answer

    def state(self, feed: FeedId) -> FeedState:
        answer = self._ask(
            lambda at: FeedState(
                head=at.table.heads.get(feed),
                incidents=dict(at.table.states.get(feed, {})),
            )
        )
        assert isinstance(answer, FeedState)
        return answer

    def commit(self, commit: Commit) -> None:
        self._ask(lambda at: at.table.apply(commit))

    def registry(self) -> Registry:
        return Registry(version=0, users=(ALICE,))

    def add_user(self, user: User) -> None:
        raise AssertionError(user)

    def remove_user(self, uid: str) -> bool:
        raise AssertionError(uid)

    def list_open(self, _assignees: Collection[UserId] | None) -> Listing:
        answer = self._ask(_list)
        assert isinstance(answer, Listing)
        return answer

    def look_up(self, ids: Collection[IncidentId]) -> Lookup:
        wanted = list(ids)
        answer = self._ask(
            lambda at: Lookup(
                found={id_: at.truth[id_] for id_ in wanted if id_ in at.truth},
                missing=frozenset(id_ for id_ in wanted if id_ not in at.truth),
                calls=1,
            )
        )
        assert isinstance(answer, Lookup)
        return answer


def _list(at: Moment) -> Listing:
    open_ = {id_: one for id_, one in at.truth.items() if one.is_open}
    return Listing(incidents=open_, complete=True, total=len(open_), calls=1)


@dataclass(slots=True)
class Writer:
    """A sync by name, and what it does next for any answers so far."""

    name: str
    known: dict[Answers, Request | None] = field(default_factory=dict)

    def next(self, key: tuple[int, ...], answers: Answers) -> Request | None:
        """Answer the next request, or None when the sync has ended."""
        if key not in self.known:
            self.known[key] = self._run(answers)
        return self.known[key]

    def _run(self, answers: Answers) -> Request | None:
        first = answers[0] if answers else None
        now = first[1] if isinstance(first, tuple) else START
        ports = Replayed(answers=iter(answers), now=now)
        sync = Sync(
            source=ports,
            store=ports,
            registry=ports,
            settings=SyncSettings(team="ops", workers=1),
            clock=lambda: now,
        )
        try:
            sync.run(self.name)
        except Pause as pause:
            return pause.request
        return None


def copied(table: Table) -> Table:
    """Copy what a request may change."""
    return replace(
        table,
        heads=dict(table.heads),
        rows={feed: dict(rows) for feed, rows in table.rows.items()},
        states={feed: dict(held) for feed, held in table.states.items()},
        hidden=dict(table.hidden),
        late=[],
    )


def ran(writer: Writer, at: Moment) -> None:
    """Run a sync from start to end, alone."""
    answers: Answers = ()
    step = 0
    while request := writer.next((step,), answers):
        answers = (*answers, answered(request, at))
        step += 1


def answered(request: Request, at: Moment) -> object:
    """Let one request happen; a refusal is an answer."""
    try:
        return request(at)
    except ConflictError as refusal:
        return refusal


def begun() -> Table:
    """A table after its baseline, with nothing else to do."""
    table = Table()
    ran(Writer("first"), Moment(table, VERSIONS[0], START))
    return table


LATER = timedelta(hours=2)

"""
Every interleaving of two syncs and a reader during three changes.

The writers are `Sync` itself. A sync is a function of the answers it gets, so its
state is the list of answers so far: for the next step it runs again from the start
on that list, up to the first request without an answer.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypeAlias

from incidents.errors import ConflictError
from incidents.feeds import (
    Commit,
    FeedId,
    FeedState,
    Head,
    PreviousWriter,
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
    return {incident.id: incident for incident in incidents}


_OLD = _incident("old", "triggered")
_NEW = _incident("new", "triggered", "alice@x.io")
_GONE = _incident("new", "resolved", "alice@x.io")
# An incident opens and ends; then another is acknowledged.
VERSIONS = (
    _truth(_OLD),
    _truth(_OLD, _NEW),
    _truth(_OLD, _GONE),
    _truth(_incident("old", "acknowledged"), _GONE),
)


class Pause(BaseException):
    """The next request, which has no answer yet."""

    def __init__(self, request: "Request") -> None:
        super().__init__("a request")
        self.request = request


@dataclass(frozen=True, slots=True)
class Moment:
    """The table, the truth and the time of a request."""

    table: Table
    truth: Truth
    now: datetime


Request: TypeAlias = Callable[[Moment], object]
Answers: TypeAlias = tuple[object, ...]


@dataclass(slots=True)
class ReplayedPorts:
    """All ports of a sync: replays the answers, and raises Pause at their end."""

    answers: Iterator[object]
    now: datetime

    def _replay(self, request: Request) -> object:
        try:
            answer = next(self.answers)
        except StopIteration:
            raise Pause(request) from None
        if isinstance(answer, ConflictError):
            raise answer
        return answer

    def status(self) -> SyncStatus:
        answer = self._replay(lambda at: (at.table.status, at.now))
        assert isinstance(answer, tuple)
        return answer[0]  # type: ignore[no-any-return]  # the request's own answer

    def begin_write(self, writer: str) -> PreviousWriter:
        answer = self._replay(lambda at: at.table.begin_write(writer))
        assert isinstance(answer, PreviousWriter)
        return answer

    def write_status(self, status: SyncStatus) -> None:
        self._replay(lambda at: at.table.write_status(status))

    def clear_digest(self) -> None:
        self._replay(lambda at: at.table.clear_digest())

    def heads(self, feeds: Collection[FeedId]) -> Mapping[FeedId, Head]:
        requested = list(feeds)
        answer = self._replay(
            lambda at: {f: at.table.heads[f] for f in requested if f in at.table.heads}
        )
        assert isinstance(answer, dict)
        return answer

    def state(self, feed: FeedId) -> FeedState:
        answer = self._replay(
            lambda at: FeedState(
                head=at.table.heads.get(feed),
                incidents=dict(at.table.states.get(feed, {})),
            )
        )
        assert isinstance(answer, FeedState)
        return answer

    def commit(self, commit: Commit) -> None:
        self._replay(lambda at: at.table.apply(commit))

    def registry(self) -> Registry:
        return Registry(version=0, users=(ALICE,))

    def add_user(self, user: User) -> None:
        raise AssertionError(user)

    def remove_user(self, uid: str, closing: Commit) -> None:
        raise AssertionError(uid, closing)

    def list_open(self, _assignees: Collection[UserId] | None) -> Listing:
        answer = self._replay(_list)
        assert isinstance(answer, Listing)
        return answer

    def look_up(self, ids: Collection[IncidentId]) -> Lookup:
        requested = list(ids)
        answer = self._replay(
            lambda at: Lookup(
                incidents={id_: at.truth[id_] for id_ in requested if id_ in at.truth},
                missing=frozenset(id_ for id_ in requested if id_ not in at.truth),
                calls=1,
            )
        )
        assert isinstance(answer, Lookup)
        return answer


def _list(at: Moment) -> Listing:
    open_ = {id_: incident for id_, incident in at.truth.items() if incident.is_open}
    return Listing(incidents=open_, complete=True, total=len(open_), calls=1)


@dataclass(slots=True)
class Writer:
    """A sync by name, and its next request for each list of answers."""

    name: str
    next_requests: dict[Answers, Request | None] = field(default_factory=dict)

    def next(self, key: tuple[int, ...], answers: Answers) -> Request | None:
        """Return the next request, or None after the end of the sync."""
        if key not in self.next_requests:
            self.next_requests[key] = self._run(answers)
        return self.next_requests[key]

    def _run(self, answers: Answers) -> Request | None:
        first = answers[0] if answers else None
        now = first[1] if isinstance(first, tuple) else START
        ports = ReplayedPorts(answers=iter(answers), now=now)
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


def copy_table(table: Table) -> Table:
    """Copy the parts of a table that a request may change."""
    return replace(
        table,
        heads=dict(table.heads),
        rows={feed: dict(rows) for feed, rows in table.rows.items()},
        states={feed: dict(incidents) for feed, incidents in table.states.items()},
        hidden=dict(table.hidden),
        late=[],
    )


def run_alone(writer: Writer, at: Moment) -> None:
    """Run a sync alone, from start to end."""
    answers: Answers = ()
    step = 0
    while request := writer.next((step,), answers):
        answers = (*answers, apply_request(request, at))
        step += 1


def apply_request(request: Request, at: Moment) -> object:
    """Apply one request; a conflict is an answer too."""
    try:
        return request(at)
    except ConflictError as refusal:
        return refusal


def baseline_table() -> Table:
    """Return a table after its baseline."""
    table = Table()
    run_alone(Writer("first"), Moment(table, VERSIONS[0], START))
    return table

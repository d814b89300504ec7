"""The table on the server: atomic requests, and how each can fail."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum, auto

from incidents.errors import ConflictError
from incidents.feeds import (
    Commit,
    FeedId,
    FeedRow,
    Head,
    PreviousWriter,
    SyncStatus,
    User,
    expired,
)
from incidents.models import Incident, IncidentId
from incidents.stores.fence import is_taken

RETENTION = timedelta(days=30)


class RequestFault(Enum):
    """The fault of one request on its way to the table and back."""

    NONE = auto()
    THROTTLED = auto()
    """Refused; not applied."""
    LOST = auto()
    """Timed out; never arrived."""
    ANSWER_LOST = auto()
    """Timed out; it was applied."""
    LATE = auto()
    """Timed out; it is applied later."""
    TWICE = auto()
    """The network repeats it: it is applied, and then sent once more."""
    REPEATED_LATE = auto()
    """As above, but the repetition arrives later."""


class Crash(BaseException):
    """The process has crashed; nothing in it may catch this."""


@dataclass(slots=True)
class Table:
    """The table's content. Each method is one atomic request."""

    status: SyncStatus = field(default_factory=SyncStatus)
    users: dict[str, User] = field(default_factory=dict)
    heads: dict[FeedId, Head] = field(default_factory=dict)
    rows: dict[FeedId, dict[int, FeedRow]] = field(default_factory=dict)
    states: dict[FeedId, dict[IncidentId, Incident]] = field(default_factory=dict)
    late: list[Callable[[], object]] = field(default_factory=list)
    """Requests that timed out for the sender, and may still arrive."""
    hidden: dict[FeedId, frozenset[int]] = field(default_factory=dict)
    """Rows of a commit that a query at the same time may miss."""
    commit_checker: Callable[[Commit], None] = field(default=lambda _commit: None)
    """Called with every commit, just before it is applied."""
    writes: int = 0

    def apply(self, commit: Commit) -> None:
        """Apply *commit* if its condition holds. Raises ConflictError with the head."""
        head, expected = self.heads.get(commit.feed), commit.expected
        if (head and (head.epoch, head.rev)) != (
            expected and (expected.epoch, expected.rev)
        ):
            # A feed that is not there refuses as well: there is no head to show.
            raise ConflictError("The head has moved.", head=head)
        self.writes += 1
        self.commit_checker(commit)
        rows = self.rows.setdefault(commit.feed, {})
        first = commit.head.seq - len(commit.changes) + 1
        for seq, change in enumerate(commit.changes, first):
            rows[seq] = FeedRow(seq=seq, epoch=commit.head.epoch, change=change)
        state = self.states.setdefault(commit.feed, {})
        state.update({incident.id: incident for incident in commit.puts})
        for id_ in commit.deletes:
            state.pop(id_, None)
        self.heads[commit.feed] = commit.head
        self.hidden[commit.feed] = frozenset(range(first, commit.head.seq))

    def begin_write(self, writer: str) -> PreviousWriter:
        """Forget the digest, name the writer, answer the one before."""
        self.writes += 1
        before = PreviousWriter.of(self.status)
        self.status = replace(self.status, digest="", writer=writer)
        return before

    def write_status(self, status: SyncStatus) -> None:
        """Replace the status on the condition of its writer."""
        if self.status.writer != status.writer:
            raise ConflictError("Another sync has begun to write since.")
        self.writes += 1
        self.status = replace(status, registry=self.status.registry)

    def clear_digest(self) -> None:
        """Forget the digest and the writer."""
        self.writes += 1
        self.status = replace(self.status, digest="", writer="")

    def put_user(self, user: User) -> None:
        """Add or replace *user*, and move the version, in one."""
        self.users[user.uid] = user
        self.status = replace(self.status, registry=self.status.registry + 1)

    def drop_user(self, uid: str, closing: Commit) -> None:
        """Remove the user *uid*, apply *closing*, and move the version, in one."""
        if is_taken(closing, self.heads.get(closing.feed)):
            return
        closed, registry = closing.head.closed, self.status.registry + 1
        if closed is None or closed.registry != registry:
            raise ConflictError("The registry has changed since.")
        self.apply(closing)
        self.users.pop(uid, None)
        self.status = replace(self.status, registry=registry)

    def expire(self, now: datetime, rng: Callable[[], float]) -> None:
        """Delete about half of the rows that are past their time to live."""
        for rows in self.rows.values():
            for seq, row in list(rows.items()):
                day = row.change.observed_at.date()
                if expired(day, now, RETENTION) and rng() < 0.5:
                    del rows[seq]

    def deliver(self, number: int) -> None:
        """Let the late request *number* arrive; nobody waits for its answer."""
        with suppress(ConflictError):
            self.late.pop(number)()

"""A store in memory whose requests fail as those of a real one can."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from incidents.errors import ConflictError, StoreNewerError, StoreUnavailableError
from incidents.feeds import (
    SCHEMA,
    Commit,
    FeedId,
    FeedRow,
    FeedState,
    Head,
    PreviousWriter,
    Registry,
    SyncStatus,
    User,
)
from incidents.stores.fence import check_size
from tests.simulation.table import RequestFault, Table

_T = TypeVar("_T")
_Versioned = TypeVar("_Versioned", Head, SyncStatus)


class RequestGate(Protocol):
    """Chooses the fault of each request; may crash or pause the caller."""

    def __call__(self, request: str, /, *, writes: bool) -> RequestFault:
        """Return the fault of *request*."""
        ...


def no_faults(_request: str, /, *, writes: bool) -> RequestFault:  # noqa: ARG001  # a Gate
    """Return no fault for any request."""
    return RequestFault.NONE


class _TimedOutError(Exception):
    """No answer came."""


@dataclass(slots=True, kw_only=True)
class FaultyStore:
    """One process's connection to a table: `FeedWriter`, `FeedReader`, registry."""

    table: Table = field(default_factory=Table)
    gate: RequestGate = no_faults
    misses_rows: Callable[[], bool] = lambda: False
    """Whether a query misses rows of the last commit."""

    def status(self) -> SyncStatus:
        """Read the status."""
        return _readable(self._read("status", lambda: self.table.status))

    def begin_write(self, writer: str) -> PreviousWriter:
        """Say that feeds are about to change."""
        return self._write("begin_write", lambda: self.table.begin_write(writer))

    def write_status(self, status: SyncStatus) -> None:
        """Replace the status if its writer is still the last that began to write."""
        self._write("write_status", lambda: self.table.write_status(status))

    def clear_digest(self) -> None:
        """Forget the digest and the writer."""
        self._write("clear_digest", self.table.clear_digest)

    def heads(self, feeds: Collection[FeedId]) -> Mapping[FeedId, Head]:
        """Read heads, each in its own request."""
        heads = {feed: self.head(feed) for feed in feeds}
        return {feed: head for feed, head in heads.items() if head}

    def head(self, feed: FeedId) -> Head | None:
        """Read one head."""
        head = self._read("head", lambda: self.table.heads.get(feed))
        return head and _readable(head)

    def state(self, feed: FeedId) -> FeedState:
        """Read the head, then the incidents, which may be newer."""
        head = self.head(feed)
        incidents = self._read("state", lambda: dict(self.table.states.get(feed, {})))
        return FeedState(head=head, incidents=incidents)

    def commit(self, commit: Commit) -> None:
        """Write one commit; read the head if no answer came."""
        check_size(commit)
        try:
            self._send("commit", lambda: self.table.apply(commit), writes=True)
        except ConflictError as error:
            # A repeated request is refused because of itself.
            if error.head != commit.head:
                raise
        except _TimedOutError as error:
            head = self.head(commit.feed)
            if head == commit.head:
                return
            if (head and head.rev) != (commit.expected and commit.expected.rev):
                raise ConflictError("The head has moved.", head=head) from error
            raise StoreUnavailableError("No answer came.") from error

    def rows(
        self, feed: FeedId, after: int, *, limit: int = 100, strong: bool = False
    ) -> Sequence[FeedRow]:
        """Read rows; a query may miss rows of a commit at the same time."""
        return self._read("rows", lambda: self._rows(feed, after, limit, strong=strong))

    def _rows(
        self, feed: FeedId, after: int, limit: int, *, strong: bool
    ) -> Sequence[FeedRow]:
        rows = self.table.rows.get(feed, {})
        seqs = sorted(seq for seq in rows if seq > after)
        if self.misses_rows():
            hidden = self.table.hidden.get(feed, frozenset())
            seqs = [seq for seq in seqs if seq not in hidden]
        if not strong and self.misses_rows():
            seqs = seqs[: len(seqs) // 2]
        return [rows[seq] for seq in seqs[:limit]]

    def registry(self) -> Registry:
        """Read the version, then the users, who may be newer."""
        version = self._read("registry", lambda: self.table.status.registry)
        users = self._read("users", lambda: dict(self.table.users))
        return Registry(
            version=version, users=tuple(users[uid] for uid in sorted(users))
        )

    def add_user(self, user: User) -> None:
        """Add or replace *user*."""
        self._write("add_user", lambda: self.table.put_user(user))

    def remove_user(self, uid: str, closing: Commit) -> None:
        """Remove the user *uid* and close their feed."""
        check_size(closing)
        self._write("remove_user", lambda: self.table.drop_user(uid, closing))

    def _read(self, request: str, act: Callable[[], _T]) -> _T:
        return self._request(request, act, writes=False)

    def _write(self, request: str, act: Callable[[], _T]) -> _T:
        return self._request(request, act, writes=True)

    def _request(self, request: str, act: Callable[[], _T], *, writes: bool) -> _T:
        try:
            return self._send(request, act, writes=writes)
        except _TimedOutError as error:
            raise StoreUnavailableError("No answer came.") from error

    def _send(self, request: str, act: Callable[[], _T], *, writes: bool) -> _T:
        fault = self.gate(request, writes=writes)
        if fault is RequestFault.NONE:
            return act()
        if fault is RequestFault.THROTTLED:
            raise StoreUnavailableError("Throttled.")
        if fault is RequestFault.LATE and writes:
            self.table.late.append(act)
        if fault in (RequestFault.LATE, RequestFault.LOST):
            raise _TimedOutError
        result = act()
        if fault is RequestFault.ANSWER_LOST:
            raise _TimedOutError
        if fault is RequestFault.REPEATED_LATE and writes:
            self.table.late.append(act)
        if fault is RequestFault.TWICE and writes:
            result = act()
        return result


def _readable(stored: _Versioned) -> _Versioned:
    if stored.schema > SCHEMA:
        raise StoreNewerError("It was written by a newer version: upgrade.")
    return stored

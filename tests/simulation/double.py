"""A store in memory that can fail wherever a real one can."""

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
    Registry,
    SyncStatus,
    User,
)
from incidents.stores.fence import check_size
from tests.simulation.table import Fault, Table

_T = TypeVar("_T")
_Versioned = TypeVar("_Versioned", Head, SyncStatus)


class Gate(Protocol):
    """Asked before each request what is to become of it. It may crash, or pause."""

    def __call__(self, request: str, /, *, writes: bool) -> Fault:
        """Decide about *request*."""
        ...


def open_gate(_request: str, /, *, writes: bool) -> Fault:  # noqa: ARG001  # a Gate
    """Let everything through."""
    return Fault.NONE


class _TimedOutError(Exception):
    """No answer came."""


@dataclass(slots=True, kw_only=True)
class DoubleStore:
    """One process's connection to a table: `FeedWriter`, `FeedReader`, registry."""

    table: Table = field(default_factory=Table)
    gate: Gate = open_gate
    shy: Callable[[], bool] = lambda: False
    """Whether a query races the last commit, and misses rows of it."""

    def status(self) -> SyncStatus:
        """Read the status."""
        return _readable(self._read("status", lambda: self.table.status))

    def begin_write(self, writer: str) -> str:
        """Say that feeds are about to change."""
        return self._write("begin_write", lambda: self.table.begin_write(writer))

    def write_status(self, status: SyncStatus) -> None:
        """Replace the status if its writer is still the last that began to write."""
        self._write("write_status", lambda: self.table.write_status(status))

    def clear_digest(self) -> None:
        """Forget the digest and the writer."""
        self._write("clear_digest", self.table.clear_digest)

    def heads(self, feeds: Collection[FeedId]) -> Mapping[FeedId, Head]:
        """Read heads, each at its own moment."""
        found = {feed: self.head(feed) for feed in feeds}
        return {feed: head for feed, head in found.items() if head}

    def head(self, feed: FeedId) -> Head | None:
        """Read one head."""
        head = self._read("head", lambda: self.table.heads.get(feed))
        return head and _readable(head)

    def state(self, feed: FeedId) -> FeedState:
        """Read the head, then the incidents, which may be newer."""
        head = self.head(feed)
        held = self._read("state", lambda: dict(self.table.states.get(feed, {})))
        return FeedState(head=head, incidents=held)

    def commit(self, commit: Commit) -> None:
        """Take one step; look, when no answer came."""
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
        """Read rows; what a query may miss of a racing commit is missing at times."""
        return self._read("rows", lambda: self._rows(feed, after, limit, strong=strong))

    def _rows(
        self, feed: FeedId, after: int, limit: int, *, strong: bool
    ) -> Sequence[FeedRow]:
        rows = self.table.rows.get(feed, {})
        seqs = sorted(seq for seq in rows if seq > after)
        if self.shy():
            hidden = self.table.hidden.get(feed, frozenset())
            seqs = [seq for seq in seqs if seq not in hidden]
        if not strong and self.shy():
            seqs = seqs[: len(seqs) // 2]
        return [rows[seq] for seq in seqs[:limit]]

    def registry(self) -> Registry:
        """Read the version, then everybody, who may be newer."""
        version = self._read("registry", lambda: self.table.status.registry)
        users = self._read("users", lambda: dict(self.table.users))
        return Registry(
            version=version, users=tuple(users[uid] for uid in sorted(users))
        )

    def add_user(self, user: User) -> None:
        """Add or replace *user*."""
        self._write("add_user", lambda: self.table.put_user(user))

    def remove_user(self, uid: str) -> bool:
        """Remove the user *uid*; False if there was none."""
        return self._write("remove_user", lambda: self.table.drop_user(uid))

    def _read(self, request: str, act: Callable[[], _T]) -> _T:
        return self._heard(request, act, writes=False)

    def _write(self, request: str, act: Callable[[], _T]) -> _T:
        return self._heard(request, act, writes=True)

    def _heard(self, request: str, act: Callable[[], _T], *, writes: bool) -> _T:
        try:
            return self._send(request, act, writes=writes)
        except _TimedOutError as error:
            raise StoreUnavailableError("No answer came.") from error

    def _send(self, request: str, act: Callable[[], _T], *, writes: bool) -> _T:
        fault = self.gate(request, writes=writes)
        if fault is Fault.NONE:
            return act()
        if fault is Fault.THROTTLED:
            raise StoreUnavailableError("Throttled.")
        if fault is Fault.LATE and writes:
            self.table.late.append(act)
        if fault in (Fault.LATE, Fault.LOST):
            raise _TimedOutError
        answer = act()
        if fault is Fault.UNHEARD:
            raise _TimedOutError
        if fault is Fault.AGAIN and writes:
            self.table.late.append(act)
        if fault is Fault.TWICE and writes:
            answer = act()
        return answer


def _readable(found: _Versioned) -> _Versioned:
    if found.schema > SCHEMA:
        raise StoreNewerError("It was written by a newer version: upgrade.")
    return found

"""What the core asks of the outside world."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from incidents.feeds import (
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
from incidents.models import Incident, IncidentId, Quarantined, UserId

Clock: TypeAlias = Callable[[], datetime]
"""Tells the time, in UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What one read of the open incidents brought."""

    incidents: Mapping[IncidentId, Incident]
    quarantined: tuple[Quarantined, ...] = ()
    odd: int = 0
    """Fields that could not be understood, and were done without."""
    complete: bool
    """Every page came, and the unique ids are as many as the source counts."""
    total: int
    """How many the source says there are."""
    calls: int
    problem: str = ""
    """Why it is not complete, for a person; empty when it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """What became of certain incidents. Ids in none of the three are unknown."""

    incidents: Mapping[IncidentId, Incident]
    missing: frozenset[IncidentId]
    """The source says that there is no such incident."""
    quarantined: tuple[Quarantined, ...] = ()
    calls: int


class IncidentSource(Protocol):
    """Somewhere incidents come from. It can look, and nothing else."""

    def list_open(self, assignees: Collection[UserId] | None) -> Listing:
        """
        Read every open incident, or those of *assignees* alone.

        Raises:
            SourceError: If not even a part of it could be read.
        """
        ...

    def look_up(self, ids: Collection[IncidentId]) -> Lookup:
        """
        Read certain incidents, open or not. What cannot be read is left out.

        Raises:
            SourceRejectedError: If the key is refused.
        """
        ...


class EndedSource(Protocol):
    """A source that can also be asked what came and went. It can look, too."""

    def list_ended(self, after: datetime, until: datetime) -> Listing:
        """
        Read what opened later than *after*, up to *until*, and is resolved by now.

        Raises:
            SourceError: If not even a part of it could be read.
        """
        ...


class NameSource(Protocol):
    """A source that can also be asked for more, once and not for long."""

    def fetch_once(self, ids: Collection[IncidentId]) -> Lookup:
        """
        Read some of *ids* as they are now, with all that is known of them.

        Raises:
            SourceError: If they cannot be read at once.
        """
        ...


class Actions(Protocol):
    """What a person can do to incidents, with that person's own key."""

    def assign(
        self, ids: Sequence[IncidentId], user: UserId
    ) -> Mapping[IncidentId, Incident]:
        """Assign *ids* to *user*; answer the incidents as they are now."""
        ...

    def unassign(self, ids: Sequence[IncidentId]) -> Mapping[IncidentId, Incident]:
        """Assign *ids* to nobody."""
        ...

    def acknowledge(self, ids: Sequence[IncidentId]) -> Mapping[IncidentId, Incident]:
        """Acknowledge *ids*."""
        ...

    def resolve(self, ids: Sequence[IncidentId]) -> Mapping[IncidentId, Incident]:
        """Resolve *ids*."""
        ...

    def close(self, ids: Sequence[IncidentId]) -> Mapping[IncidentId, Incident]:
        """Close *ids*."""
        ...


class FeedWriter(Protocol):
    """The write side of a store. Safe for several syncs at once."""

    def status(self) -> SyncStatus:
        """Read the sync's status, strongly; a fresh store has a fresh one."""
        ...

    def begin_write(self, writer: str) -> PreviousWriter:
        """
        Record that feeds are about to change: clear the digest, set the *writer*.

        Returns the previous writer, and whether it had finished. Without this, a crash
        between two feeds, followed by a return of the world to where it was, would
        look like a quiet minute.
        """
        ...

    def write_status(self, status: SyncStatus) -> None:
        """
        Replace the status if `status.writer` is still the last that began to write.

        The registry's version is left alone: whoever edits the registry moves it.

        Raises:
            ConflictError: If another sync has begun to write since.
        """
        ...

    def clear_digest(self) -> None:
        """Forget the digest and the writer: the next sync compares everything."""
        ...

    def heads(self, feeds: Collection[FeedId]) -> Mapping[FeedId, Head]:
        """Read the heads of *feeds*, strongly; feeds without one are left out."""
        ...

    def state(self, feed: FeedId) -> FeedState:
        """Read a feed's head, then its state, so that the head is never newer."""
        ...

    def commit(self, commit: Commit) -> None:
        """
        Take one step, all or nothing.

        An answer that was lost is cleared up here: when this returns, the step
        was taken, once.

        Raises:
            ConflictError: If the head is no longer what was expected.
            StoreUnavailableError: If it could not be told, or not be done.
        """
        ...


class FeedReader(Protocol):
    """The read side of a store. Any number of readers."""

    def status(self) -> SyncStatus:
        """Read the sync's status; it may be a moment old."""
        ...

    def head(self, feed: FeedId) -> Head | None:
        """Read the head of *feed*, strongly; None before its baseline."""
        ...

    def rows(
        self, feed: FeedId, after: int, *, limit: int = 100, strong: bool = False
    ) -> Sequence[FeedRow]:
        """
        Read the changes after sequence *after*, oldest first, at most *limit*.

        May show 12 before 11, when it races a commit, and rows past their time
        to live: following is `incidents.follow`'s work, not this one's.
        """
        ...

    def state(self, feed: FeedId) -> FeedState:
        """Read a feed's head, then its open incidents."""
        ...


class RegistryStore(Protocol):
    """Who has a feed."""

    def registry(self) -> Registry:
        """Read everybody, and the version."""
        ...

    def add_user(self, user: User) -> None:
        """Add *user*, or replace the ids and name of the one with its uid."""
        ...

    def remove_user(self, uid: str, closing: Commit) -> None:
        """
        Remove the user *uid* and take the step *closing* of their feed, or neither.

        Idempotent, as `FeedWriter.commit` is.

        Raises:
            ConflictError: If the feed's head, or the registry, is no longer the one
                that *closing* builds on.
            StoreUnavailableError: If it could not be told, or not be done.
        """
        ...

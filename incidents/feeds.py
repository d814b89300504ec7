"""Feeds, the places in them, and what is written to one in one commit."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import NewType

from incidents.changes import Change
from incidents.models import Incident, IncidentId, UserId

FeedId = NewType("FeedId", str)
"""`USER#<uid>` or `TEAM#<team>`; one partition of the store."""

_USER, _TEAM = "USER#", "TEAM#"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+=,-]{0,127}")
SCHEMA = 1
"""The version of what is stored. A reader refuses a newer one."""


def user_feed(uid: str) -> FeedId:
    """Name the feed of the user *uid*. Raises ValueError if it is no such name."""
    return FeedId(f"{_USER}{_checked(uid)}")


def team_feed(team: str) -> FeedId:
    """Name the feed of *team*. Raises ValueError if it is no such name."""
    return FeedId(f"{_TEAM}{_checked(team)}")


def is_user_feed(feed: FeedId) -> bool:
    """Whether *feed* is a user's."""
    return feed.startswith(_USER)


def is_team_feed(feed: FeedId) -> bool:
    """Whether *feed* is a team's."""
    return feed.startswith(_TEAM)


def _checked(name: str) -> str:
    # The name becomes a partition key and is compared byte for byte with an
    # IAM principal tag, so a separator, a space or a wildcard must not pass.
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name: letters, digits and ._@+=,- only")
    return name


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person who has a feed."""

    uid: str
    """Immutable; equals the IAM principal tag of that person."""
    ids: frozenset[UserId]
    """What Coralogix uses for them, in lower case: any of these is a match."""
    name: str = ""
    spellings: frozenset[UserId] = frozenset()
    """The ids as they were given: the source may compare a filter exactly."""

    @property
    def feed(self) -> FeedId:
        """The feed of this person."""
        return user_feed(self.uid)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """Everybody who has a feed, and the version by which it is cached."""

    version: int
    users: tuple[User, ...]


class CloseReason(StrEnum):
    """Why nobody writes a feed any more."""

    REMOVED = "removed"
    """Its user was removed from the registry."""
    TEAM = "team"
    """The sync writes the feed of another team."""
    SCOPE = "scope"
    """The sync lists assigned incidents only, and writes no team feed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedClosure:
    """That nobody writes a feed any more, who knows it, and when it expires."""

    reason: CloseReason
    at: datetime
    registry: int
    """The version of the registry by which the feed was closed."""
    ends: datetime | None
    """When head and states expire; None while the feed is being opened again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The newest state of a feed, as one value that every commit replaces."""

    seq: int
    """The sequence of the newest change; 0 before the first."""
    rev: int
    """Counts commits, those without changes too. The condition of every commit."""
    epoch: str
    """Made at the baseline; another one means that the feed began anew."""
    writer: str
    """The sync that committed this. Tells a lost answer from a lost race."""
    watermark: datetime
    """The source is reflected up to here."""
    digest: str
    """Of the feed's whole state; empty while a commit of several chunks runs."""
    ready: bool = True
    """False while a baseline of several chunks is being written."""
    owners: frozenset[UserId] = frozenset()
    """The ids of the person whose feed this is; none in a team feed."""
    marks: tuple[tuple[date, int], ...] = ()
    """The first sequence of each day that has changes, oldest first."""
    closed: FeedClosure | None = None
    """Set once nobody writes the feed any more."""
    schema: int = SCHEMA

    def oldest(self, now: datetime, retention: timedelta) -> int:
        """Return the oldest sequence that a reader may still count on, `lo`."""
        retained = (seq for day, seq in self.marks if not expired(day, now, retention))
        return next(retained, self.seq + 1)


def expiry(day: date, retention: timedelta) -> datetime:
    """Tell when changes of *day* (UTC) end: whole days, so that `lo` can follow."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return midnight + timedelta(days=1) + retention


def expired(day: date, now: datetime, retention: timedelta) -> bool:
    """Whether changes of *day* have passed their time to live."""
    return now >= expiry(day, retention)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """A head, and the open incidents that the feed holds at it."""

    head: Head | None
    """None before the baseline."""
    incidents: Mapping[IncidentId, Incident] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One atomic step of a feed: at most `MAX_ACTIONS` actions with its head."""

    feed: FeedId
    expected: Head | None
    """The head this builds on; None creates the feed."""
    head: Head
    changes: tuple[Change, ...] = ()
    """Take the sequences up to `head.seq`, in order."""
    puts: tuple[Incident, ...] = ()
    deletes: tuple[IncidentId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRow:
    """One change where it stands in its feed."""

    seq: int
    epoch: str
    change: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncStatus:
    """What every reader may know of the sync. Holds no incident text."""

    watermark: datetime | None = None
    """When the last complete read began: the "as of" of every feed."""
    attempted_at: datetime | None = None
    failures: int = 0
    """Incomplete syncs since the last complete one."""
    problem: str = ""
    """The name of what is wrong, for example `incomplete`; empty when well."""
    open: int = 0
    quarantined: int = 0
    scope: str = "team"
    team: str = ""
    interval_seconds: int = 60
    digest: str = ""
    """Of the last complete snapshot with everything that decides its feeds. Empty
    from the moment a sync is about to change a feed until one has changed all."""
    writer: str = ""
    """The last sync that was about to change a feed."""
    audited_at: datetime | None = None
    """When every head was last compared, whatever the digest said."""
    doubt_until: datetime | None = None
    """Until then an overtaken sync may still commit: each sync compares every head."""
    registry: int = 0
    """The version of the registry; moved by whoever edits it."""
    retention_days: int = 30
    """For how long the sync keeps changes; older syncs did not say, and retained 30."""
    version: str = ""
    """The release of the sync; empty if nobody is to follow it, or it did not say."""
    schema: int = SCHEMA

    @property
    def retention(self) -> timedelta:
        """For how long changes are retained."""
        return timedelta(days=self.retention_days)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviousWriter:
    """The sync that began to write before this one."""

    name: str = ""
    """Its id; empty if there was none."""
    finished: bool = True
    """Whether it left a digest; one that did not may still commit."""

    @classmethod
    def of(cls, status: SyncStatus) -> "PreviousWriter":
        """Read the last writer from *status*."""
        finished = not status.writer or bool(status.digest)
        return cls(name=status.writer, finished=finished)


MAX_ACTIONS = 95
"""Of the 100 that TransactWriteItems takes, its head included."""

"""Incidents, feeds and syncs, made in a few words."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from incidents.errors import SourceError
from incidents.feeds import FeedId, FeedState, Head
from incidents.models import Incident, IncidentId, UserId
from incidents.ports import Listing, Lookup
from incidents.sync.plan import SyncContext

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=3)
MINUTE = timedelta(minutes=1)
ALICE, BOB = UserId("alice@example.com"), UserId("bob@example.com")
FEED = FeedId("TEAM#ops")
Incidents = Mapping[IncidentId, Incident]


def incident(id_: str = "a", **fields: object) -> Incident:
    """An incident like any other, but for *fields*."""
    usual = Incident(
        id=IncidentId(id_),
        name="Checkout is slow",
        severity="error",
        status="triggered",
        opened_at=LONG_AGO,
        updated_at=LONG_AGO,
    )
    return replace(usual, **fields)  # type: ignore[arg-type]  # each test knows


def by_id(*incidents: Incident) -> dict[IncidentId, Incident]:
    """What a feed holds."""
    return {one.id: one for one in incidents}


def head(**fields: object) -> Head:
    """A head like any other, but for *fields*."""
    usual = Head(
        seq=0, rev=1, epoch="e", writer="w", watermark=NOW - MINUTE, digest="old"
    )
    return replace(usual, **fields)  # type: ignore[arg-type]  # each test knows


def state(*incidents: Incident, **fields: object) -> FeedState:
    """A feed that holds *incidents*."""
    return FeedState(head=head(**fields), incidents=by_id(*incidents))


def facts(*wanted: Incident, **fields: object) -> SyncContext:
    """What a sync knows that saw *wanted*, for one team feed."""
    usual = SyncContext(
        sync="s1",
        observed_at=NOW,
        since=NOW - MINUTE,
        complete=True,
        retention=timedelta(days=30),
        wanted={FEED: by_id(*wanted)},
        owners={FEED: frozenset()},
        present=by_id(*wanted),
        ended={},
    )
    return replace(usual, **fields)  # type: ignore[arg-type]  # each test knows


@dataclass
class Source:
    """A source that says what it is told to say."""

    open: list[Incident] = field(default_factory=list)
    ended: list[Incident] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)
    complete: bool = True
    fails: SourceError | None = None
    asked: list[Collection[IncidentId]] = field(default_factory=list)
    assignees: Collection[UserId] | None = None
    brief_fails: SourceError | None = None
    windows: list[tuple[datetime, datetime]] = field(default_factory=list)
    details: list[Incident] = field(default_factory=list)
    glance_fails: SourceError | None = None
    glanced: list[Collection[IncidentId]] = field(default_factory=list)

    def list_ended(self, after: datetime, until: datetime) -> Listing:
        """List what it was told has ended, whenever it opened."""
        self.windows.append((after, until))
        if self.brief_fails:
            raise self.brief_fails
        return listing(*self.ended)

    def list_open(self, assignees: Collection[UserId] | None) -> Listing:
        """List what it was told."""
        self.assignees = assignees
        if self.fails:
            raise self.fails
        return listing(*self.open, complete=self.complete)

    def fetch_once(self, ids: Collection[IncidentId]) -> Lookup:
        """Find what it was told it knows more of."""
        self.glanced.append(ids)
        if self.glance_fails:
            raise self.glance_fails
        known = by_id(*self.details)
        found = {id_: known[id_] for id_ in ids if id_ in known}
        return Lookup(incidents=found, missing=frozenset(), calls=1)

    def look_up(self, ids: Collection[IncidentId]) -> Lookup:
        """Find what it was told; the rest stays in doubt."""
        self.asked.append(ids)
        if self.fails:
            raise self.fails
        known = by_id(*self.open, *self.ended)
        return Lookup(
            incidents={id_: known[id_] for id_ in ids if id_ in known},
            missing=frozenset(id_ for id_ in ids if id_ in self.missing),
            calls=1,
        )


def listing(*incidents: Incident, complete: bool = True) -> Listing:
    """What one read brought."""
    return Listing(
        incidents=by_id(*incidents),
        complete=complete,
        total=len(incidents) + (not complete),
        calls=1,
        problem="" if complete else "Some incidents were not listed.",
    )

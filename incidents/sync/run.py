"""One sync: list, compare, confirm, commit, and say so last."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from incidents.errors import ConflictError, StoreError
from incidents.feeds import (
    MAX_ACTIONS,
    CloseReason,
    FeedClosure,
    FeedId,
    FeedState,
    Registry,
    SyncStatus,
    expiry,
    team_feed,
)
from incidents.fingerprint import Fingerprints, digest
from incidents.models import Incident, IncidentId
from incidents.ports import (
    Clock,
    EndedSource,
    FeedWriter,
    IncidentSource,
    Listing,
    NameSource,
    RegistryStore,
)
from incidents.sync.acknowledgers import with_names
from incidents.sync.audience import Audience, Scope
from incidents.sync.changed_feeds import differing
from incidents.sync.closing import close_feed
from incidents.sync.disappearances import confirm
from incidents.sync.plan import SyncContext
from incidents.sync.publish import publish
from incidents.sync.short_lived import Sighting, by_feed, with_brief

LIFETIME = timedelta(minutes=15)
"""How long a sync may run: one that left no digest may commit for as long."""
AUDIT_EVERY = timedelta(hours=1)
"""How often every head is compared, even though the digest says nothing differs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncSettings:
    """What decides a sync, beside what is out there."""

    team: str
    scope: Scope = Scope.TEAM
    retention: timedelta = timedelta(days=30)
    interval: timedelta = timedelta(minutes=1)
    workers: int = 8
    actions: int = MAX_ACTIONS
    version: str = ""
    """What the status says of the release that syncs; nothing decides by it here."""


@dataclass(slots=True)
class SyncCache:
    """What a process keeps from one sync to the next. Never trusted, only tried."""

    writer: str = ""
    """The last sync of this process that began to write."""
    registry: Registry | None = None
    states: dict[FeedId, FeedState] = field(default_factory=dict)
    bounded: dict[bytes, Incident] = field(default_factory=dict)
    """By fingerprint: what feeds may hold of each incident, for this registry."""
    fingerprints: Fingerprints = field(default_factory=Fingerprints)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one sync did."""

    sync: str
    complete: bool
    open: int = 0
    api_calls: int = 0
    changes: int = 0
    feeds_changed: int = 0
    quarantined: int = 0
    odd: int = 0
    """Fields of incidents that could not be understood, and were done without."""
    quiet: bool = False
    error: str = ""
    """One line for a person; empty when complete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    """The use case, with everything it needs; `run` may be called again and again."""

    source: IncidentSource
    store: FeedWriter
    registry: RegistryStore
    settings: SyncSettings
    clock: Clock
    warm: SyncCache = field(default_factory=SyncCache)
    ended: EndedSource | None = None
    """Lists what opened and ended between two reads; one more call a sync."""
    names: NameSource | None = None
    """Names who acknowledged what changed, where the listing does not say."""

    def run(self, sync: str) -> Report:
        """
        Bring every feed up to date; *sync* is the new id of this run.

        Raises:
            SourceError: If nothing could be listed. Nothing is written.
            StoreError: If the store cannot be used at all.
        """
        try:
            return self._run(sync)
        finally:
            # What was listed goes; only what feeds hold is compared again.
            self.warm.fingerprints.retain(self.warm.bounded.values())

    def _run(self, sync: str) -> Report:
        started = self.clock()
        status = self.store.status()
        ids = self._audience(status).spellings if self._assigned else None
        listing = self.source.list_open(ids)
        seen = with_brief(self.ended, listing, status.watermark, started)
        if self._assigned:
            seen = seen.of(self._audience(status))
        listing = seen.listing
        reported = self._reported(status, listing, started)
        report = Report(
            sync=sync,
            complete=listing.complete,
            open=len(listing.incidents),
            api_calls=listing.calls,
            quarantined=len(listing.quarantined),
            odd=listing.odd,
            error=listing.problem,
        )
        doubted = status.doubt_until is not None and started < status.doubt_until
        audit = (
            doubted
            or status.audited_at is None
            or started - status.audited_at >= AUDIT_EVERY
        )
        same = reported.digest == status.digest and not seen.brief
        if listing.complete and same and not audit:
            self._say(reported, wrote=False)
            return replace(report, quiet=True)
        previous = self.store.begin_write(sync)
        if not previous.finished:
            reported = replace(reported, doubt_until=started + LIFETIME)
        elif not doubted:
            reported = replace(reported, doubt_until=None)
        if previous.name != self.warm.writer or audit:
            # Somebody else wrote since, or enough time passed to make sure.
            self.warm.states.clear()
        self.warm.writer = sync
        audited_at = started if audit else status.audited_at
        reported = replace(reported, writer=sync, audited_at=audited_at)
        return self._reconcile(seen, status, reported, report, started)

    @property
    def _assigned(self) -> bool:
        return self.settings.scope is Scope.ASSIGNED

    def _audience(self, status: SyncStatus) -> Audience:
        registry = self.warm.registry
        if registry is None or registry.version != status.registry:
            registry = self.warm.registry = self.registry.registry()
            self.warm.bounded.clear()
        settings = self.settings
        return Audience.of(settings.scope, settings.team, registry.users)

    def _reported(
        self, status: SyncStatus, listing: Listing, started: datetime
    ) -> SyncStatus:
        settings, scope, team = self.settings, self.settings.scope, self.settings.team
        bad = [row.id or "" for row in listing.quarantined]
        return replace(
            status,
            watermark=started,
            attempted_at=started,
            failures=0,
            problem="",
            open=len(listing.incidents),
            quarantined=len(bad),
            scope=scope,
            team=team,
            interval_seconds=int(settings.interval.total_seconds()),
            retention_days=settings.retention.days,
            version=settings.version,
            digest=digest(
                listing.incidents.values(),
                bad,
                scope,
                team,
                status.registry,
                fingerprints=self.warm.fingerprints,
            ),
        )

    def _reconcile(
        self,
        seen: Sighting,
        before: SyncStatus,
        reported: SyncStatus,
        report: Report,
        started: datetime,
    ) -> Report:
        listing, audience = seen.listing, self._audience(before)
        facts = SyncContext(
            sync=report.sync,
            observed_at=started,
            since=before.watermark,
            complete=listing.complete,
            retention=self.settings.retention,
            wanted=self._split(audience, listing.incidents),
            owners=audience.owners,
            present=listing.incidents,
            ended={},
            brief=by_feed(audience, seen.brief),
            people=audience.ids,
            registry=before.registry,
            fingerprints=self.warm.fingerprints,
            actions=self.settings.actions,
        )
        states = self.warm.states
        behind = differing(self.store, states, facts)
        stored_ids = {i for state in behind.values() for i in state.incidents}
        resolution = confirm(self.source, listing, stored_ids)
        facts = replace(facts, ended=resolution.ended, looked_at=self.clock())
        if resolution.unlisted:
            wanted = self._split(audience, resolution.present)
            facts = replace(facts, wanted=wanted, present=resolution.present)
            behind = differing(self.store, states, facts)
        facts, name_calls = with_names(self.names, facts, behind)
        for feed in behind:
            # Whatever interrupts us, nothing is remembered that may be overtaken.
            del states[feed]
        outcome = publish(self.store, facts, behind, self.settings.workers)
        states.update(outcome.states)
        reported, unclosed = self._close_former_team(before, reported)
        problem = listing.problem or resolution.problem or outcome.problem or unclosed
        complete = listing.complete and not problem
        settled = not outcome.superseded and not any(
            map(audience.has, resolution.unlisted)
        )
        if not complete:
            reported = _incomplete(reported, before)
        if not complete or not settled:
            reported = replace(reported, digest="")
        self._say(reported, wrote=bool(outcome.changed))
        return replace(
            report,
            complete=complete,
            api_calls=report.api_calls + resolution.calls + name_calls,
            changes=outcome.changes,
            feeds_changed=len(outcome.changed),
            error=problem,
        )

    def _close_former_team(
        self, before: SyncStatus, reported: SyncStatus
    ) -> tuple[SyncStatus, str]:
        """
        Close the feed of the team in *before*, unless it is ours.

        Returns what to report, and why it could not be closed. The report then keeps
        the former team, by which the next sync sees that it is still to be closed.
        """
        settings, started = self.settings, reported.attempted_at
        same = not self._assigned and settings.team == before.team
        if same or not before.team or before.scope != Scope.TEAM or not started:
            return reported, ""
        closed = FeedClosure(
            reason=CloseReason.SCOPE if self._assigned else CloseReason.TEAM,
            at=started,
            registry=before.registry,
            ends=expiry(started.date(), settings.retention),
        )
        try:
            feed = team_feed(before.team)
            close_feed(self.store, feed, closed, reported.writer, settings.actions)
        except (StoreError, ValueError) as error:
            kept = replace(reported, scope=before.scope, team=before.team)
            return kept, f"{error}"
        return reported, ""

    def _split(
        self, audience: Audience, incidents: Mapping[IncidentId, Incident]
    ) -> dict[FeedId, dict[IncidentId, Incident]]:
        warm = self.warm
        return audience.split(incidents, warm.bounded, warm.fingerprints)

    def _say(self, status: SyncStatus, *, wrote: bool) -> None:
        """Write the status, last of all."""
        try:
            self.store.write_status(status)
        except ConflictError:
            # Another sync has begun to write since; its digest may not cover ours.
            if wrote:
                self.store.clear_digest()


def _incomplete(status: SyncStatus, before: SyncStatus) -> SyncStatus:
    """Return *status* with the times of *before*, and one more failure."""
    return replace(
        status,
        watermark=before.watermark,
        audited_at=before.audited_at,
        failures=before.failures + 1,
        problem="incomplete",
    )

"""The steps that bring one feed up to date: each atomic, each contiguous."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TypeVar

from incidents.changes import Change
from incidents.diff import diff, replay
from incidents.feeds import MAX_ACTIONS, Commit, FeedId, FeedState, Head, expired
from incidents.fingerprint import digest, fingerprint
from incidents.models import Incident, IncidentId, UserId
from incidents.sync.bounds import bound

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncContext:
    """What one sync knows, and every feed is planned from."""

    sync: str
    """The id of the sync: who writes."""
    observed_at: datetime
    since: datetime | None
    """The watermark of the sync before."""
    complete: bool
    retention: timedelta
    wanted: Mapping[FeedId, Mapping[IncidentId, Incident]]
    owners: Mapping[FeedId, frozenset[UserId]]
    present: Mapping[IncidentId, Incident]
    """Every incident known to be open, in any feed or none."""
    ended: Mapping[IncidentId, Incident | None]
    """Those confirmed as resolved (as they are now) or not to exist (None)."""
    brief: Mapping[FeedId, Mapping[IncidentId, Incident]] = field(default_factory=dict)
    """What opened and ended between two reads, bounded; by feed."""
    looked_at: datetime | None = None
    """When the last look at the source had ended; the read began at `observed_at`."""
    arrived: frozenset[IncidentId] = frozenset()
    """Those that the team's feed did not hold; none where there is no such feed."""
    people: frozenset[UserId] = frozenset()
    """Every id of everybody who has a feed, in lower case."""
    registry: int = 0
    """The version of the registry that the audience comes from."""
    fingerprints: Callable[[Incident], bytes] = fingerprint
    """Where fingerprints come from: computed, or remembered by the caller."""
    actions: int = MAX_ACTIONS
    """How many a commit may hold, its head included; at least three."""

    @property
    def puts(self) -> int:
        """How many incidents one commit can hold."""
        return self.actions - 1

    @property
    def changes(self) -> int:
        """How many changes: each takes itself, and the state it leads to."""
        return (self.actions - 1) // 2

    def gone(self, missed: Collection[IncidentId]) -> dict[IncidentId, Incident | None]:
        """
        Tell what became of those *missed* that are accounted for, bounded.

        After an incomplete read nothing is gone: not even unassigned.
        """
        if not self.complete:
            return {}
        known = {id_: self._now(id_) for id_ in missed if self._is_known(id_)}
        return {id_: now and bound(now, self.people) for id_, now in known.items()}

    def _is_known(self, id_: IncidentId) -> bool:
        return id_ in self.ended or id_ in self.present

    def _now(self, id_: IncidentId) -> Incident | None:
        return self.ended[id_] if id_ in self.ended else self.present[id_]

    def superseded(self, head: Head) -> bool:
        """
        Whether *head* reflects a later read than ours: older never beats newer.

        A time far ahead is a writer's wrong clock, and binds nobody. A feed that
        was closed by a later registry, or later by ours, is not ours to open.
        """
        closed = head.closed
        if closed and closed.registry > self.registry:
            return True
        latest = head.watermark
        if closed and closed.registry == self.registry:
            latest = max(latest, closed.at)
        return timedelta() < latest - self.observed_at < timedelta(minutes=15)


def steps(feed: FeedId, state: FeedState, facts: SyncContext) -> list[Commit]:
    """List the commits, in order, that bring *feed* from *state* up to *facts*."""
    wanted, owners = facts.wanted[feed], facts.owners[feed]
    if state.head is None or not state.head.ready:
        # What a partial baseline left out would be told as news by the next sync.
        complete = facts.complete
        return list(_baseline(feed, state, wanted, owners, facts)) if complete else []
    if state.head.closed:
        return list(_reopening(feed, state, facts)) if facts.complete else []
    return list(_changed(feed, state, facts))


def _changed(feed: FeedId, state: FeedState, facts: SyncContext) -> Iterator[Commit]:
    """Yield the commits that tell what has changed in a feed with a baseline."""
    wanted, owners, head = facts.wanted[feed], facts.owners[feed], state.head
    if head is None:
        raise ValueError("a feed without a baseline")
    if head.closed:
        # Nobody looked on its behalf since it was closed.
        facts = replace(facts, since=head.watermark)
    changes = _brief(feed, state, head, facts) + diff(
        state.incidents,
        wanted,
        facts.gone(state.incidents.keys() - wanted.keys()),
        observed_at=facts.observed_at,
        since=facts.since,
        personal=bool(owners),
        arrived=facts.arrived,
    )
    after = replay(state.incidents, changes)
    final = digest(after.values(), owners, fingerprints=facts.fingerprints)
    if changes or head.closed or final != head.digest:
        yield from _continuation(feed, head, changes, final, facts)


def _reopening(feed: FeedId, state: FeedState, facts: SyncContext) -> Iterator[Commit]:
    """
    Open a closed feed where it ended, so that readers catch up with the changes.

    States are put again, as they expire otherwise; the feed stays closed until the
    last commit. One whose time is over may have lost states: it begins a new epoch.
    """
    head = state.head
    if head is None or head.closed is None:
        raise ValueError("a feed that is not closed")
    if head.closed.ends and facts.observed_at >= head.closed.ends:
        fresh = replace(head, ready=False, epoch=facts.sync)
        old = replace(state, head=fresh)
        for step in _baseline(feed, old, facts.wanted[feed], facts.owners[feed], facts):
            yield replace(step, expected=head) if step.expected is fresh else step
        return
    again = replace(head.closed, ends=None)
    for run in _runs(sorted(state.incidents.values(), key=lambda i: i.id), facts.puts):
        put = replace(
            head, rev=head.rev + 1, writer=facts.sync, digest="", closed=again
        )
        yield Commit(feed=feed, expected=head, head=put, puts=tuple(run))
        head = put
    yield from _changed(feed, replace(state, head=replace(head, closed=again)), facts)


def _brief(
    feed: FeedId, state: FeedState, head: Head, facts: SyncContext
) -> list[Change]:
    """
    Tell what came and went after the read that the feed last reflects (ADR 0010).

    That read's time is replaced in the same commit, so each is told once. Only as
    many as fit into one commit: were it two, a crash between them would lose some.
    """
    if not facts.complete:
        return []
    fresh = [
        one
        for id_, one in facts.brief.get(feed, {}).items()
        if one.opened_at > head.watermark and id_ not in state.incidents
    ]
    fresh.sort(key=lambda one: (one.opened_at, one.id))
    return [
        Change(
            before=None,
            after=one,
            observed_at=facts.observed_at,
            since=facts.since,
            joined=bool(facts.owners[feed]),
        )
        for one in fresh[: facts.changes]
    ]


def _baseline(
    feed: FeedId,
    state: FeedState,
    wanted: Mapping[IncidentId, Incident],
    owners: frozenset[UserId],
    facts: SyncContext,
) -> Iterator[Commit]:
    """State and no changes: nobody is told of what was open already."""
    stale = [id_ for id_ in state.incidents if id_ not in wanted]
    puts = sorted(wanted.values(), key=lambda i: i.id)
    batches = _runs(puts, facts.puts) or [()]
    batches_gone = _runs(stale, facts.puts)
    total = len(batches) + len(batches_gone)
    previous = state.head
    final = digest(wanted.values(), owners, fingerprints=facts.fingerprints)
    for number in range(1, total + 1):
        last = number == total
        head = Head(
            seq=previous.seq if previous else 0,
            rev=(previous.rev if previous else 0) + 1,
            epoch=previous.epoch if previous else facts.sync,
            writer=facts.sync,
            watermark=facts.observed_at,
            digest=final if last else "",
            ready=last,
            owners=owners,
        )
        gone = number - len(batches) - 1
        yield Commit(
            feed=feed,
            expected=previous,
            head=head,
            puts=tuple(batches[number - 1]) if gone < 0 else (),
            deletes=tuple(batches_gone[gone]) if gone >= 0 else (),
        )
        previous = head


def _continuation(
    feed: FeedId,
    head: Head,
    changes: Sequence[Change],
    final: str,
    facts: SyncContext,
) -> Iterator[Commit]:
    reflected = _reflected(changes, facts)
    runs = _runs(changes, facts.changes) or [()]
    for number, run in enumerate(runs, 1):
        last = number == len(runs)
        new = replace(
            head,
            seq=head.seq + len(run),
            rev=head.rev + 1,
            writer=facts.sync,
            watermark=reflected if facts.complete else head.watermark,
            digest=final if last else "",
            owners=facts.owners[feed],
            marks=_marked(head, run, facts),
            closed=None if last else head.closed,
        )
        open_incidents = replay({}, run)
        yield Commit(
            feed=feed,
            expected=head,
            head=new,
            changes=tuple(run),
            puts=tuple(open_incidents.values()),
            deletes=tuple(
                c.incident.id for c in run if c.incident.id not in open_incidents
            ),
        )
        head = new


def _reflected(changes: Sequence[Change], facts: SyncContext) -> datetime:
    """
    Tell up to when a feed with *changes* reflects the source.

    That is when the read began, unless it saw the end of what opened after that,
    and had been told by a sync beside it: `_brief` would take that for unseen.
    """
    ended = [one for one in changes if one.before and not replay({}, [one])]
    latest = max((one.incident.opened_at for one in ended), default=facts.observed_at)
    seen = min(latest, facts.looked_at or facts.observed_at)
    return max(facts.observed_at, seen)


def _marked(
    head: Head, run: Sequence[Change], facts: SyncContext
) -> tuple[tuple[date, int], ...]:
    today = facts.observed_at.date()
    live = tuple(
        mark
        for mark in head.marks
        if not expired(mark[0], facts.observed_at, facts.retention)
    )
    if not run:
        return live
    earlier = tuple(mark for mark in live if mark[0] <= today)
    if earlier and earlier[-1][0] == today:
        return earlier
    # An older read that commits after a newer one, around midnight, ends before
    # the rows in front of it. They count as of its day, so that `lo` still tells.
    later = live[len(earlier) :]
    return (*earlier, (today, later[0][1] if later else head.seq + 1))


def _runs(items: Sequence[_T], size: int) -> list[Sequence[_T]]:
    return [items[start : start + size] for start in range(0, len(items), size)]

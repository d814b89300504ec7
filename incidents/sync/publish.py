"""Commit what was planned, feed by feed; one that fails never stops the others."""

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from incidents.diff import replay
from incidents.errors import ConflictError, StoreError
from incidents.feeds import Commit, FeedId, FeedState
from incidents.models import Incident, IncidentId
from incidents.ports import FeedWriter
from incidents.sync.plan import SyncContext, steps

_RACES = 5
"""How often a lost race is run again in one sync; the next tick runs it anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishResult:
    """What became of the commits of one sync."""

    states: Mapping[FeedId, FeedState] = field(default_factory=dict)
    """Every feed that could be brought up to date, as it is now."""
    changed: frozenset[FeedId] = frozenset()
    """Feeds that were written to."""
    superseded: bool = False
    """A later read had already brought some feed further than ours could."""
    changes: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Progress:
    """How far one feed has come."""

    feed: FeedId
    state: FeedState
    commits: int = 0
    changes: int = 0
    superseded: bool = False
    problem: str = ""

    def after(self, step: Commit) -> "_Progress":
        incidents = replay(self.state.incidents, step.changes)
        incidents |= {incident.id: incident for incident in step.puts}
        for id_ in step.deletes:
            incidents.pop(id_, None)
        return replace(
            self,
            state=FeedState(head=step.head, incidents=incidents),
            commits=self.commits + 1,
            changes=self.changes + len(step.changes),
        )

    def sharing(self, wanted: Mapping[IncidentId, Incident]) -> "_Progress":
        """Hold what was listed rather than what was read, where they are equal."""
        if self.state.incidents != wanted:
            return self
        return replace(self, state=replace(self.state, incidents=wanted))


def publish(
    store: FeedWriter,
    facts: SyncContext,
    states: Mapping[FeedId, FeedState],
    workers: int,
) -> PublishResult:
    """Bring every feed in *states* up to *facts*, on at most *workers* threads."""
    if not states:
        return PublishResult()

    facts = replace(facts, arrived=_arrived(facts, states))

    def bring(feed: FeedId) -> _Progress:
        return _bring(store, facts, _Progress(feed=feed, state=states[feed]))

    done = list(_spread(bring, states, workers))
    return PublishResult(
        states={d.feed: d.state for d in done if not d.problem},
        changed=frozenset(d.feed for d in done if d.commits),
        superseded=any(d.superseded for d in done),
        changes=sum(d.changes for d in done),
        problem=next((d.problem for d in done if d.problem), ""),
    )


def _arrived(
    facts: SyncContext, states: Mapping[FeedId, FeedState]
) -> frozenset[IncidentId]:
    """Name what is new to the team's feed: it was open for nobody before."""
    new: set[IncidentId] = set()
    for feed, state in states.items():
        if not facts.owners[feed] and state.head is not None and state.head.ready:
            new |= facts.wanted[feed].keys() - state.incidents.keys()
    return frozenset(new)


def _spread(
    bring: Callable[[FeedId], _Progress], feeds: Collection[FeedId], workers: int
) -> Iterable[_Progress]:
    if min(workers, len(feeds)) == 1:
        return map(bring, feeds)
    with ThreadPoolExecutor(max_workers=min(workers, len(feeds))) as pool:
        return pool.map(bring, feeds)


def _bring(store: FeedWriter, facts: SyncContext, progress: _Progress) -> _Progress:
    try:
        for _race in range(_RACES):
            head = progress.state.head
            if head and facts.superseded(head):
                return replace(progress, superseded=True)
            try:
                for step in steps(progress.feed, progress.state, facts):
                    store.commit(step)
                    progress = progress.after(step)
            except ConflictError:
                progress = replace(progress, state=store.state(progress.feed))
            else:
                return progress.sharing(facts.wanted[progress.feed])
    except StoreError as error:
        return replace(progress, problem=str(error))
    return replace(progress, problem="Other syncs kept getting there first.")

"""Who acknowledged what has changed: asked for where the listing does not say."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from incidents.errors import SourceError
from incidents.feeds import FeedId, FeedState
from incidents.models import Incident, IncidentId, Status, UserId
from incidents.ports import NameSource
from incidents.sync.bounds import bound
from incidents.sync.plan import SyncContext


def with_names(
    source: NameSource | None, facts: SyncContext, differing: Mapping[FeedId, FeedState]
) -> tuple[SyncContext, int]:
    """
    Return *facts* with the names that *source* knows, and how many calls it took.

    A listing often comes without events (coralogix.md §3), and only they say who did
    it. A name decides nothing: without an answer the change is told without it.
    """
    nameless = sorted(
        {incident.id for incident in _without_acknowledger(facts, differing)}
    )
    if source is None or not nameless:
        return facts, 0
    try:
        lookup = source.fetch_once(nameless)
    except SourceError:
        # What is wrong is said by the next listing, if it lasts.
        return facts, 1
    names = {
        id_: incident.acknowledged_by
        for id_, incident in lookup.incidents.items()
        if incident.status == Status.ACKNOWLEDGED
        and incident.acknowledged_by is not None
    }
    wanted = {
        feed: {
            id_: _with_acknowledger(incident, names, facts)
            for id_, incident in incidents.items()
        }
        for feed, incidents in facts.wanted.items()
    }
    return replace(facts, wanted=wanted), lookup.calls


def _without_acknowledger(
    facts: SyncContext, differing: Mapping[FeedId, FeedState]
) -> Iterator[Incident]:
    """Yield what will be told as changed; a feed that begins tells of nothing."""
    for feed, state in differing.items():
        if state.head is None or not state.head.ready:
            continue
        for id_, incident in facts.wanted[feed].items():
            if (
                incident.status == Status.ACKNOWLEDGED
                and incident.acknowledged_by is None
            ):
                stored = state.incidents.get(id_)
                if stored is not incident and stored != incident:
                    yield incident


def _with_acknowledger(
    incident: Incident, names: Mapping[IncidentId, UserId], facts: SyncContext
) -> Incident:
    name = names.get(incident.id)
    if name is None or incident.acknowledged_by is not None:
        return incident
    return bound(replace(incident, acknowledged_by=name), facts.people)

"""What opened and ended between two reads, and is in no listing of what is open."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from incidents.errors import SourceError
from incidents.feeds import FeedId
from incidents.models import Incident, IncidentId
from incidents.ports import EndedSource, Listing
from incidents.sync.audience import Audience
from incidents.sync.bounds import bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What is open, and what came and went since the read before."""

    listing: Listing
    brief: Mapping[IncidentId, Incident]

    def of(self, audience: Audience) -> "Sighting":
        """Leave out what belongs to nobody here."""
        brief = {
            id_: incident
            for id_, incident in self.brief.items()
            if audience.has(incident)
        }
        return replace(self, brief=brief)


def with_brief(
    source: EndedSource | None,
    listing: Listing,
    after: datetime | None,
    until: datetime,
) -> Sighting:
    """
    Add to a complete *listing* what opened later than *after* and has ended.

    The read before began at *after*: what it showed is told in the usual way. If
    this cannot be read the listing is not complete, so that the next sync looks as
    far back.
    """
    if source is None or after is None or not listing.complete:
        return Sighting(listing=listing, brief={})
    try:
        ended = source.list_ended(after, until)
    except SourceError as error:
        problem = f"What has just ended could not be listed: {error}"
        return Sighting(
            listing=replace(
                listing, complete=False, problem=problem, calls=listing.calls + 1
            ),
            brief={},
        )
    brief = {
        id_: incident
        for id_, incident in ended.incidents.items()
        if after < incident.opened_at <= until
        and not incident.is_open
        and id_ not in listing.incidents
    }
    return Sighting(
        listing=replace(
            listing,
            complete=ended.complete,
            problem=ended.problem,
            calls=listing.calls + ended.calls,
        ),
        brief=brief,
    )


def by_feed(
    audience: Audience, brief: Mapping[IncidentId, Incident]
) -> dict[FeedId, dict[IncidentId, Incident]]:
    """Hand out what was *brief*, bounded; only feeds that get any."""
    result: dict[FeedId, dict[IncidentId, Incident]] = {}
    for feed, ids in audience.owners.items() if brief else ():
        owner_ids = {id_.lower() for id_ in ids}
        shown = {
            id_: bound(incident, audience.ids)
            for id_, incident in brief.items()
            if feed == audience.team
            or any(a.lower() in owner_ids for a in incident.assignees)
        }
        if shown:
            result[feed] = shown
    return result

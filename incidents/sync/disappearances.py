"""What became of incidents that are stored and no longer listed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from incidents.errors import SourceError
from incidents.models import Incident, IncidentId
from incidents.ports import IncidentSource, Listing, Lookup


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """The answer to where they went."""

    present: Mapping[IncidentId, Incident]
    """Everything open: what was listed, and what turned out to be open still."""
    ended: Mapping[IncidentId, Incident | None]
    """Resolved (as they are now), or None where there is no such incident."""
    unlisted: tuple[Incident, ...] = ()
    """Open, and yet not listed: the source contradicts itself, or they moved on."""
    calls: int = 0
    problem: str = ""
    """Why some are still in doubt; those stay as they are. Empty if none is."""


def confirm(
    source: IncidentSource, listing: Listing, stored: Collection[IncidentId]
) -> Resolution:
    """
    Look up every one of *stored* that a complete *listing* does not show.

    Absence proves nothing: only an answer about the incident itself ends it. A
    flood of disappearances is believed as a whole or not at all.
    """
    unread = {row.id for row in listing.quarantined}
    vanished = set(stored) - listing.incidents.keys() - unread
    if not listing.complete or not vanished:
        return Resolution(present=listing.incidents, ended={})
    lookup = _look_up(source, vanished)
    doubtful = vanished - (
        lookup.incidents.keys()
        | lookup.missing
        | {row.id for row in lookup.quarantined if row.id}
    )
    problem = (
        f"{len(doubtful)} incidents that are no longer listed could not be looked up."
        if doubtful
        else ""
    )
    if doubtful and _is_flood(len(vanished), len(stored)):
        return Resolution(
            present=listing.incidents, ended={}, calls=lookup.calls, problem=problem
        )
    unlisted = tuple(i for i in lookup.incidents.values() if i.is_open)
    ended: dict[IncidentId, Incident | None] = {
        i.id: i for i in lookup.incidents.values() if not i.is_open
    }
    return Resolution(
        present={**listing.incidents, **{i.id: i for i in unlisted}},
        ended={**ended, **dict.fromkeys(lookup.missing)},
        unlisted=unlisted,
        calls=lookup.calls,
        problem=problem,
    )


def _look_up(source: IncidentSource, ids: Collection[IncidentId]) -> Lookup:
    try:
        return source.look_up(sorted(ids))
    except SourceError:
        # What was listed is still good: it is told, and nothing is removed.
        return Lookup(incidents={}, missing=frozenset(), calls=1)


def _is_flood(vanished: int, stored: int) -> bool:
    return vanished > max(10, 0.3 * stored)

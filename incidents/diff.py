"""Compare what a feed holds with what it should hold, and follow that back again."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from incidents.changes import Change, is_fresh
from incidents.models import Incident, IncidentId


def diff(  # noqa: PLR0913  # a comparison, and the two times it lies between
    stored: Mapping[IncidentId, Incident],
    wanted: Mapping[IncidentId, Incident],
    gone: Mapping[IncidentId, Incident | None],
    *,
    observed_at: datetime,
    since: datetime | None = None,
    personal: bool = False,
    arrived: Collection[IncidentId] = frozenset(),
) -> list[Change]:
    """
    List what leads from *stored* to *wanted*, ordered by when it opened, then by id.

    *gone* tells what became of those that are stored and no longer wanted: the
    incident as it is now, or None where the source denies that it exists. What
    is in neither is kept: silence removes nothing. In a *personal* feed what
    comes has been assigned, unless it is known to have *arrived* in the account
    itself, and not for the first time: then it has opened again.
    """

    def joined(after: Incident) -> bool:
        if not personal or after.id in stored:
            return False
        return after.id not in arrived or is_fresh(after, since)

    changes = [
        Change(
            before=stored.get(id_),
            after=after,
            observed_at=observed_at,
            since=since,
            joined=joined(after),
        )
        for id_, after in wanted.items()
        if _differs(stored.get(id_), after)
    ]
    for id_ in stored.keys() - wanted.keys():
        if id_ in gone:
            after = gone[id_]
            changes.append(
                Change(
                    before=stored[id_],
                    after=after,
                    observed_at=observed_at,
                    since=since,
                    left=after is not None and after.is_open,
                )
            )
    return sorted(changes, key=lambda c: (c.incident.opened_at, c.incident.id))


def _differs(before: Incident | None, after: Incident) -> bool:
    # Most are the very same value, and comparing field by field is what costs.
    return before is not after and before != after


def replay(
    incidents: Mapping[IncidentId, Incident], changes: Iterable[Change]
) -> dict[IncidentId, Incident]:
    """
    Apply *changes*, oldest first, to the *incidents* that a feed holds.

    The inverse of `diff`: applied to what was held, it gives what was wanted.
    Applying the same changes twice is the same as applying them once.
    """
    result = dict(incidents)
    for change in changes:
        if change.after and change.after.is_open and not change.left:
            result[change.incident.id] = change.after
        else:
            result.pop(change.incident.id, None)
    return result

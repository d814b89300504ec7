"""What people do through the API: assign, unassign, acknowledge, resolve, close."""

from collections.abc import Callable

from simulator.api.call import NotFoundError, RequestContext
from simulator.api.decoding import BadRequestError, inner, text
from simulator.api.encoding import incident
from simulator.api.responses import Answer, many, said
from simulator.world.records import IncidentRecord

_LONGEST = 300


def assign(asked: RequestContext) -> Answer:
    """Assign incidents to a user; answer them as they are now."""
    user = text(inner(asked.fields, "assignedTo") or {}, "userId")
    if not 1 <= len(user) <= _LONGEST:
        raise BadRequestError("invalid assignedTo: a userId is required")
    world, by = asked.world, asked.bearer.user
    return _each(asked, lambda record: world.assign(record.id, user, by))


def unassign(asked: RequestContext) -> Answer:
    """Assign incidents to nobody."""
    world, by = asked.world, asked.bearer.user
    return _each(asked, lambda record: world.unassign(record.id, by))


def acknowledge(asked: RequestContext) -> Answer:
    """Acknowledge incidents."""
    world, by = asked.world, asked.bearer.user
    return _each(asked, lambda record: world.acknowledge(record.id, by))


def resolve(asked: RequestContext) -> Answer:
    """Resolve incidents; to close them comes to the same."""
    world = asked.world
    return _each(asked, lambda record: world.resolve(record.id, _closer(asked)))


def acknowledge_event(asked: RequestContext) -> Answer:
    """Acknowledge the incident of an event."""
    record = asked.of_event()
    asked.world.acknowledge(record.id, asked.bearer.user)
    return said({"incident": incident(record)})


def resolve_event(asked: RequestContext) -> Answer:
    """Resolve the incident of an event."""
    record = asked.of_event()
    asked.world.resolve(record.id, _closer(asked))
    return said({"incident": incident(record)})


def _closer(asked: RequestContext) -> str:
    # A team's key may close; the event then names the key, as it has no person.
    return asked.bearer.user or "team-api-key"


def _each(asked: RequestContext, act: Callable[[IncidentRecord], None]) -> Answer:
    """Act on all that exist; what does not is left out, unless it is everything."""
    ids = asked.ids("incidentIds")
    found = [
        record for id_ in ids if (record := asked.world.find(id_.lower())) is not None
    ]
    if not found:
        raise NotFoundError("none of the incidents was found")
    for record in found:
        act(record)
    return many(found, asked.plan)

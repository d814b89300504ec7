"""Handlers that change incidents: assign, unassign, acknowledge, resolve, close."""

from collections.abc import Callable

from simulator.api.call import NotFoundError, RequestContext
from simulator.api.decoding import BadRequestError, inner, text
from simulator.api.encoding import incident_json
from simulator.api.responses import ApiResponse, incidents_response, ok_response
from simulator.world.records import IncidentRecord

_MAX_USER_ID = 300


def assign(context: RequestContext) -> ApiResponse:
    """Assign incidents to a user; answer the changed incidents."""
    user = text(inner(context.fields, "assignedTo") or {}, "userId")
    if not 1 <= len(user) <= _MAX_USER_ID:
        raise BadRequestError("invalid assignedTo: a userId is required")
    world, by = context.world, context.caller.user
    return _each(context, lambda record: world.assign(record.id, user, by))


def unassign(context: RequestContext) -> ApiResponse:
    """Remove all assignees of incidents."""
    world, by = context.world, context.caller.user
    return _each(context, lambda record: world.unassign(record.id, by))


def acknowledge(context: RequestContext) -> ApiResponse:
    """Acknowledge incidents."""
    world, by = context.world, context.caller.user
    return _each(context, lambda record: world.acknowledge(record.id, by))


def resolve(context: RequestContext) -> ApiResponse:
    """Resolve incidents; the close operation does the same."""
    world = context.world
    return _each(context, lambda record: world.resolve(record.id, _closer(context)))


def acknowledge_event(context: RequestContext) -> ApiResponse:
    """Acknowledge the incident of an event."""
    record = context.record_of_event()
    context.world.acknowledge(record.id, context.caller.user)
    return ok_response({"incident": incident_json(record)})


def resolve_event(context: RequestContext) -> ApiResponse:
    """Resolve the incident of an event."""
    record = context.record_of_event()
    context.world.resolve(record.id, _closer(context))
    return ok_response({"incident": incident_json(record)})


def _closer(context: RequestContext) -> str:
    # A team key may close; the event then names the key, because no user did it.
    return context.caller.user or "team-api-key"


def _each(
    context: RequestContext, action: Callable[[IncidentRecord], None]
) -> ApiResponse:
    """Act on the incidents that exist. Raises NotFoundError if none does."""
    ids = context.ids("incidentIds")
    records = [
        record for id_ in ids if (record := context.world.find(id_.lower())) is not None
    ]
    if not records:
        raise NotFoundError("none of the incidents was found")
    for record in records:
        action(record)
    return incidents_response(records, context.plan)

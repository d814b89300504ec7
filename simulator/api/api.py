"""Handle API requests as the vendor's gateway does (coralogix.md §1 to 5)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias
from urllib.parse import unquote

from simulator.api import mutations, queries
from simulator.api.call import NotFoundError, RequestContext
from simulator.api.decoding import BadRequestError, Values, from_body, from_query
from simulator.api.faults import Faults, Plan
from simulator.api.responses import ApiResponse, Caller, error_response, route_not_found
from simulator.api.routes import ApiRoute, find
from simulator.world.people import TEAM_KEY
from simulator.world.world import World

Handler: TypeAlias = Callable[[RequestContext], ApiResponse]

_HANDLERS: Mapping[str, Handler] = {
    "list": queries.listing,
    "batch": queries.batch,
    "get": queries.get,
    "events": queries.events,
    "list-events": queries.all_events,
    "count-events": queries.count_events,
    "filter-values": queries.filter_values,
    "event-filter-values": queries.event_filter_values,
    "aggregations": queries.aggregations,
    "by-event": queries.by_event,
    "whoami": queries.whoami,
    "assign": mutations.assign,
    "unassign": mutations.unassign,
    "acknowledge": mutations.acknowledge,
    "resolve": mutations.resolve,
    "close": mutations.resolve,
    "acknowledge-event": mutations.acknowledge_event,
    "resolve-event": mutations.resolve_event,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRequest:
    """An HTTP request."""

    method: str
    path: str
    """With the version's prefix."""
    query: str = ""
    authorization: str = ""
    body: bytes = b""


class Api:
    """Answers requests about a world. Safe for several threads."""

    def __init__(self, world: World, faults: Faults) -> None:
        """Serve *world* with *faults*."""
        self._world = world
        self._faults = faults
        self._keys = {user.key: Caller(user.id, user.email) for user in world.users}
        self._keys[TEAM_KEY] = Caller("")

    def answer(self, request: ApiRequest) -> ApiResponse:
        """Answer *request*: route, faults, key, permission, fields, handler."""
        match = find(request.method, request.path)
        if match is None:
            return route_not_found()
        route, id_ = match
        plan = self._faults.draw(route.operation)
        status = next((int(kind) for kind in plan if kind.isdigit()), None)
        if status is not None:
            answer = error_response(
                status, "on demand", plain="plain" in plan, wait=plan[str(status)]
            )
        else:
            answer = self._handle(request, route, unquote(id_), plan)
            if plan.get("lost"):
                answer = error_response(int(plan["lost"]), "done, but not confirmed")
        return replace(answer, plan=plan)

    def _handle(
        self, request: ApiRequest, route: ApiRoute, id_: str, plan: Plan
    ) -> ApiResponse:
        plain = "plain" in plan
        caller = self._keys.get(request.authorization.removeprefix("Bearer ").strip())
        if caller is None:
            return error_response(401, "the API key is not valid", plain=plain)
        if route.permission and not caller.may(route.permission):
            return error_response(
                403,
                f"missing permission {route.permission}: a personal key is required",
                plain=plain,
            )
        try:
            context = RequestContext(
                world=self._world,
                caller=caller,
                fields=_fields(request, route),
                id=id_,
                plan=plan,
            )
            with self._world.lock:
                return _HANDLERS[route.operation](context)
        except BadRequestError as exc:
            return error_response(400, str(exc), plain=plain)
        except NotFoundError as exc:
            return error_response(404, str(exc), plain=plain)


def _fields(request: ApiRequest, route: ApiRoute) -> Values:
    if route.body:
        return from_body(request.body, route.message)
    return from_query(request.query, route.message)

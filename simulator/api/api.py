"""The HTTP API over the world, with the gateway's manners (coralogix.md §1 to 5)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias
from urllib.parse import unquote

from simulator.api import mutations, queries
from simulator.api.call import NotFoundError, RequestContext
from simulator.api.decoding import BadRequestError, Values, from_body, from_query
from simulator.api.faults import Faults, Plan
from simulator.api.responses import Answer, Bearer, no_route, refused
from simulator.api.routes import ApiRoute, find
from simulator.world.people import TEAM_KEY
from simulator.world.world import World

Handler: TypeAlias = Callable[[RequestContext], Answer]

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
    """What came over the wire."""

    method: str
    path: str
    """With the version, as it came."""
    query: str = ""
    authorization: str = ""
    body: bytes = b""


class Api:
    """Answers requests; may be asked by several threads at once."""

    def __init__(self, world: World, faults: Faults) -> None:
        """Answer about *world*, with *faults*."""
        self._world = world
        self._faults = faults
        self._keys = {user.key: Bearer(user.id, user.email) for user in world.users}
        self._keys[TEAM_KEY] = Bearer("")

    def answer(self, request: ApiRequest) -> Answer:
        """Answer *request*: route, faults, key, permission, fields, and then do it."""
        found = find(request.method, request.path)
        if found is None:
            return no_route()
        route, id_ = found
        plan = self._faults.draw(route.operation)
        status = next((int(kind) for kind in plan if kind.isdigit()), None)
        if status is not None:
            answer = refused(
                status, "on demand", plain="plain" in plan, wait=plan[str(status)]
            )
        else:
            answer = self._answered(request, route, unquote(id_), plan)
            if plan.get("lost"):
                answer = refused(int(plan["lost"]), "done, and not said")
        return replace(answer, plan=plan)

    def _answered(
        self, request: ApiRequest, route: ApiRoute, id_: str, plan: Plan
    ) -> Answer:
        plain = "plain" in plan
        bearer = self._keys.get(request.authorization.removeprefix("Bearer ").strip())
        if bearer is None:
            return refused(401, "the API key is not valid", plain=plain)
        if route.permission and not bearer.may(route.permission):
            return refused(
                403,
                f"missing permission {route.permission}: a personal key is required",
                plain=plain,
            )
        try:
            asked = RequestContext(
                world=self._world,
                bearer=bearer,
                fields=_fields(request, route),
                id=id_,
                plan=plan,
            )
            with self._world.lock:
                return _HANDLERS[route.operation](asked)
        except BadRequestError as exc:
            return refused(400, str(exc), plain=plain)
        except NotFoundError as exc:
            return refused(404, str(exc), plain=plain)


def _fields(request: ApiRequest, route: ApiRoute) -> Values:
    if route.body:
        return from_body(request.body, route.message)
    return from_query(request.query, route.message)

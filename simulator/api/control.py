"""The control API for tests and demonstrations: `/_sim/…`; no key, no faults."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from simulator.api.api import ApiRequest
from simulator.api.encoding import Json, dump, incident_json
from simulator.api.faults import Faults
from simulator.api.responses import ApiResponse
from simulator.world.people import TEAM_KEY
from simulator.world.world import World

PREFIX = "/_sim/"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandledRequest:
    """A request that the API has answered."""

    method: str
    path: str
    """Without the version's prefix."""
    version: str
    """5, 4, 3, unversioned, or empty for a path that has no version."""
    query: str
    status: int


def answer(
    world: World,
    faults: Faults,
    requests: Sequence[HandledRequest],
    request: ApiRequest,
) -> ApiResponse:
    """
    Answer a request to the control API.

    GET `state` returns the whole world, `requests` the requests to the API so far,
    `faults` the faults in force. POST `act` takes `{"do": …, "id": …, …}`,
    `faults` `{"spec": …}`, `advance` `{"seconds": …}`.
    """
    routes: Mapping[tuple[str, str], Callable[[], Json]] = {
        ("GET", "state"): lambda: truth(world),
        ("GET", "requests"): lambda: {
            "requests": [_request_json(request) for request in requests]
        },
        ("GET", "faults"): lambda: {"spec": faults.spec},
        ("POST", "faults"): lambda: _set(world, faults, _Body(request)),
        ("POST", "advance"): lambda: _advance(world, _Body(request)),
        ("POST", "act"): lambda: _act(world, _Body(request)),
    }
    route = routes.get((request.method, request.path.removeprefix(PREFIX)))
    if route is None:
        return _json_response({"error": "no such path"}, HTTPStatus.NOT_FOUND)
    try:
        return _json_response(route())
    except ValueError as exc:
        return _json_response({"error": str(exc)}, HTTPStatus.BAD_REQUEST)
    except KeyError as exc:
        return _json_response(
            {"error": f"no such incident: {exc}"}, HTTPStatus.NOT_FOUND
        )


def _request_json(request: HandledRequest) -> Json:
    return {
        "method": request.method,
        "path": request.path,
        "version": request.version,
        "status": request.status,
    }


def _set(world: World, faults: Faults, body: "_Body") -> Json:
    faults.set(body.text("spec"))
    world.hostile = faults.hostile
    return {"spec": faults.spec}


def _advance(world: World, body: "_Body") -> Json:
    world.advance(world.now + timedelta(seconds=body.number("seconds")))
    return {"now": world.now.isoformat()}


def _json_response(value: Json, status: HTTPStatus = HTTPStatus.OK) -> ApiResponse:
    return ApiResponse(status=status, body=dump(value))


class _Body:
    """The fields of a request's body. Raises ValueError if one is missing or wrong."""

    def __init__(self, request: ApiRequest) -> None:
        value = json.loads(request.body or b"{}")
        self._fields: Mapping[str, object] = value if isinstance(value, dict) else {}

    def text(self, name: str, absent: str | None = None) -> str:
        value = self._fields.get(name, absent)
        if isinstance(value, str):
            return value
        raise ValueError(f"{name} must be text")

    def number(self, name: str) -> float:
        value = self._fields.get(name)
        if isinstance(value, int | float):
            return float(value)
        raise ValueError(f"{name} must be a number")

    def flag(self, name: str, *, absent: bool) -> bool:
        value = self._fields.get(name, absent)
        if isinstance(value, bool):
            return value
        raise ValueError(f"{name} must be true or false")

    def texts(self, name: str) -> list[str]:
        value = self._fields.get(name, [])
        if isinstance(value, list):
            return [str(item) for item in value]
        raise ValueError(f"{name} must be a list")

    def optional(self, name: str) -> str | None:
        return self.text(name) if self._fields.get(name) is not None else None


def _act(world: World, body: _Body) -> dict[str, Json]:
    action_name = body.text("do")
    if action_name == "open":
        id_ = world.open_incident(
            severity=body.text("severity", "critical"),
            name=body.optional("name"),
            assignees=body.texts("assignees"),
        )
        return {"id": id_}
    id_ = body.text("id")
    by = body.text("by", world.users[0].id if world.users else "nobody")
    actions: Mapping[str, Callable[[], None]] = {
        "acknowledge": lambda: world.acknowledge(id_, by),
        "snooze": lambda: world.snooze(id_, by, int(body.number("minutes"))),
        "resolve": lambda: world.resolve(id_, body.optional("by")),
        "assign": lambda: world.assign(
            id_, body.text("user_id", body.optional("user")), by
        ),
        "unassign": lambda: world.unassign(id_, by),
        "escalate": lambda: world.escalate(id_, body.text("severity")),
        "retrigger": lambda: world.retrigger(id_),
        "mute": lambda: world.mute(id_, body.flag("muted", absent=True)),
    }
    action = actions.get(action_name)
    if action is None:
        raise ValueError(f"do must be open, {', '.join(actions)}")
    action()
    return {"id": id_}


def truth(world: World) -> dict[str, Json]:
    """Return the whole world with closed incidents, in the API's JSON."""
    with world.lock:
        return {
            "now": world.now.isoformat(),
            "team_key": TEAM_KEY,
            "users": [user.to_json() for user in world.users],
            "incidents": [incident_json(record) for record in world.records()],
        }

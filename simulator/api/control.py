"""The back door for tests and demonstrations: `/_sim/…`, no key, no faults."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Protocol

from simulator.api.api import ApiRequest
from simulator.api.encoding import Json, dump, incident
from simulator.api.faults import Faults
from simulator.api.responses import Answer
from simulator.world.people import TEAM_KEY
from simulator.world.world import World

PREFIX = "/_sim/"


class RequestLine(Protocol):
    """What is told of a request."""

    @property
    def method(self) -> str:
        """GET, POST or DELETE."""
        ...

    @property
    def path(self) -> str:
        """Below the version's prefix."""
        ...

    @property
    def version(self) -> str:
        """The version that the path named."""
        ...

    @property
    def status(self) -> int:
        """What was answered."""
        ...


def answer(
    world: World, faults: Faults, seen: Sequence[RequestLine], request: ApiRequest
) -> Answer:
    """
    Answer a request through the back door.

    GET `state` tells the truth, `requests` what was asked of the API, `faults` what
    goes wrong. POST `act` takes `{"do": …, "id": …, …}`, `faults` `{"spec": …}`,
    `advance` `{"seconds": …}`.
    """
    doors: Mapping[tuple[str, str], Callable[[], Json]] = {
        ("GET", "state"): lambda: truth(world),
        ("GET", "requests"): lambda: {"requests": [_told(one) for one in seen]},
        ("GET", "faults"): lambda: {"spec": faults.spec},
        ("POST", "faults"): lambda: _set(world, faults, _Body(request)),
        ("POST", "advance"): lambda: _advance(world, _Body(request)),
        ("POST", "act"): lambda: _act(world, _Body(request)),
    }
    door = doors.get((request.method, request.path.removeprefix(PREFIX)))
    if door is None:
        return _said({"error": "no such door"}, HTTPStatus.NOT_FOUND)
    try:
        return _said(door())
    except ValueError as exc:
        return _said({"error": str(exc)}, HTTPStatus.BAD_REQUEST)
    except KeyError as exc:
        return _said({"error": f"no such incident: {exc}"}, HTTPStatus.NOT_FOUND)


def _told(one: RequestLine) -> Json:
    return {
        "method": one.method,
        "path": one.path,
        "version": one.version,
        "status": one.status,
    }


def _set(world: World, faults: Faults, body: "_Body") -> Json:
    faults.set(body.text("spec"))
    world.hostile = faults.hostile
    return {"spec": faults.spec}


def _advance(world: World, body: "_Body") -> Json:
    world.advance(world.now + timedelta(seconds=body.number("seconds")))
    return {"now": world.now.isoformat()}


def _said(value: Json, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    return Answer(status=status, body=dump(value))


class _Body:
    """The fields of a request's body. Raises ValueError for what is not there."""

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
    what = body.text("do")
    if what == "open":
        id_ = world.open_incident(
            severity=body.text("severity", "critical"),
            name=body.optional("name"),
            assignees=body.texts("assignees"),
        )
        return {"id": id_}
    id_ = body.text("id")
    by = body.text("by", world.users[0].id if world.users else "nobody")
    acts: Mapping[str, Callable[[], None]] = {
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
    act = acts.get(what)
    if act is None:
        raise ValueError(f"do must be open, {', '.join(acts)}")
    act()
    return {"id": id_}


def truth(world: World) -> dict[str, Json]:
    """Tell all there is, the closed incidents too, in the API's own form."""
    with world.lock:
        return {
            "now": world.now.isoformat(),
            "team_key": TEAM_KEY,
            "users": [user.told() for user in world.users],
            "incidents": [incident(record) for record in world.records()],
        }

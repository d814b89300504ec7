"""Every answer of the simulator is one that the vendor's document describes."""

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from simulator.api.server import RunningServer, serve
from simulator.world.world import BEGINNING, TEAM_KEY, World
from tests.contract.document import document

V5 = document("5")
PREFIXES = ("/mgmt/openapi/5", "/mgmt/openapi/4")
BY_USER = "/incidents/incidents/v1/all/by-user"
NOWHERE = "00000000-0000-0000-0000-000000000001"


@pytest.fixture(scope="module")
def running() -> Iterator[RunningServer]:
    """A world where everything has happened to somebody's incident."""
    world = World(seed=3, users=9, open=40, rate=60, hostile=0.3, uuid_share=0.5)
    world.advance(BEGINNING + timedelta(hours=2))
    me = world.users[0].email
    for number, id_ in enumerate(sorted(world.open_ids)):
        if number % 2:
            world.assign(id_, world.users[1].email, by=me)
        if number % 3 == 0:
            world.acknowledge(id_, by=me)
        if number % 5 == 0:
            world.resolve(id_, by=me if number % 2 else None)
        if number % 7 == 0:
            world.unassign(id_, by=me)
            world.mute(id_)
        if number % 4 == 0:
            world.snooze(id_, by=me, minutes=30)
    with serve(world) as server:
        yield server


def ask(  # noqa: PLR0913  # the parts of a request
    running: RunningServer,
    method: str,
    path: str,
    *,
    prefix: str = PREFIXES[0],
    body: object = None,
    key: str = "",
) -> httpx.Response:
    return httpx.request(
        method,
        f"{running.origin}{prefix}{path}",
        json=body,
        headers={"Authorization": f"Bearer {key or running.world.users[0].key}"},
        timeout=20,
    )


def filled(running: RunningServer, path: str) -> str:
    """A path with the ids of something that exists."""
    id_ = max(running.world.open_ids)
    event = running.world.log[-1].event
    return (
        path.replace("{id}", id_)
        .replace("{incident_id}", id_)
        .replace("{event_id}", event.id)
    )


def body_of(running: RunningServer, method: str, path: str) -> object:
    ids = sorted(running.world.open_ids)[:2]
    if path == "/incidents/incidents/v1" and method == "POST":
        return {"pagination": {"pageSize": 7}}
    if path.endswith("/all/by-user"):
        return {"incidentIds": ids, "assignedTo": {"userId": "a@example.com"}}
    return {"incidentIds": ids} if "/all/" in path else {}


def query_of(running: RunningServer, method: str, path: str) -> str:
    ids = sorted(running.world.open_ids)[:2]
    if (method, path) == ("GET", "/incidents/incidents/v1"):
        return f"?ids={ids[0]}&ids={NOWHERE}"
    if method == "DELETE":
        return f"?incident_ids={ids[0]}&incident_ids={ids[1]}"
    return ""


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(("method", "path"), list(V5.operations))
def test_what_is_answered_is_as_the_document_says(
    running: RunningServer, prefix: str, method: str, path: str
) -> None:
    posts = "requestBody" in V5.operations[method, path]
    target = filled(running, path) + query_of(running, method, path)
    body = body_of(running, method, path) if posts else None

    said = ask(running, method, target, prefix=prefix, body=body)

    assert said.status_code == 200, said.text
    assert V5.problems_of_answer(method, path, 200, said.json()) == []


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_every_page_of_a_listing_is_as_the_document_says(
    running: RunningServer, size: int
) -> None:
    token: object = None
    for _ in range(100):
        page = {"pageSize": size} | ({"pageToken": token} if token else {})
        path = "/incidents/incidents/v1"
        said = ask(running, "POST", path, body={"pagination": page}).json()
        assert V5.problems_of_answer("POST", path, 200, said) == []
        token = said["pagination"].get("nextPageToken")
        if not token or not said["incidents"]:
            break


@pytest.mark.parametrize("prefix", ["/mgmt/openapi/3", "/mgmt/openapi"])
@pytest.mark.parametrize(
    ("method", "path", "modern"),
    [
        ("POST", "/incidents/incidents/v1?pagination.page_size=9", ""),
        ("GET", "/incidents/incidents/v1/batch?ids={id}", "/incidents/incidents/v1"),
        ("GET", "/incidents/incidents/v1/{id}", "/incidents/incidents/v1/{id}"),
        (
            "GET",
            "/incidents/incidents/v1/{id}/events",
            "/incidents/incidents/v1/{incident_id}/events",
        ),
        (
            "POST",
            "/incidents/incidents/v1/filter-values",
            "/incidents/filter-values/v1",
        ),
        (
            "POST",
            "/incidents/incidents/v1/by-user?incident_ids={id}&assigned_to.user_id=a",
            "/incidents/incidents/v1/all/by-user",
        ),
        (
            "DELETE",
            "/incidents/incidents/v1/by-user?incident_ids={id}",
            "/incidents/incidents/v1/all/by-user",
        ),
        (
            "POST",
            "/incidents/incidents/v1/acknowledge?incident_ids={id}",
            "/incidents/incidents/v1/all/acknowledge",
        ),
        (
            "POST",
            "/incidents/incidents/v1/resolve?incident_ids={id}",
            "/incidents/incidents/v1/all/resolve",
        ),
        (
            "POST",
            "/incidents/incidents/v1/close?incident_ids={id}",
            "/incidents/incidents/v1/all/closed",
        ),
    ],
)
def test_the_old_forms_answer_in_the_same_shape(
    running: RunningServer, prefix: str, method: str, path: str, modern: str
) -> None:
    said = ask(running, method, filled(running, path), prefix=prefix)

    assert said.status_code == 200, said.text
    named = modern or path.partition("?")[0]
    assert V5.problems_of_answer(method, named, 200, said.json()) == []


@pytest.mark.parametrize(
    ("status", "method", "path", "key"),
    [
        (400, "DELETE", f"{BY_USER}?incident_ids=x", ""),
        (401, "GET", f"/incidents/incidents/v1/{NOWHERE}", "cxup_nobody"),
        (
            403,
            "DELETE",
            f"/incidents/incidents/v1/all/by-user?incident_ids={NOWHERE}",
            TEAM_KEY,
        ),
        (404, "GET", f"/incidents/incidents/v1/{NOWHERE}", ""),
    ],
)
def test_what_is_refused_is_refused_in_the_documents_shape(
    running: RunningServer, status: int, method: str, path: str, key: str
) -> None:
    said = ask(running, method, path, key=key)

    assert said.status_code == status, said.text
    assert V5.problems_of_answer(method, path, status, said.json()) == []


def test_a_wrong_answer_is_found() -> None:
    wrong = {"incidents": [{"id": 5}], "pagination": {}}

    assert V5.problems_of_answer("POST", "/incidents/incidents/v1", 200, wrong)

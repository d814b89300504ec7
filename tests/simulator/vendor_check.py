"""
Every answer against the vendor's OpenAPI document, which is not ours to keep.

Outside the default suite: `CORALOGIX_OPENAPI=<folder> pytest
tests/simulator/vendor_check.py`, the folder holding `openapi-incidents-v5.yaml`.
"""

import os
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator

from simulator.world import BEGINNING, World
from tests.simulator.asking import LIST, Asking, Row, asking

ANSWERS = {
    "list": ("POST", LIST, "ListIncidentsResponse"),
    "batch": ("GET", f"{LIST}?ids={{id}}", "BatchGetIncidentResponse"),
    "get": ("GET", f"{LIST}/{{id}}", "GetIncidentResponse"),
    "events": ("GET", f"{LIST}/{{id}}/events", "GetIncidentEventsResponse"),
    "assign": ("POST", f"{LIST}/all/by-user", "AssignIncidentsResponse"),
    "unassign": (
        "DELETE",
        f"{LIST}/all/by-user?incident_ids={{id}}",
        "UnassignIncidentsResponse",
    ),
    "acknowledge": ("POST", f"{LIST}/all/acknowledge", "AcknowledgeIncidentsResponse"),
    "resolve": ("POST", f"{LIST}/all/resolve", "ResolveIncidentsResponse"),
    "close": ("POST", f"{LIST}/all/closed", "CloseIncidentsResponse"),
    "all events": ("GET", "/incidents/events/v1", "ListIncidentEventsResponse"),
    "count": (
        "GET",
        "/incidents/events/v1/all/count",
        "ListIncidentEventsTotalCountResponse",
    ),
    "by event": ("GET", "/incidents/events/v1/{event}", "GetIncidentByEventIdResponse"),
    "values": (
        "POST",
        "/incidents/filter-values/v1",
        "incidents.v1.GetFilterValuesResponse",
    ),
    "event values": (
        "GET",
        "/incidents/filter-values/v1/events",
        "ListIncidentEventsFilterValuesResponse",
    ),
    "totals": (
        "GET",
        "/incidents/aggregations/v1",
        "ListIncidentAggregationsResponse",
    ),
    "wrong key": ("GET", f"{LIST}/{{id}}", "Error"),
    "no id": ("POST", f"{LIST}/all/resolve", "Error"),
}


@pytest.fixture(scope="module")
def schemas() -> Mapping[str, object]:
    folder = Path(os.environ["CORALOGIX_OPENAPI"])
    document = yaml.safe_load((folder / "openapi-incidents-v5.yaml").read_text())
    components = document["components"]
    assert isinstance(components, dict)
    return components


@pytest.fixture(scope="module", params=["", "hostile=0.3"])
def person(request: pytest.FixtureRequest) -> Iterator[Asking]:
    hostile = 0.3 if "hostile" in request.param else 0.0
    world = World(users=20, open=400, rate=60, hostile=hostile, uuid_share=0.3)
    world.advance(BEGINNING + timedelta(hours=4))
    with asking(world, request.param, personal=True) as client:
        yield client


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_what_the_vendor_says(
    person: Asking, schemas: Mapping[str, object], name: str
) -> None:
    method, path, schema = ANSWERS[name]
    id_ = person.running.world.open_ids[0]
    event = person.running.world.log[-1].event.id
    body: Row = {"incidentIds": [id_], "assignedTo": {"userId": "someone"}}
    if name == "list":
        body = {"pagination": {"pageSize": 10_000}}
    headers = {"Authorization": "x"} if name == "wrong key" else {}

    answer = person.send(
        method,
        path.format(id=id_, event=event),
        json={} if name in ("values", "no id") else body,
        headers=headers,
    )

    validator = Draft7Validator(
        {"$ref": f"#/components/schemas/{schema}", "components": schemas}
    )
    assert list(validator.iter_errors(answer.json())) == []
    assert (schema == "Error") == (answer.status_code != 200)

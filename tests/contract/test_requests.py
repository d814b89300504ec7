"""Every request that the client sends is one that the vendor's document describes."""

import json
from collections.abc import Callable

import httpx
import pytest

from incidents.coralogix.http.acting_client import WRITES, ActingHttp
from incidents.coralogix.http.routes import READS, Operation, Version
from incidents.coralogix.incidents.actor import CoralogixActor
from incidents.coralogix.incidents.reader import CoralogixReader
from incidents.models import UserId
from tests.contract.document import Sent, document
from tests.coralogix.fakes import acting_http, answer, ids, page, row

ONE = ids(1)[0]
PEOPLE = [UserId("alice+x@example.com"), UserId("bob@example.com")]
PAGES = iter(range(10**6))
DOINGS: dict[Operation, Callable[[ActingHttp], object]] = {
    Operation.LIST: lambda http: [
        CoralogixReader(http).list_open(None),
        CoralogixReader(http).list_open(PEOPLE),
    ],
    Operation.BATCH: lambda http: CoralogixReader(http).look_up(ids(*range(60))),
    Operation.GET: lambda http: CoralogixActor(http).show(ONE),
    Operation.EVENTS: lambda http: CoralogixActor(http).timeline(ONE),
    Operation.FILTER_VALUES: lambda http: CoralogixActor(http).people(),
    Operation.ASSIGN: lambda http: CoralogixActor(http).assign(ids(1, 2), PEOPLE[0]),
    Operation.UNASSIGN: lambda http: CoralogixActor(http).unassign(ids(1, 2)),
    Operation.ACKNOWLEDGE: lambda http: CoralogixActor(http).acknowledge(ids(1)),
    Operation.RESOLVE: lambda http: CoralogixActor(http).resolve(ids(1)),
    Operation.CLOSE: lambda http: CoralogixActor(http).close(ids(1)),
}


def test_every_operation_is_tried_but_the_one_that_no_document_has() -> None:
    for version in Version:
        everything = {*READS[version], *WRITES[version]}
        assert everything == {*DOINGS, Operation.WHOAMI}


@pytest.mark.parametrize("version", list(Version))
@pytest.mark.parametrize("operation", list(DOINGS), ids=str)
def test_what_is_sent_is_as_the_document_says(
    operation: Operation, version: Version
) -> None:
    sent: list[Sent] = []

    def handler(asked: httpx.Request) -> httpx.Response:
        path = asked.url.raw_path.decode().removeprefix(version.prefix)
        sent.append(Sent(asked.method, path, asked.content))
        done = row(
            1,
            status="INCIDENT_STATUS_RESOLVED",
            assignments=[]
            if operation is Operation.UNASSIGN
            else [{"assignedTo": {"userId": PEOPLE[0]}}],
        )
        if operation is Operation.LIST:
            return page([row(len(sent))], 2, f"token {next(PAGES)}")
        other = {**done, "id": ids(2)[0]}
        return answer(json_={"incidents": [done, other], "incident": done})

    DOINGS[operation](acting_http(handler, version=version))

    assert sent
    for one in sent:
        assert document(version).problems_of(one) == [], one


@pytest.mark.parametrize("version", [Version.V5, Version.V3])
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/incidents/incidents/v1?filter.state=NEW", {"pageSize": 5}),
        ("POST", "/incidents/incidents/v1?pagination.pageNumber=1", [1]),
        ("POST", "/incidents/incidents/v1?pagination.page_size=many", [1]),
        ("GET", "/incidents/incidents/v1/{}/events?x=1", None),
    ],
)
def test_a_wrong_request_is_found_whatever_is_wrong(
    version: Version, method: str, path: str, body: object
) -> None:
    wrong = b"" if body is None else json.dumps(body).encode()

    try:
        problems = document(version).problems_of(Sent(method, path.format(ONE), wrong))
    except (AssertionError, ValueError) as error:
        problems = [str(error)]

    assert problems


@pytest.mark.parametrize(
    "body",
    [
        {"incidentIds": [ONE], "userId": "a"},
        {"incidentIds": [ONE], "assignedTo": {"userId": "a", "name": "b"}},
        {"incidentIds": [], "assignedTo": {"userId": "a"}},
        {"incidentIds": ["1"], "assignedTo": {"userId": "a"}},
        {"incidentIds": [ONE], "assignedTo": {"userId": ""}},
        {"incidentIds": [ONE]},
    ],
)
def test_a_field_that_is_missing_misplaced_or_unknown_is_found(body: object) -> None:
    path = "/incidents/incidents/v1/all/by-user"
    sent = Sent("POST", path, json.dumps(body).encode())

    assert document("5").problems_of(sent)

"""What is sent for every action, in each wire form, and what is never sent."""

from collections.abc import Callable, Mapping

import httpx
import pytest

from incidents.coralogix.http.routes import Version
from incidents.coralogix.incidents.actor import CoralogixActor
from incidents.errors import (
    SourceRejectedError,
)
from incidents.models import Incident, IncidentId, UserId
from incidents.ports import Actions
from tests.coralogix.fakes import acting, answer, held, ids, row, sent, uid

ALICE = UserId("alice@example.com")
ACKED: dict[str, object] = {"status": "INCIDENT_STATUS_ACKNOWLEDGED"}
RESOLVED: dict[str, object] = {
    "status": "INCIDENT_STATUS_RESOLVED",
    "closedAt": "2026-01-02T04:00:00Z",
}
MODERN = (Version.V5, Version.V4)
OLD = (Version.V3, Version.UNVERSIONED)
Doing = Callable[[Actions], Mapping[IncidentId, Incident]]
DOINGS: tuple[tuple[str, Doing, dict[str, object]], ...] = (
    ("acknowledge", lambda a: a.acknowledge(ids(1, 2)), ACKED),
    ("resolve", lambda a: a.resolve(ids(1, 2)), RESOLVED),
    ("close", lambda a: a.close(ids(1, 2)), RESOLVED),
)


def acted(*rows: object) -> httpx.Response:
    return answer(json_={"incidents": list(rows)})


@pytest.mark.parametrize("version", MODERN)
def test_assigning_sends_a_body_to_all_by_user(version: Version) -> None:
    actor, asked = acting(acted(row(1, assignments=held(ALICE))), version=version)

    now = actor.assign(ids(1), ALICE)

    assert now[IncidentId(uid(1))].assignees == (ALICE,)
    assert asked[0].method == "POST"
    assert asked[0].url.raw_path.decode() == (
        f"/mgmt/openapi/{version}/incidents/incidents/v1/all/by-user"
    )
    assert sent(asked[0]) == {"incidentIds": [uid(1)], "assignedTo": {"userId": ALICE}}
    assert asked[0].headers["content-type"] == "application/json"


@pytest.mark.parametrize("version", OLD)
def test_assigning_in_the_old_form_puts_all_in_the_query_and_sends_no_body(
    version: Version,
) -> None:
    actor, asked = acting(
        acted(*(row(n, assignments=held(ALICE)) for n in (1, 2))), version=version
    )

    actor.assign(ids(1, 2), UserId("a+b c&d@example.com"))

    assert asked[0].method == "POST"
    assert asked[0].content == b""
    assert asked[0].url.raw_path.decode() == (
        f"{version.prefix}/incidents/incidents/v1/by-user"
        f"?incident_ids={uid(1)}&incident_ids={uid(2)}"
        "&assigned_to.user_id=a%2Bb%20c%26d%40example.com"
    )


@pytest.mark.parametrize("version", list(Version))
def test_unassigning_names_the_ids_in_the_query_in_every_version(
    version: Version,
) -> None:
    actor, asked = acting(acted(row(1), row(2)), version=version)

    now = actor.unassign(ids(1, 2))

    group = "/all" if version in MODERN else ""
    assert [one.assignees for one in now.values()] == [(), ()]
    assert (asked[0].method, asked[0].content) == ("DELETE", b"")
    assert asked[0].url.raw_path.decode() == (
        f"{version.prefix}/incidents/incidents/v1{group}/by-user"
        f"?incident_ids={uid(1)}&incident_ids={uid(2)}"
    )


@pytest.mark.parametrize("version", list(Version))
@pytest.mark.parametrize(("name", "do", "after"), DOINGS, ids=[d[0] for d in DOINGS])
def test_acknowledging_resolving_and_closing_have_their_own_paths(
    name: str, do: Doing, after: dict[str, object], version: Version
) -> None:
    actor, asked = acting(acted(row(1, **after), row(2, **after)), version=version)

    assert list(do(actor)) == ids(1, 2)

    path = f"{version.prefix}/incidents/incidents/v1"
    if version in MODERN:
        name = "closed" if name == "close" else name
        assert asked[0].url.raw_path.decode() == f"{path}/all/{name}"
        assert sent(asked[0]) == {"incidentIds": [uid(1), uid(2)]}
    else:
        query = f"incident_ids={uid(1)}&incident_ids={uid(2)}"
        assert asked[0].url.raw_path.decode() == f"{path}/{name}?{query}"
        assert asked[0].content == b""


REFUSED: tuple[Callable[[CoralogixActor], object], ...] = (
    lambda a: a.acknowledge([]),
    lambda a: a.assign([], ALICE),
    lambda a: a.close([]),
    lambda a: a.resolve([IncidentId("*")]),
    lambda a: a.unassign([*ids(1), IncidentId("")]),
    lambda a: a.close([IncidentId(f"{uid(1)},{uid(2)}")]),
    lambda a: a.assign(ids(1), UserId("")),
    lambda a: a.assign(ids(1), UserId(" \t")),
    lambda a: a.assign(ids(1), UserId("u" * 301)),
    lambda a: a.show(IncidentId("../all/closed")),
    lambda a: a.timeline(IncidentId("")),
)


@pytest.mark.parametrize("do", REFUSED)
def test_nothing_is_sent_for_no_id_a_wrong_id_or_nobody(
    do: Callable[[CoralogixActor], object],
) -> None:
    actor, asked = acting()

    with pytest.raises(SourceRejectedError, match="Nothing was sent"):
        do(actor)

    assert asked == []


def test_the_answer_on_the_seeds_own_page_is_read_with_the_same_model() -> None:
    event: dict[str, object] = {
        "administrativeEvent": {"userId": "boss@example.com"},
        "id": "incident_event_id",
        "incidentEventType": "INCIDENT_EVENT_TYPE_UNSPECIFIED",
        "originatorType": "ORIGINATOR_TYPE_UNSPECIFIED",
        "snoozeIndicator": {
            "durationMinutes": 123,
            "startTime": "2023-11-07T05:31:56Z",
            "userId": "boss@example.com",
        },
    }
    page = {
        "assignments": held(ALICE),
        "closedAt": "2024-01-01T00:00:00.000Z",
        "contextualLabels": [{"key": "alert_name", "value": "Slow"}],
        "createdAt": "2024-01-01T00:00:00.000Z",
        "description": "incident_description",
        "displayLabels": [{"key": "pod", "value": "a"}],
        "duration": "<string>",
        "events": [event],
        "id": uid(1),
        "isMuted": False,
        "lastStateUpdateKey": "last_state_update_key",
        "lastStateUpdateTime": "2024-01-01T00:00:00.000Z",
        "metaLabels": [{"key": "key", "value": "value"}],
        "name": "incident_name",
        "severity": "INCIDENT_SEVERITY_UNSPECIFIED",
        "state": "INCIDENT_STATE_UNSPECIFIED",
        "status": "INCIDENT_STATUS_UNSPECIFIED",
    }
    actor, _ = acting(acted(page), version=Version.UNVERSIONED)

    incident = actor.assign(ids(1), ALICE)[IncidentId(uid(1))]

    assert incident.assignees == (ALICE,)
    assert incident.assigned_by == ((ALICE, "boss@example.com"),)
    assert dict(incident.labels) == {"alert_name": "Slow", "pod": "a", "key": "value"}
    assert incident.severity == "INCIDENT_SEVERITY_UNSPECIFIED"

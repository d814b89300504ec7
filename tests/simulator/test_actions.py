"""What people do through the API, in each of its four forms."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import quote

import httpx
import pytest

from incidents.coralogix.incidents.incident_row import read_rows
from incidents.models import IncidentId
from simulator.world.world import BEGINNING, World
from tests.simulator.api_client import LIST, ApiClient, Row, api_client, ids, rows

UNKNOWN = "00000000-0000-4000-8000-000000000000"
BOB = "bob o'neil+1@example.com"


@pytest.fixture(params=["5", "4", "3", "unversioned"])
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def ada() -> Iterator[ApiClient]:
    with api_client(World(users=3, open=6), personal=True) as client:
        yield client


def act(
    client: ApiClient, action_name: str, named: list[str], version: str, user: str = ""
) -> httpx.Response:
    """Send an action as *version* takes it."""
    method = "DELETE" if action_name == "unassign" else "POST"
    modern = version in "54"
    path = "by-user" if "assign" in action_name else action_name
    path = "closed" if modern and action_name == "close" else path
    query = "&".join(f"incident_ids={id_}" for id_ in named)
    if not modern or action_name == "unassign":
        query += f"&assigned_to.user_id={quote(user, safe='')}" if user else ""
        group = f"{LIST}/all" if modern else LIST
        return client.send(method, f"{group}/{path}", version=version, query=query)
    body: Row = {"incidentIds": named}
    if user:
        body["assignedTo"] = {"userId": user}
    return client.send(method, f"{LIST}/all/{path}", version=version, json=body)


def truth(client: ApiClient, id_: str) -> Row:
    (incident,) = [
        r for r in client.control("GET", "state").json()["incidents"] if r["id"] == id_
    ]
    assert isinstance(incident, dict)
    return incident


def test_assigned_and_unassigned_incidents_are_told_as_they_are_now(
    ada: ApiClient, version: str
) -> None:
    named = list(ada.running.world.open_ids[:2])
    me = ada.running.world.users[0].email

    assigned = rows(act(ada, "assign", named, version, BOB))
    seen = truth(ada, named[0])
    unassigned = rows(act(ada, "unassign", named, version))

    assert ids(assigned) == ids(unassigned) == named
    assert seen == assigned[0]
    assert seen["assignments"] == [
        {"assignedTo": {"userId": BOB}, "assignedBy": {"userId": me}}
    ]
    assert truth(ada, named[0])["assignments"] == []


def test_an_acknowledged_incident_keeps_the_state_of_the_alert(
    ada: ApiClient, version: str
) -> None:
    id_ = next(iter(ada.list({"status": ["INCIDENT_STATUS_TRIGGERED"]})))["id"]

    (row,) = rows(act(ada, "acknowledge", [str(id_)], version))

    assert row["status"] == "INCIDENT_STATUS_ACKNOWLEDGED"
    assert row["state"] == "INCIDENT_STATE_TRIGGERED"


@pytest.mark.parametrize("action_name", ["resolve", "close"])
def test_a_resolved_incident_has_an_end(
    ada: ApiClient, version: str, action_name: str
) -> None:
    id_ = ada.running.world.open_ids[0]

    (row,) = rows(act(ada, action_name, [id_], version))

    assert row["status"] == "INCIDENT_STATUS_RESOLVED"
    assert "closedAt" in row
    assert id_ not in ada.running.world.open_ids


def test_a_teams_key_closes_in_its_own_name() -> None:
    with api_client(World(open=1)) as team:
        (row,) = rows(act(team, "close", list(team.running.world.open_ids), "5"))

    assert isinstance(row["events"], list)
    assert row["events"][-1]["close"] == {"closedBy": {"userId": "team-api-key"}}


def test_every_action_may_be_repeated(ada: ApiClient) -> None:
    id_ = ada.running.world.open_ids[0]
    for action_name, user in (("assign", BOB), ("acknowledge", ""), ("resolve", "")):
        once = rows(act(ada, action_name, [id_], "5", user))

        assert rows(act(ada, action_name, [id_], "5", user)) == once


def test_what_is_not_found_is_left_out_unless_it_is_everything(ada: ApiClient) -> None:
    id_ = ada.running.world.open_ids[0]

    assert ids(rows(act(ada, "resolve", [UNKNOWN, id_], "5"))) == [id_]
    missing = act(ada, "resolve", [UNKNOWN], "5")

    assert missing.status_code == 404
    assert missing.json()["code"] == 404


def test_an_id_is_known_whatever_the_case(ada: ApiClient, version: str) -> None:
    id_ = ada.running.world.open_ids[0]

    assert ids(rows(act(ada, "acknowledge", [id_.upper()], version))) == [id_]


def test_events_are_counted_in_text_as_64_bits_are(ada: ApiClient) -> None:
    listed = ada.send("GET", "/incidents/events/v1").json()["items"]

    answer = ada.send("GET", "/incidents/events/v1/all/count").json()

    assert answer == {"count": str(len(listed)), "reachedLimit": False}


def test_what_is_named_twice_is_dealt_with_once(ada: ApiClient, version: str) -> None:
    id_ = ada.running.world.open_ids[0]

    assert ids(rows(act(ada, "acknowledge", [id_, id_], version))) == [id_]


@pytest.mark.parametrize("named", [[], ["no-uuid"], [""]])
@pytest.mark.parametrize("action_name", ["acknowledge", "resolve", "close", "unassign"])
def test_ids_that_are_none_are_refused(
    ada: ApiClient, version: str, action_name: str, named: list[str]
) -> None:
    assert act(ada, action_name, named, version).status_code == 400


def test_a_batch_is_a_map_and_names_what_it_did_not_find(
    ada: ApiClient, version: str
) -> None:
    known = list(ada.running.world.open_ids[:2])
    path = LIST if version in "54" else f"{LIST}/batch"
    query = "&".join(f"ids={id_}" for id_ in [*known, UNKNOWN])

    answer = ada.send("GET", path, version=version, query=query).json()

    assert list(answer["incidents"]) == known
    assert answer["notFoundIds"] == [UNKNOWN]


def test_one_incident_and_its_events_are_answered(ada: ApiClient, version: str) -> None:
    id_ = ada.running.world.open_ids[0]

    incident = ada.send("GET", f"{LIST}/{id_}", version=version).json()["incident"]
    events = ada.send("GET", f"{LIST}/{id_}/events", version=version).json()

    assert incident == truth(ada, id_)
    assert events["incidentEvents"] == incident["events"]
    assert ada.send("GET", f"{LIST}/{UNKNOWN}", version=version).status_code == 404


def test_an_event_leads_to_its_incident(ada: ApiClient, version: str) -> None:
    root = "/incidents/events/v1" if version in "54" else f"{LIST}/events"
    listed = ada.send("GET", root, version=version).json()["items"]
    event = listed[0]["incidentEvent"]["id"]

    incident = ada.send("GET", f"{root}/{event}", version=version).json()["incident"]
    ended = ada.send("POST", f"{root}/{event}/resolve", version=version).json()

    assert event in [listed_event["id"] for listed_event in incident["events"]]
    assert ended["incident"]["id"] == incident["id"]
    assert ended["incident"]["status"] == "INCIDENT_STATUS_RESOLVED"


def test_values_to_filter_by_are_counted(ada: ApiClient, version: str) -> None:
    path = "/incidents/filter-values/v1" if version in "54" else f"{LIST}/filter-values"

    values = ada.send("POST", path, version=version).json()["filtersValues"]

    assert sum(value["count"] for value in values["severityWithCount"]) == 6
    assert {value["assignee"] for value in values["assigneeWithCount"]} <= {
        user.email for user in ada.running.world.users
    }


def test_the_back_door_acts_like_a_person(ada: ApiClient) -> None:
    id_ = ada.control("POST", "act", {"do": "open", "name": "x · y"}).json()["id"]
    for action in (
        {"do": "assign", "user_id": BOB},
        {"do": "escalate", "severity": "low"},
        {"do": "mute"},
        {"do": "acknowledge", "by": BOB},
        {"do": "snooze", "by": BOB, "minutes": 30},
        {"do": "retrigger"},
    ):
        assert ada.control("POST", "act", {"id": id_, **action}).status_code == 200

    row = truth(ada, id_)

    assert (row["name"], row["isMuted"]) == ("x · y", True)
    assert row["severity"] == "INCIDENT_SEVERITY_LOW"
    assert row["status"] == "INCIDENT_STATUS_ACKNOWLEDGED"
    assert ada.control("POST", "act", {"do": "dance", "id": id_}).status_code == 400
    assert (
        ada.control("POST", "act", {"do": "resolve", "id": UNKNOWN}).status_code == 404
    )


def test_a_snooze_is_an_event_of_a_person_and_moves_nothing_else(
    ada: ApiClient,
) -> None:
    id_ = ada.running.world.open_ids[0]
    before = truth(ada, id_)
    action = {"do": "snooze", "id": id_, "by": BOB, "minutes": 30}

    assert ada.control("POST", "act", action).status_code == 200
    row = truth(ada, id_)

    *earlier, event = row["events"] if isinstance(row["events"], list) else []
    assert row == {**before, "events": [*earlier, event]}
    assert event == {
        "id": event["id"],
        "incidentEventType": "INCIDENT_EVENT_TYPE_SNOOZE_INDICATOR",
        "snoozeIndicator": {
            "startTime": "2026-01-05T09:00:00.000Z",
            "durationMinutes": 30,
            "userId": BOB,
        },
        "originatorType": "ORIGINATOR_TYPE_ADMINISTRATIVE",
        "administrativeEvent": {"userId": BOB},
    }
    incident = read_rows([row]).incidents[IncidentId(id_)]
    assert incident.snoozed_until == BEGINNING + timedelta(minutes=30)
    assert incident.snoozed_by == BOB


@pytest.mark.parametrize("minutes", [0, -1, 525_961, "30", None])
def test_a_snooze_lasts_a_minute_to_a_year(ada: ApiClient, minutes: object) -> None:
    id_ = ada.running.world.open_ids[0]
    action = {"do": "snooze", "id": id_, "minutes": minutes}

    assert ada.control("POST", "act", action).status_code == 400


def test_what_is_resolved_is_not_snoozed(ada: ApiClient) -> None:
    id_ = ada.running.world.open_ids[0]
    ada.running.world.resolve(id_)
    before = truth(ada, id_)

    ada.running.world.snooze(id_, BOB, 30)

    assert truth(ada, id_) == before

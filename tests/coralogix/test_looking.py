"""What a person can look at with their own key, in each wire form."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from incidents.coralogix.http.routes import Version
from incidents.coralogix.incidents.enums import (
    EventType,
    OriginatorType,
    UpsertStateType,
)
from incidents.coralogix.incidents.events import (
    Acknowledged,
    Assigned,
    Closed,
    Snoozed,
    StateChanged,
    Unassigned,
    UnknownEvent,
)
from incidents.errors import (
    IncidentMissingError,
    RouteMissingError,
    SourceError,
    SourceGarbledError,
)
from incidents.models import UserId
from tests.coralogix.fakes import acting, answer, held, ids, row, uid

ALICE = UserId("alice@example.com")
MODERN = (Version.V5, Version.V4)
ID = ids(1)[0]


@pytest.mark.parametrize("version", list(Version))
def test_whose_the_key_is_is_asked_beside_the_versions(version: Version) -> None:
    me = {
        "user_name": ALICE,
        "team_id": 4,
        "team_name": "Acme",
        "team_url": "https://acme.app.eu2.coralogix.com",
    }
    actor, asked = acting(answer(json_=me), version=version)

    identity = actor.whoami()

    assert (identity.user, identity.team, identity.team_id) == (ALICE, "Acme", "4")
    assert str(asked[0].url) == "https://api.eu2.coralogix.com/identity/whoami"


@pytest.mark.parametrize("url", ["acme", "https://acme.app.eu2.coralogix.com"])
def test_a_team_is_linked_to_by_its_address_or_by_its_bare_subdomain(url: str) -> None:
    actor, _ = acting(answer(json_={"team_url": url}))

    host = "acme.app.eu2.coralogix.com"
    assert actor.team_links().to(ID) == f"https://{host}/#/insights?id={ID}"


@pytest.mark.parametrize("version", list(Version))
def test_whom_incidents_are_assigned_to_is_counted(version: Version) -> None:
    values = {
        "assigneeWithCount": [
            {"assignee": ALICE, "count": 3},
            {"assignee": uid(9), "count": "12"},
            {"assignee": None},
        ],
        "statusWithCount": [],
    }
    actor, asked = acting(answer(json_={"filtersValues": values}), version=version)

    assert actor.people().counts == {ALICE: 3, uid(9): 12}
    form = (
        ("/incidents/filter-values/v1", b"{}")
        if version in MODERN
        else ("/incidents/incidents/v1/filter-values", b"")
    )
    assert asked[0].url.path == f"{version.prefix}{form[0]}"
    assert asked[0].method == "POST"
    assert asked[0].content == form[1]


@pytest.mark.parametrize("version", list(Version))
def test_one_incident_is_read_by_its_id(version: Version) -> None:
    actor, asked = acting(
        answer(json_={"incident": row(1, assignments=held(ALICE))}), version=version
    )

    assert actor.show(ID).assignees == (ALICE,)
    assert asked[0].url.path == f"{version.prefix}/incidents/incidents/v1/{uid(1)}"
    assert json.loads(asked[0].content or b"null") is None


def test_the_whole_of_an_incident_is_kept_unknown_fields_too() -> None:
    actor, _ = acting(
        answer(
            json_={
                "incident": row(
                    1,
                    severity="INCIDENT_SEVERITY_NO_DATA",
                    contextualLabels=[{"key": "alert_id", "value": "7"}],
                    displayLabels={"pod": "a"},
                    metaLabels=[{"key": "team", "value": "core"}],
                    createdAt="2026-01-02T03:04:05.123456789Z",
                    closedAt="2026-01-02T05:04:05.123456789+01:00",
                    duration="1.500000001s",
                    lastStateUpdateKey="key-1",
                    events=[{"id": "e", "incidentEventType": "NEW"}, 5],
                    sloId=uid(3),
                )
            }
        )
    )

    details = actor.details(ID)

    assert details.incident.severity == "INCIDENT_SEVERITY_NO_DATA"
    assert details.contextual_labels == {"alert_id": "7"}
    assert details.display_labels == {"pod": "a"}
    assert details.meta_labels == {"team": "core"}
    assert dict(details.incident.labels) == {
        "alert_id": "7",
        "pod": "a",
        "team": "core",
    }
    assert details.incident.opened_at == datetime(2026, 1, 2, 3, 4, 5, 123456, UTC)
    assert details.incident.closed_at == datetime(2026, 1, 2, 4, 4, 5, 123456, UTC)
    assert details.duration == timedelta(seconds=1.5)
    assert details.state_key == "key-1"
    assert [event.kind for event in details.events.events] == ["NEW"]
    assert details.events.malformed == 1
    assert details.extra == {"sloId": uid(3)}


def test_null_is_absent_everywhere() -> None:
    needed = {"id", "createdAt"}
    nothing = {name: value if name in needed else None for name, value in row().items()}
    nothing |= dict.fromkeys(("name", "description", "closedAt", "isMuted"))
    actor, _ = acting(answer(json_={"incident": nothing}))

    details = actor.details(ID)

    assert details.incident.name == uid(1)
    assert details.incident.is_open
    assert (details.duration, details.state_key, details.extra) == (None, "", {})


PERSON = {
    "originatorType": "ORIGINATOR_TYPE_ADMINISTRATIVE",
    "administrativeEvent": {"userId": "boss@example.com"},
}
ENGINE = {
    "originatorType": "ORIGINATOR_TYPE_OPERATIONAL",
    "operationalEvent": {"systemName": "alerts"},
}


def test_the_timeline_tells_who_did_what() -> None:
    rows = [
        {
            "id": "1",
            "incidentEventType": "INCIDENT_EVENT_TYPE_UPSERT_STATE",
            "upsertState": {
                "stateType": "UPSERT_INCIDENT_STATE_TYPE_TRIGGERED",
                "payload": {"cxEventKey": "k"},
                "isMuted": False,
            },
            **ENGINE,
        },
        {"id": "2", "incidentEventType": "INCIDENT_EVENT_TYPE_OPEN", **ENGINE},
        {
            "id": "3",
            "incidentEventType": "INCIDENT_EVENT_TYPE_ASSIGN",
            "assignment": {"assignment": held(ALICE)[0]},
            **PERSON,
        },
        {
            "id": "4",
            "incidentEventType": "INCIDENT_EVENT_TYPE_ACKNOWLEDGE",
            "acknowledge": {"acknowledgedBy": {"userId": ALICE}},
            **PERSON,
        },
        {
            "id": "5",
            "incidentEventType": "INCIDENT_EVENT_TYPE_SNOOZE_INDICATOR",
            "snoozeIndicator": {
                "startTime": "2026-01-02T03:04:05.1Z",
                "durationMinutes": 30,
                "userId": ALICE,
            },
            **PERSON,
        },
        {
            "id": "6",
            "incidentEventType": "INCIDENT_EVENT_TYPE_UNASSIGN",
            "unassign": {},
            **PERSON,
        },
        {
            "id": "7",
            "incidentEventType": "INCIDENT_EVENT_TYPE_CLOSE",
            "close": {"closedBy": {"userId": ALICE}},
            "newField": 1,
            **PERSON,
        },
    ]
    actor, _ = acting(answer(json_={"incidentEvents": rows}))

    events = actor.timeline(ID).events

    assert [event.happening for event in events] == [
        StateChanged(state=UpsertStateType.TRIGGERED, key="k", muted=False),
        UnknownEvent(),
        Assigned(to=ALICE, by=UserId("boss@example.com")),
        Acknowledged(by=ALICE),
        Snoozed(by=ALICE, start=datetime(2026, 1, 2, 3, 4, 5, 100000, UTC), minutes=30),
        Unassigned(),
        Closed(by=ALICE),
    ]
    assert [event.kind for event in events][:3] == [
        EventType.UPSERT_STATE,
        EventType.OPEN,
        EventType.ASSIGN,
    ]
    assert events[0].originator is OriginatorType.OPERATIONAL
    assert [event.by for event in events] == [
        "",
        "",
        "boss@example.com",
        ALICE,
        ALICE,
        "boss@example.com",
        ALICE,
    ]
    assert (events[0].system, events[6].extra) == ("alerts", {"newField": 1})


@pytest.mark.parametrize("version", list(Version))
def test_events_are_asked_below_the_incident(version: Version) -> None:
    actor, asked = acting(answer(json_={}), version=version)

    assert actor.timeline(ID).events == ()
    assert asked[0].url.path == (
        f"{version.prefix}/incidents/incidents/v1/{uid(1)}/events"
    )


def test_an_event_that_is_odd_costs_no_other() -> None:
    rows: list[object] = [
        None,
        {"assignment": 5},
        {"assignment": {"assignment": []}},
        {"id": "9"},
    ]
    actor, _ = acting(answer(json_={"incidentEvents": rows}))

    events = actor.timeline(ID)

    assert ([event.id for event in events.events], events.malformed) == (["9"], 3)


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (answer(404, {"code": 404, "message": "Not Found: x"}), IncidentMissingError),
        (answer(404, {"code": 5, "message": "Not Found"}), RouteMissingError),
        (answer(404, content=b"Not Found: Not Found"), RouteMissingError),
        (answer(json_={"incident": row(2)}), SourceGarbledError),
        (answer(json_={"incident": None}), SourceGarbledError),
        (answer(json_={"incident": row(1, createdAt="soon")}), SourceGarbledError),
    ],
)
def test_an_incident_that_cannot_be_read_is_told_in_a_line(
    response: httpx.Response, error: type[SourceError]
) -> None:
    actor, _ = acting(response)

    with pytest.raises(error) as told:
        actor.show(ID)

    assert "\n" not in str(told.value)
    assert str(told.value).endswith(".")


@pytest.mark.parametrize(
    "wrong", [[], "me", {"user_name": 5}, {"team_url": ["https://a.example"]}]
)
def test_an_identity_that_is_none_is_garbled(wrong: object) -> None:
    actor, _ = acting(answer(json_=wrong))

    with pytest.raises(SourceGarbledError):
        actor.whoami()

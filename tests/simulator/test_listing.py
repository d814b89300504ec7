"""Filters, order and pages, over HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from simulator.world.world import BEGINNING, World
from tests.simulator.api_client import LIST, OPEN, ApiClient, Row, api_client, ids

LATER = BEGINNING + timedelta(hours=6)


@pytest.fixture(scope="module")
def lived() -> Iterator[ApiClient]:
    """A world with a past: open and closed incidents, and people."""
    world = World(users=6, open=120, rate=2)
    world.advance(LATER)
    with api_client(world) as client:
        yield client


def text(row: Row, *path: str) -> str:
    value: object = row
    for name in path:
        assert isinstance(value, dict)
        value = value[name]
    return str(value)


def users(row: Row) -> list[str]:
    assignments = row["assignments"]
    assert isinstance(assignments, list)
    return [text(assignment, "assignedTo", "userId") for assignment in assignments]


def time(row: Row, name: str) -> datetime:
    return datetime.fromisoformat(str(row[name]))


@pytest.mark.parametrize(
    ("field", "word"),
    [
        ("status", "INCIDENT_STATUS_ACKNOWLEDGED"),
        ("status", "INCIDENT_STATUS_RESOLVED"),
        ("state", "INCIDENT_STATE_RESOLVED"),
        ("severity", "INCIDENT_SEVERITY_LOW"),
    ],
)
def test_words_select(lived: ApiClient, field: str, word: str) -> None:
    everything = lived.list()

    rows_ = lived.list({field: [word]})

    assert rows_
    assert ids(rows_) == ids([row for row in everything if row[field] == word])


def test_an_enum_may_be_given_by_its_number(lived: ApiClient) -> None:
    by_word = lived.list({"severity": ["INCIDENT_SEVERITY_LOW"]})

    assert lived.list({"severity": [5]}) == by_word


def test_values_are_alternatives_and_fields_add_up(lived: ApiClient) -> None:
    both = lived.list({**OPEN, "severity": ["INCIDENT_SEVERITY_CRITICAL"]})

    assert ids(both) == [
        row["id"]
        for row in lived.list()
        if row["status"] in OPEN["status"]
        and row["severity"] == "INCIDENT_SEVERITY_CRITICAL"
    ]


def test_an_assignee_selects_whatever_the_case(lived: ApiClient) -> None:
    user = lived.running.world.users[1].email

    rows_ = lived.list({"assignee": [user.upper()]})

    assert rows_
    assert ids(rows_) == ids([row for row in lived.list() if user in users(row)])


def test_an_assignee_is_selected_however_they_were_written() -> None:
    with api_client(World(open=1)) as client:
        (id_,) = client.running.world.open_ids
        client.running.world.assign(id_, "Ada@Example.com", by="x")

        assert ids(client.list({"assignee": ["ada@example.com"]})) == [id_]


@pytest.mark.parametrize(("values", "status"), [(1_000, 200), (1_001, 400)])
def test_a_field_of_a_filter_holds_1000_values_at_most(
    lived: ApiClient, values: int, status: int
) -> None:
    people = [f"u{number}@example.com" for number in range(values)]

    answer = lived.send("POST", LIST, json={"filter": {"assignee": people}})

    assert answer.status_code == status


def test_muted_selects_one_side_and_its_absence_both(lived: ApiClient) -> None:
    muted = lived.list({"isMuted": True})
    unmuted = lived.list({"isMuted": False})

    assert len(muted) * len(unmuted) > 0
    assert len(muted) + len(unmuted) == len(lived.list())


def test_labels_select(lived: ApiClient) -> None:
    everything = lived.list()
    label = text(everything[0], "contextualLabels", "alert_name")
    region = text(everything[0], "displayLabels", "region")

    rows_ = lived.list(
        {
            "contextualLabels": {"alert_name": {"contextualLabelValues": [label]}},
            "displayLabels": {"region": {"displayLabelValues": [region]}},
        }
    )

    assert everything[0]["id"] in ids(rows_)
    assert {text(row, "displayLabels", "region") for row in rows_} == {region}


def test_meta_labels_select_any_or_all(lived: ApiClient) -> None:
    labels = [{"key": "team", "value": "orders"}, {"key": "tier", "value": "1"}]

    any_label = lived.list({"metaLabels": labels})
    both = lived.list({"metaLabels": labels, "metaLabelsOp": "FILTER_OPERATOR_AND"})

    assert 0 < len(both) < len(any_label)


def test_a_search_looks_into_one_field(lived: ApiClient) -> None:
    query = {"query": "PAYMENT", "incidentField": "INCIDENTS_FIELDS_SUBSYSTEM_NAME"}

    rows_ = lived.list({"searchQuery": query})

    assert rows_
    assert all(
        text(row, "contextualLabels", "subsystem_name") == "payment" for row in rows_
    )


def test_a_range_of_creation_selects_by_creation(lived: ApiClient) -> None:
    since = BEGINNING - timedelta(days=2)
    span = {"startTime": since.isoformat(), "endTime": BEGINNING.isoformat()}

    rows_ = lived.list({"createdAtRange": span})

    assert ids(rows_) == [
        row["id"]
        for row in lived.list()
        if since <= time(row, "createdAt") <= BEGINNING
    ]


@pytest.mark.parametrize("deprecated", [False, True])
def test_a_duration_range_selects_what_was_open_at_some_moment_in_it(
    lived: ApiClient, *, deprecated: bool
) -> None:
    start, end = BEGINNING + timedelta(hours=1), BEGINNING + timedelta(hours=2)
    span = {"startTime": start.isoformat(), "endTime": end.isoformat()}

    rows_ = lived.list(span if deprecated else {"incidentDurationRange": span})

    late = datetime.max.replace(tzinfo=UTC)
    assert ids(rows_) == [
        row["id"]
        for row in lived.list()
        if time(row, "createdAt") <= end
        and (time(row, "closedAt") if "closedAt" in row else late) >= start
    ]


@pytest.mark.parametrize("span", [{}, {"startTime": "2026-01-05T09:00:00Z"}])
def test_a_range_has_two_ends(lived: ApiClient, span: Row) -> None:
    answer = lived.send("POST", LIST, json={"filter": {"createdAtRange": span}})

    assert answer.status_code == 400


@pytest.mark.parametrize("size", [0, -1, 10_001])
@pytest.mark.parametrize("version", ["5", "3"])
def test_a_page_holds_1_to_10000(lived: ApiClient, size: int, version: str) -> None:
    answer = lived.send(
        "POST",
        LIST,
        version=version,
        json={"pagination": {"pageSize": size}},
        query=f"pagination.page_size={size}",
    )

    assert answer.status_code == 400
    assert "PageSize" in answer.json()["message"]


def test_without_pagination_everything_comes_at_once(lived: ApiClient) -> None:
    answer = lived.send("POST", LIST, json={}).json()

    assert len(answer["incidents"]) == answer["pagination"]["totalSize"]
    assert "nextPageToken" not in answer["pagination"]


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
@pytest.mark.parametrize("field", ["CREATED_TIME", "SEVERITY", "NAME", "STATUS"])
def test_pages_of_any_order_hold_every_incident_once(
    lived: ApiClient, field: str, direction: str
) -> None:
    order = [
        {
            "incidentField": f"INCIDENTS_FIELDS_{field}",
            "direction": f"ORDER_BY_DIRECTION_{direction}",
        }
    ]

    listed = ids([row for page in pages(lived, 7, order) for row in page])

    assert len(set(listed)) == len(listed) == len(lived.list())


def test_a_token_stands_on_the_last_page_as_well(lived: ApiClient) -> None:
    body = {"pagination": {"pageSize": 10_000}}
    whole = lived.send("POST", LIST, json=body).json()
    token = whole["pagination"]["nextPageToken"]

    body = {"pagination": {"pageSize": 10_000, "pageToken": token}}
    rest = lived.send("POST", LIST, json=body).json()

    assert token
    assert rest["incidents"] == []
    assert "nextPageToken" not in rest["pagination"]


@pytest.mark.parametrize("token", ["nonsense", "W10=", "bnVsbA==", "é"])
def test_what_is_no_token_is_refused(lived: ApiClient, token: str) -> None:
    body = {"pagination": {"pageSize": 5, "pageToken": token}}

    assert lived.send("POST", LIST, json=body).status_code == 400


def test_pages_stay_whole_while_the_world_moves() -> None:
    world = World(users=5, open=300, rate=60)
    oldest_first = [
        {
            "incidentField": "INCIDENTS_FIELDS_CREATED_TIME",
            "direction": "ORDER_BY_DIRECTION_ASC",
        }
    ]
    with api_client(world) as client:
        before = set(world.open_ids)
        listed: list[str] = []
        for page in pages(client, 20, oldest_first):
            listed += ids(page)
            world.advance(world.now + timedelta(seconds=30))
        stayed = before & set(world.open_ids)

    assert len(stayed) < len(before)
    assert len(set(listed)) == len(listed)
    assert stayed <= set(listed)


def pages(client: ApiClient, size: int, order: object) -> Iterator[list[Row]]:
    token = ""
    while True:
        body: Row = {"orderBys": order}
        body["pagination"] = {
            "pageSize": size,
            **({"pageToken": token} if token else {}),
        }
        answer = client.send("POST", LIST, json=body).json()
        yield answer["incidents"]
        token = answer["pagination"].get("nextPageToken", "")
        if not token:
            return

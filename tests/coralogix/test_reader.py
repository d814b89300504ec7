"""What the reader takes for the whole truth, and what it does not."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from incidents.coralogix.http.routes import Version
from incidents.coralogix.incidents.answers import read_page
from incidents.coralogix.incidents.reader import GLANCE, CoralogixReader
from incidents.errors import (
    KeyRejectedError,
    PermissionMissingError,
    RouteMissingError,
    SourceGarbledError,
    SourceRejectedError,
    SourceUnavailableError,
)
from incidents.models import IncidentId, UserId
from tests.coralogix.fakes import answer, http, page, row, script, sent, uid

TOO_MANY = {"code": 400, "message": "Bad Request: page size is too large"}


def reader(
    *steps: httpx.Response | Exception, version: Version = Version.V5
) -> tuple[CoralogixReader, list[httpx.Request]]:
    handler, asked = script(*steps)
    return CoralogixReader(http(handler, version=version)), asked


def test_one_request_lists_every_open_incident_muted_ones_too() -> None:
    source, asked = reader(page([row(1), row(2, isMuted=True)]))

    listing = source.list_open(None)

    assert set(listing.incidents) == {uid(1), uid(2)}
    assert listing.complete
    assert (listing.total, listing.calls, listing.problem) == (2, 1, "")
    assert sent(asked[0]) == {
        "filter": {
            "status": ["INCIDENT_STATUS_TRIGGERED", "INCIDENT_STATUS_ACKNOWLEDGED"]
        },
        "pagination": {"pageSize": 10_000},
        "orderBys": [
            {
                "incidentField": "INCIDENTS_FIELDS_CREATED_TIME",
                "direction": "ORDER_BY_DIRECTION_ASC",
            },
            {
                "incidentField": "INCIDENTS_FIELDS_ID",
                "direction": "ORDER_BY_DIRECTION_ASC",
            },
        ],
    }


def test_version_3_asks_in_the_query_and_sends_no_body() -> None:
    source, asked = reader(page([row(1)]), version=Version.V3)

    source.list_open([UserId("a+b@example.com")])

    assert asked[0].content == b""
    assert asked[0].url.raw_path.decode() == (
        "/mgmt/openapi/3/incidents/incidents/v1"
        "?filter.status=INCIDENT_STATUS_TRIGGERED"
        "&filter.status=INCIDENT_STATUS_ACKNOWLEDGED"
        "&filter.assignee=a%2Bb%40example.com&pagination.page_size=10000"
    )


@pytest.mark.parametrize("token", [None, "", "again"])
def test_pages_end_at_no_token_an_empty_one_or_one_that_repeats(
    token: str | None,
) -> None:
    source, asked = reader(
        page([row(1)], 3, "again"), page([row(2)], 3, token), page([row(3)], 3)
    )

    listing = source.list_open(None)

    assert len(asked) == 2
    assert not listing.complete
    assert "counts 3 open incidents and listed 2" in listing.problem


def test_a_token_on_the_last_page_is_not_followed() -> None:
    source, asked = reader(page([row(1)], 2, "b"), page([row(2)], 2, "c"))

    assert source.list_open(None).complete
    assert len(asked) == 2


def test_an_empty_page_with_a_new_token_ends_nothing() -> None:
    source, asked = reader(
        page([row(1)], 2, "b"), page([], 2, "c"), page([row(2)], 2, "d")
    )

    listing = source.list_open(None)

    assert listing.complete
    assert (len(listing.incidents), len(asked)) == (2, 3)


def test_two_empty_pages_in_a_row_end_the_listing_although_it_has_a_token() -> None:
    source, asked = reader(
        page([row(1)], 2, "b"), page([], 2, "c"), page([], 2, "d"), page([row(2)], 2)
    )

    assert not source.list_open(None).complete
    assert len(asked) == 3


def test_the_same_page_under_ever_new_tokens_is_read_three_times_at_most() -> None:
    count = iter(range(10**9))
    source = CoralogixReader(
        http(lambda _: page([row(1)], 10**6, f"token-{next(count)}"))
    )

    listing = source.list_open(None)

    assert listing.calls == 3
    assert not listing.complete


def test_endless_new_tokens_end_at_a_hard_cap() -> None:
    count = iter(range(1, 10**9))

    def handler(_: httpx.Request) -> httpx.Response:
        number = next(count)
        return page([row(number)], 10**6, f"token-{number}")

    listing = CoralogixReader(http(handler)).list_open(None)

    assert listing.calls == 1_000
    assert not listing.complete


def test_a_row_that_moved_between_pages_is_counted_once_and_the_gap_is_seen() -> None:
    source, _ = reader(page([row(1), row(2)], 4, "b"), page([row(2), row(3)], 4))

    listing = source.list_open(None)

    assert len(listing.incidents) == 3
    assert not listing.complete


def test_a_count_that_changes_meanwhile_is_not_complete() -> None:
    source, _ = reader(page([row(1)], 2, "b"), page([row(2), row(3)], 3))

    assert "changed while" in source.list_open(None).problem


def test_an_answer_that_does_not_count_is_not_complete() -> None:
    source, _ = reader(answer(json_={"incidents": [row(1)]}))

    listing = source.list_open(None)

    assert len(listing.incidents) == 1
    assert "did not say" in listing.problem


def test_pages_are_read_on_where_the_count_is_left_out() -> None:
    first = {"incidents": [row(1)], "pagination": {"nextPageToken": "b"}}
    last = {"incidents": [row(2)], "pagination": {}}
    source, _ = reader(answer(json_=first), answer(json_=last))

    listing = source.list_open(None)

    assert len(listing.incidents) == 2
    assert not listing.complete


def test_nothing_at_all_is_not_taken_for_no_incidents() -> None:
    source, _ = reader(answer(json_={}))

    assert not source.list_open(None).complete


def test_unset_fields_may_be_absent_where_nothing_is_open() -> None:
    source, _ = reader(answer(json_={"pagination": {}}))

    assert source.list_open(None).complete


def test_a_malformed_row_is_quarantined_and_still_counts() -> None:
    broken = row(2, createdAt="soon", description="a secret")
    source, _ = reader(page([row(1), broken, "nothing", row(3)]))

    listing = source.list_open(None)

    assert set(listing.incidents) == {uid(1), uid(3)}
    assert [q.id for q in listing.quarantined] == [uid(2), None]
    assert listing.complete
    assert "secret" not in str(listing.quarantined)


ODD: list[dict[str, object]] = [
    {"closedAt": ""},
    {"closedAt": "-"},
    {"closedAt": 0},
    {"lastStateUpdateTime": ""},
    {"lastStateUpdateTime": 1764547210},
    {"displayLabels": {"pods": [3]}},
    {"metaLabels": [{"key": "prod", "value": {}}]},
    {"metaLabels": "text"},
    {"isMuted": "false"},
    {"isMuted": 0},
    {"description": []},
    {"name": {}},
    {"severity": 4},
    {"status": 1},
    {"state": True},
    {"assignments": [None]},
    {"assignments": {}},
    {"assignments": [{"assignedTo": {"userId": 77}}]},
    {"assignments": [{"assignedTo": "text"}]},
]


@pytest.mark.parametrize("fields", ODD, ids=str)
def test_one_odd_value_hides_no_incident_and_is_counted(
    fields: dict[str, object],
) -> None:
    source, _ = reader(page([row(1, **fields)]))

    listing = source.list_open(None)

    assert set(listing.incidents) == {uid(1)}
    assert listing.complete
    assert listing.odd == 1


def test_numbers_and_truth_values_are_shown_as_text() -> None:
    source, _ = reader(
        page([row(1, name=404, displayLabels={"pods": 3, "prod": True, "none": None})])
    )

    listing = source.list_open(None)

    incident = next(iter(listing.incidents.values()))
    assert incident.name == "404"
    assert incident.labels == (("none", ""), ("pods", "3"), ("prod", "true"))
    assert listing.odd == 0


@pytest.mark.parametrize("total", [1.0, "1", 1])
def test_a_count_may_be_spelled_as_any_whole_number(total: object) -> None:
    said = {"incidents": [row(1)], "pagination": {"totalSize": total}}
    source, _ = reader(answer(json_=said))

    assert source.list_open(None).complete


def test_rows_that_are_mostly_not_understood_are_no_complete_listing() -> None:
    rows: list[object] = [row(1), row(2), {}, {}, {}]
    source, _ = reader(page(rows))

    listing = source.list_open(None)

    assert not listing.complete
    assert set(listing.incidents) == {uid(1), uid(2)}
    assert "3 of 5" in listing.problem


def test_any_number_of_rows_that_are_none_is_kept_within_bounds() -> None:
    source, _ = reader(page([[]] * 5_000 + [row(1)]))

    listing = source.list_open(None)

    assert not listing.complete
    assert len(listing.quarantined) == 1_000
    assert "5,000 of 5,001" in listing.problem


def test_rows_are_read_within_the_deadline() -> None:
    left = iter([True, True, False])

    def check() -> None:
        if not next(left):
            raise SourceUnavailableError("There was no time left.")

    with pytest.raises(SourceUnavailableError):
        read_page({"incidents": [row(1)] * 10**6}, check)


def test_a_status_nobody_knows_is_kept_and_a_resolved_one_is_not_open() -> None:
    source, _ = reader(
        page(
            [
                row(1, status="INCIDENT_STATUS_NO_DATA"),
                row(2, status="INCIDENT_STATUS_RESOLVED"),
            ]
        )
    )

    listing = source.list_open(None)

    assert [i.status for i in listing.incidents.values()] == ["INCIDENT_STATUS_NO_DATA"]
    assert listing.complete


def test_a_page_size_that_is_refused_falls_back_and_is_remembered() -> None:
    source, asked = reader(answer(400, TOO_MANY), page([row(1)]), page([row(1)]))

    assert source.list_open(None).complete
    assert source.list_open(None).calls == 1
    sizes = [sent(request)["pagination"] for request in asked]
    assert sizes == [{"pageSize": 10_000}, {"pageSize": 1_000}, {"pageSize": 1_000}]


def test_a_request_refused_at_every_size_is_told_and_nothing_is_remembered() -> None:
    source, asked = reader(*[answer(400, TOO_MANY) for _ in range(3)], page([]))

    with pytest.raises(SourceRejectedError, match="page size is too large"):
        source.list_open(None)
    source.list_open(None)

    assert sent(asked[-1])["pagination"] == {"pageSize": 10_000}


def test_after_a_time_out_of_a_huge_page_the_next_listing_asks_for_less() -> None:
    source, asked = reader(*[answer(504)] * 4, page([]))

    with pytest.raises(SourceUnavailableError):
        source.list_open(None)
    source.list_open(None)

    assert sent(asked[-1])["pagination"] == {"pageSize": 1_000}


def test_a_later_page_that_fails_leaves_an_incomplete_listing() -> None:
    source, _ = reader(
        page([row(1)], 2, "b"), *[httpx.ReadError("cut") for _ in range(4)]
    )

    listing = source.list_open(None)

    assert set(listing.incidents) == {uid(1)}
    assert not listing.complete
    assert listing.problem.startswith("Page 2 could not be read.")
    assert listing.calls == 5


def test_a_later_page_that_is_no_json_leaves_an_incomplete_listing() -> None:
    source, _ = reader(page([row(1)], 2, "b"), answer(content=b'{"incidents":['))

    assert not source.list_open(None).complete


def test_a_first_page_that_is_no_json_raises() -> None:
    source, _ = reader(answer(content=b"<html>"))

    with pytest.raises(SourceGarbledError):
        source.list_open(None)


@pytest.mark.parametrize(
    ("status", "error"), [(401, KeyRejectedError), (403, PermissionMissingError)]
)
def test_a_refused_key_raises_on_any_page(status: int, error: type[Exception]) -> None:
    source, _ = reader(page([row(1)], 2, "b"), answer(status))

    with pytest.raises(error):
        source.list_open(None)


def test_nobodys_incidents_are_none_and_nothing_is_sent() -> None:
    source, asked = reader()

    listing = source.list_open([])

    assert (listing.complete, listing.total, asked) == (True, 0, [])


def test_more_than_a_thousand_assignees_take_several_requests_merged() -> None:
    people = [UserId(f"{n}@example.com") for n in range(1_500)]
    shared = row(1)
    source, asked = reader(page([shared, row(2)]), page([shared, row(3)]))

    listing = source.list_open(people)

    chunks = [sent(request)["filter"]["assignee"] for request in asked]  # type: ignore[index]  # JSON
    assert [len(chunk) for chunk in chunks] == [1_000, 500]
    assert sorted(id_ for chunk in chunks for id_ in chunk) == sorted(people)
    assert (listing.complete, listing.total, len(listing.incidents)) == (True, 3, 3)


def test_assignees_in_a_query_are_split_so_that_the_address_stays_short() -> None:
    people = [UserId(f"{n}@example.com") for n in range(300)]
    asked: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return page([])

    assert CoralogixReader(http(handler, version=Version.V3)).list_open(people).complete
    assert max(len(request.url.raw_path) for request in asked) < 8_000
    assert sum(r.url.query.count(b"filter.assignee") for r in asked) == 300


def test_a_second_part_that_fails_leaves_an_incomplete_listing() -> None:
    people = [UserId(f"{n}@example.com") for n in range(1_500)]
    source, _ = reader(page([row(1)]), answer(400), answer(400), answer(400))

    listing = source.list_open(people)

    assert (listing.complete, len(listing.incidents)) == (False, 1)


def test_what_became_of_incidents_is_asked_fifty_at_a_time() -> None:
    ids = [IncidentId(uid(n)) for n in range(60)]
    first = {uid(n): row(n, status="INCIDENT_STATUS_RESOLVED") for n in range(49)}
    source, asked = reader(
        answer(json_={"incidents": first, "notFoundIds": [uid(49)]}),
        answer(json_={"incidents": {}, "notFoundIds": [uid(n) for n in range(50, 60)]}),
    )

    lookup = source.look_up([*ids, IncidentId("not an id")])

    assert [r.url.query.count(b"ids=") for r in asked] == [50, 10]
    assert asked[0].url.path == "/mgmt/openapi/5/incidents/incidents/v1"
    assert len(lookup.incidents) == 49
    assert lookup.missing == set(ids[49:])
    assert lookup.calls == 2


def test_a_part_that_cannot_be_looked_up_is_left_out_not_missing() -> None:
    ids = [IncidentId(uid(n)) for n in range(60)]
    source, _ = reader(
        answer(400, TOO_MANY), answer(json_={"incidents": {uid(55): row(55)}})
    )

    lookup = source.look_up(ids)

    assert set(lookup.incidents) == {uid(55)}
    assert lookup.missing == frozenset()


def test_an_incident_under_another_ones_id_is_quarantined() -> None:
    source, _ = reader(answer(json_={"incidents": {uid(1): row(2)}}))

    lookup = source.look_up([IncidentId(uid(1)), IncidentId(uid(2))])

    assert lookup.incidents == {}
    assert [q.id for q in lookup.quarantined] == [uid(1)]


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (lambda: answer(401), KeyRejectedError),
        (lambda: answer(403), PermissionMissingError),
        (lambda: answer(404, {"code": 5, "message": "Not Found"}), RouteMissingError),
    ],
)
def test_a_look_up_that_can_never_succeed_raises(
    response: Callable[[], httpx.Response], error: type[Exception]
) -> None:
    source, _ = reader(response())

    with pytest.raises(error):
        source.look_up([IncidentId(uid(1))])


def test_a_glance_asks_once_for_fifty_at_most_and_not_for_long() -> None:
    source, asked = reader(answer(json_={"incidents": {uid(1): row(1)}}))
    ids = [IncidentId(uid(n)) for n in range(1, 120)]

    lookup = source.fetch_once([*ids, IncidentId("not an id")])

    assert set(lookup.incidents) == {uid(1)}
    assert lookup.calls == len(asked) == 1
    assert asked[0].url.params.get_list("ids") == sorted(ids)[:50]
    assert asked[0].extensions["timeout"]["read"] == GLANCE


def test_a_glance_that_fails_is_not_repeated() -> None:
    source, asked = reader(answer(503), answer(json_={"incidents": {}}))

    with pytest.raises(SourceUnavailableError):
        source.fetch_once([IncidentId(uid(1))])

    assert len(asked) == 1


def test_a_glance_at_nothing_sends_nothing() -> None:
    source, asked = reader()

    assert source.fetch_once([IncidentId("not an id")]).incidents == {}
    assert asked == []


def test_what_has_ended_is_asked_for_by_when_it_opened() -> None:
    handler, asked = script(page([row(1, status="INCIDENT_STATUS_RESOLVED")]))
    after = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)

    reader = CoralogixReader(http(handler))
    ended = reader.list_ended(after, after + timedelta(minutes=1))

    assert sent(asked[0])["filter"] == {
        "status": ["INCIDENT_STATUS_RESOLVED"],
        "createdAtRange": {
            "startTime": "2026-01-02T03:04:00+00:00",
            "endTime": "2026-01-02T03:05:00+00:00",
        },
    }
    assert (ended.complete, ended.calls, len(ended.incidents)) == (True, 1, 1)

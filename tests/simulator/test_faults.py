"""What goes wrong on demand does, over HTTP, and nothing else."""

import json
import re
import time

import httpx
import pytest

from incidents.coralogix.incidents.incident_row import read_rows
from simulator.api.faults import DEFAULTS, HELP, Fault, Faults
from simulator.api.routes import OPERATIONS
from simulator.world.people import TEAM_KEY
from simulator.world.texts import HOSTILE
from simulator.world.world import World
from tests.simulator.api_client import LIST, ApiClient, Row, api_client, ids, rows

BROKEN = (httpx.RemoteProtocolError, httpx.ReadError)


def test_a_fault_is_read_part_by_part() -> None:
    assert Fault.parse(" 429=2.5:list@0.25*3 ") == Fault(
        kind="429", value=2.5, operation="list", share=0.25, times=3
    )


@pytest.mark.parametrize(
    "spec",
    [
        "blah",
        "200",
        "42",
        "429=x",
        "slow=1.2.3",
        "cut@",
        "cut*-1",
        "cut,,no",
        "cut:lst",
    ],
)
def test_what_is_no_fault_is_refused_in_one_line(spec: str) -> None:
    with pytest.raises(ValueError, match=r"is not an? |invalid number") as refused:
        Faults(spec)

    assert "\n" not in str(refused.value)


def test_every_fault_and_every_operation_is_in_the_help() -> None:
    assert set(DEFAULTS) <= set(re.findall(r"[a-z]+", HELP))
    assert set(OPERATIONS) <= set(re.findall(r"[a-z-]+", HELP))


def test_the_same_seed_draws_the_same_faults() -> None:
    first, second, other = (Faults("503@0.5", seed) for seed in (1, 1, 2))
    drawn = [[bool(f.draw("list")) for _ in range(64)] for f in (first, second, other)]

    assert drawn[0] == drawn[1] != drawn[2]
    assert 0 < sum(drawn[0]) < 64


@pytest.mark.parametrize("status", [302, 409, 429, 500, 502, 503, 504])
def test_a_status_is_answered_as_often_as_asked(status: int) -> None:
    with api_client(World(), f"{status}*2") as client:
        answers = [client.send("POST", LIST, json={}) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [status, status, 200]
    assert answers[0].json()["code"] == status


def test_too_many_requests_say_how_long_to_wait() -> None:
    with api_client(World(), "429=3") as client:
        answer = client.send("POST", LIST, json={})

    assert answer.headers["retry-after"] == "3"


def test_a_redirection_leads_to_another_host() -> None:
    with api_client(World(), "302") as client:
        answer = client.send("POST", LIST, json={})

    assert answer.headers["location"].startswith("https://elsewhere.")


def test_a_fault_befalls_its_operation_alone() -> None:
    with api_client(World(), "500:acknowledge", personal=True) as client:
        body = {"incidentIds": list(client.running.world.open_ids)}

        assert client.send("POST", LIST, json={}).status_code == 200
        answer = client.send("POST", f"{LIST}/all/acknowledge", json=body)

    assert answer.status_code == 500


def test_errors_may_be_plain_text() -> None:
    with api_client(World(), "plain,404*1") as client:
        answer = client.send("POST", LIST, json={})

    assert answer.text == "Not Found: on demand"


@pytest.mark.parametrize("kind", ["cut", "torn"])
def test_a_connection_breaks_before_or_within_the_answer(kind: str) -> None:
    with api_client(World(open=200), f"{kind}*1") as client:
        with pytest.raises(BROKEN):
            client.send("POST", LIST, json={})

        assert len(rows(client.send("POST", LIST, json={}))) == 200


def test_half_of_the_json_comes_as_if_it_were_whole() -> None:
    with api_client(World(open=200), "half") as client:
        answer = client.send("POST", LIST, json={})

    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


@pytest.mark.parametrize("spec", ["lost", "lost=504"])
def test_a_lost_answer_was_acted_upon(spec: str) -> None:
    with api_client(World(), f"{spec}*1", personal=True) as client:
        id_ = client.running.world.open_ids[0]
        body = {"incidentIds": [id_]}
        if spec == "lost":
            with pytest.raises(BROKEN):
                client.send("POST", f"{LIST}/all/resolve", json=body)
        else:
            answer = client.send("POST", f"{LIST}/all/resolve", json=body)
            assert answer.status_code == 504

        assert id_ not in client.running.world.open_ids


@pytest.mark.parametrize("kind", ["slow", "drip"])
def test_a_slow_answer_comes_whole_in_the_end(kind: str) -> None:
    with api_client(World(open=50), f"{kind}=0.2") as client:
        began = time.monotonic()
        rows_ = rows(client.send("POST", LIST, json={}))

    assert len(rows_) == 50
    assert time.monotonic() - began >= 0.2


def test_a_slow_answer_does_not_hold_up_the_end() -> None:
    began = time.monotonic()
    with api_client(World(), "slow=30") as client, pytest.raises(httpx.ReadTimeout):
        httpx.post(
            f"{client.running.base_url}{LIST}",
            headers={"Authorization": f"Bearer {TEAM_KEY}"},
            timeout=0.1,
        )

    assert time.monotonic() - began < 15


def test_a_page_may_be_limited_further() -> None:
    with api_client(World(open=30), "pagesize=20") as client:
        body = {"pagination": {"pageSize": 21}}

        assert client.send("POST", LIST, json=body).status_code == 400
        assert len(client.list(size=20)) == 20


def second_page(client: ApiClient) -> tuple[list[str], list[str], int]:
    body: Row = {"pagination": {"pageSize": 10}}
    first = client.send("POST", LIST, json=body).json()
    token = first["pagination"]["nextPageToken"]
    body = {"pagination": {"pageSize": 10, "pageToken": token}}
    second = client.send("POST", LIST, json=body).json()
    return (
        ids(first["incidents"]),
        ids(second["incidents"]),
        second["pagination"]["totalSize"],
    )


def test_rows_come_twice_across_pages() -> None:
    with api_client(World(open=30), "duplicate=2") as client:
        first, second, total = second_page(client)

    assert second[:2] == first[-2:]
    assert (len(second), total) == (12, 30)


def test_rows_are_left_out_and_counted() -> None:
    with api_client(World(open=30), "omit") as client:
        first, second, total = second_page(client)

    assert (len(first), len(second), total) == (9, 9, 30)
    assert not set(first) & set(second)


def test_a_token_leads_nowhere_for_ever() -> None:
    with api_client(World(open=30), "loop") as client:
        first, second, _ = second_page(client)

        assert first[1:] == second[:9]
        assert second_page(client)[1] == second


def test_a_page_may_come_without_a_count() -> None:
    with api_client(World(open=3), "uncounted") as client:
        page = client.send("POST", LIST, json={"pagination": {"pageSize": 2}}).json()

    assert list(page["pagination"]) == ["nextPageToken"]


def test_a_share_of_the_rows_is_malformed_each_time_the_same() -> None:
    with api_client(World(open=400), "malformed=0.2") as client:
        rows_ = client.list()
        again = client.list()
    with api_client(World(open=400)) as client:
        intact = client.list()
    read = read_rows(rows_)
    malformed = sum(row not in intact for row in rows_)

    assert rows_ == again
    assert 40 < malformed < 120
    # Only what a row cannot do without makes it unreadable.
    assert 0 < len(read.quarantined) < malformed
    assert len(read.incidents) + len(read.quarantined) == 400


def test_words_of_a_later_version_are_no_fault_of_the_row() -> None:
    with api_client(World(open=300), "words=0.3") as client:
        read = read_rows(client.list())

    assert not read.quarantined
    assert "INCIDENT_SEVERITY_FATAL" in {i.severity for i in read.incidents.values()}
    assert "INCIDENT_STATUS_NO_DATA" in {i.status for i in read.incidents.values()}


def test_unset_fields_are_absent_or_null_on_demand() -> None:
    with api_client(World(open=80)) as client:
        absent = client.list()
        client.control("POST", "faults", {"spec": "nulls"})
        null = client.list()

    assert not any("closedAt" in row for row in absent)
    assert any("name" not in row for row in absent)
    assert all(row["closedAt"] is None for row in null)
    assert any(row["name"] is None for row in null)
    assert read_rows(absent) == read_rows(null)


def test_labels_are_lists_of_pairs_on_demand() -> None:
    with api_client(World(open=20)) as client:
        maps = client.list()
        client.control("POST", "faults", {"spec": "pairs"})
        pairs = client.list()

    assert isinstance(pairs[0]["contextualLabels"], list)
    assert read_rows(maps) == read_rows(pairs)


def test_a_list_has_no_events_on_demand_and_a_batch_still_has() -> None:
    with api_client(World(open=30), "eventless:list,malformed=0.2:list") as client:
        listed = client.list()
        client.control("POST", "faults", {"spec": "eventless:list,words=0.5"})
        later = client.list()
        (id_, *_) = client.running.world.open_ids
        batch = client.send("GET", LIST, query=f"ids={id_}").json()["incidents"]

    assert all(row["events"] == [] for row in [*listed, *later] if "id" in row)
    assert batch[id_]["events"]


def test_new_texts_are_hostile_on_demand() -> None:
    with api_client(World(open=0)) as client:
        client.control("POST", "faults", {"spec": "hostile=1"})
        for _ in range(60):
            client.control("POST", "act", {"do": "open"})
        named = {str(row.get("name", "")) for row in client.list()} - {""}

    assert named <= set(HOSTILE)
    assert any("\x1b" in name for name in named)
    assert any("<script>" in name for name in named)
    assert max(map(len, HOSTILE)) == 500


def test_the_back_door_tells_and_refuses_faults() -> None:
    with api_client(World()) as client:
        assert client.control("POST", "faults", {"spec": "503*1"}).status_code == 200
        assert client.control("GET", "faults").json() == {"spec": "503*1"}
        assert client.control("POST", "faults", {"spec": "nope"}).status_code == 400
        assert client.control("GET", "faults").json() == {"spec": "503*1"}
        assert client.control("GET", "nowhere").status_code == 404

"""The gateway's manners, each over HTTP (the vendor's `runtime/query.go`)."""

from collections.abc import Iterator

import pytest

from simulator.world.world import World
from tests.simulator.api_client import BY_USER, LIST, ApiClient, api_client, rows

VERSIONS = ("5", "4", "3", "unversioned")
CRITICAL = {"severity": ["INCIDENT_SEVERITY_CRITICAL"]}


@pytest.fixture
def team() -> Iterator[ApiClient]:
    with api_client(World(users=3, open=40)) as client:
        yield client


@pytest.fixture
def ada() -> Iterator[ApiClient]:
    with api_client(World(users=3, open=5), personal=True) as client:
        yield client


def first(client: ApiClient) -> str:
    return client.running.world.open_ids[0]


def test_a_body_of_v5_sent_to_v3_lists_everything(team: ApiClient) -> None:
    body = {"filter": CRITICAL, "pagination": {"pageSize": 1}}

    assert len(rows(team.send("POST", LIST, json=body))) == 1
    assert len(rows(team.send("POST", LIST, json=body, version="3"))) == 40


@pytest.mark.parametrize("version", ["3", "unversioned"])
@pytest.mark.parametrize(
    "name", ["filter.is_muted", "filter.isMuted"], ids=["snake", "camel"]
)
def test_v3_takes_its_filter_from_the_query(
    team: ApiClient, version: str, name: str
) -> None:
    muted = rows(team.send("POST", LIST, version=version, query=f"{name}=true"))

    assert 0 < len(muted) < 40
    assert all(row["isMuted"] for row in muted)


def test_the_query_means_nothing_to_v5_and_the_body_nothing_to_v3(
    team: ApiClient,
) -> None:
    query = "pagination.page_size=2"

    assert len(rows(team.send("POST", LIST, query=query))) == 40
    assert len(rows(team.send("POST", LIST, query=query, version="3"))) == 2


@pytest.mark.parametrize(
    "query", ["filtre.isMuted=true", "filter.muted=true", "isMuted=true", "x[y]=z"]
)
def test_an_unknown_name_in_a_query_is_ignored_without_a_word(
    team: ApiClient, query: str
) -> None:
    assert len(rows(team.send("POST", LIST, version="3", query=query))) == 40


def test_an_unknown_name_in_a_body_is_ignored_without_a_word(team: ApiClient) -> None:
    body = {"filters": CRITICAL, "pageSize": 1, "filter": {"muted": True}}

    assert len(rows(team.send("POST", LIST, json=body))) == 40


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ("assigned_to[userId]=u", "too many values"),
        ("assigned_to=%7B%22userId%22%3A%22u%22%7D", "unsupported message type"),
        ("assigned_to.user_id=u&assigned_to.user_id=v", "too many values"),
        ("assigned_to.user=u", "userId is required"),
        ("incident_ids.x=1&assigned_to.user_id=u", "not a message"),
    ],
)
def test_an_object_in_a_query_is_refused(
    ada: ApiClient, form: str, message: str
) -> None:
    answer = ada.send(
        "POST",
        f"{LIST}/by-user",
        version="3",
        query=f"incident_ids={first(ada)}&{form}",
    )

    assert answer.status_code == 400
    assert answer.json()["code"] == 400
    assert message in answer.json()["message"]


@pytest.mark.parametrize("query", ["", "incident_ids=", "incident_ids={0},{0}"])
def test_a_list_of_ids_is_one_id_each(ada: ApiClient, query: str) -> None:
    answer = ada.send("DELETE", BY_USER, query=query.format(first(ada)))

    assert answer.status_code == 400


def test_a_body_on_delete_is_not_read(ada: ApiClient) -> None:
    answer = ada.send("DELETE", BY_USER, json={"incidentIds": [first(ada)]})

    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "version"),
    [
        ("POST", f"{LIST}/by-user", "5"),
        ("POST", BY_USER, "3"),
        ("POST", f"{LIST}/all/close", "5"),
        ("POST", f"{LIST}/closed", "3"),
        ("GET", "/incidents/events/v1", "3"),
        ("GET", "/incidents/v1", "5"),
        ("GET", LIST, "3"),
        ("POST", LIST, "99"),
    ],
)
def test_a_wrong_route_answers_with_the_code_of_grpc(
    team: ApiClient, method: str, path: str, version: str
) -> None:
    answer = team.send(method, path, version=version, json={})

    assert answer.status_code == 404
    assert answer.json() == {"code": 5, "message": "Not Found"}


@pytest.mark.parametrize("key", ["x", "cxup_wrong", "cxtp_simulated_team_ke"])
def test_a_wrong_key_is_refused(team: ApiClient, key: str) -> None:
    team.key = key

    answer = team.send("POST", LIST, json={})

    assert answer.status_code == 401
    assert answer.json()["code"] == 401


def test_a_key_without_its_scheme_is_taken(team: ApiClient) -> None:
    answer = team.send("POST", LIST, json={}, headers={"Authorization": team.key})

    assert answer.status_code == 200


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("act", ["acknowledge", "by-user"])
def test_a_team_key_may_not_acknowledge_or_assign(
    team: ApiClient, version: str, act: str
) -> None:
    group = "/all" if version in "54" else ""
    answer = team.send("POST", f"{LIST}{group}/{act}", version=version, json={})

    assert answer.status_code == 403
    assert "personal key" in answer.json()["message"]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_team_key_may_resolve(team: ApiClient, version: str) -> None:
    id_ = first(team)
    if version in "54":
        answer = team.send(
            "POST", f"{LIST}/all/resolve", version=version, json={"incidentIds": [id_]}
        )
    else:
        answer = team.send(
            "POST", f"{LIST}/resolve", version=version, query=f"incident_ids={id_}"
        )

    assert [row["status"] for row in rows(answer)] == ["INCIDENT_STATUS_RESOLVED"]


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"filter":[]}', b'{"filter":{"isMuted":"yes"}}']
)
def test_a_body_that_is_not_understood_is_refused(team: ApiClient, body: bytes) -> None:
    with api_client(team.running.world) as client:
        answer = client._client.post(  # noqa: SLF001  # raw bytes
            f"/mgmt/openapi/5{LIST}",
            content=body,
            headers={"Authorization": client.key},
        )

    assert answer.status_code == 400


def test_a_body_of_unknown_length_is_refused(team: ApiClient) -> None:
    answer = team._client.post(  # noqa: SLF001  # a body in chunks
        f"/mgmt/openapi/5{LIST}",
        content=iter([b"{}"]),
        headers={"Authorization": team.key},
    )

    assert answer.status_code == 411


def test_whoami_names_the_person_or_only_the_team(
    team: ApiClient, ada: ApiClient
) -> None:
    assert team.whoami().json()["user_name"] == ""
    assert ada.whoami().json()["user_name"] == "ada.abe@example.com"


def test_answers_are_compressed_for_whoever_asks(team: ApiClient) -> None:
    plain = team.send("POST", LIST, json={}, headers={"Accept-Encoding": "identity"})
    packed = team.send("POST", LIST, json={}, headers={"Accept-Encoding": "gzip"})

    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.json() == plain.json()


def test_one_connection_carries_many_requests(team: ApiClient) -> None:
    answers = [team.send("POST", LIST, json={}), team.send("GET", "/nowhere")]

    assert all("connection" not in answer.headers for answer in answers)
    assert {answer.http_version for answer in answers} == {"HTTP/1.1"}
    assert (
        len(
            {
                str(answer.extensions["network_stream"].get_extra_info("client_addr"))
                for answer in answers
            }
        )
        == 1
    )

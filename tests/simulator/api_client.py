"""A client that sends anything, as no good client would."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx

from simulator.api.server import RunningServer, serve
from simulator.world.people import TEAM_KEY
from simulator.world.world import World

LIST = "/incidents/incidents/v1"
BY_USER = f"{LIST}/all/by-user"
OPEN = {"status": ["INCIDENT_STATUS_TRIGGERED", "INCIDENT_STATUS_ACKNOWLEDGED"]}
Row = dict[str, object]


class ApiClient:
    """Sends requests with one key, to any version."""

    def __init__(self, running: RunningServer, key: str) -> None:
        self.running = running
        self.key = key
        self._client = httpx.Client(base_url=running.origin, timeout=10)

    def send(  # noqa: PLR0913  # the parts of a request
        self,
        method: str,
        path: str,
        *,
        version: str = "5",
        json: object = None,
        query: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        prefix = "/mgmt/openapi" + ("" if version == "unversioned" else f"/{version}")
        return self._client.request(
            method,
            f"{prefix}{path}{'?' if query else ''}{query}",
            json=json,
            headers={"Authorization": f"Bearer {self.key}", **(headers or {})},
        )

    def list(self, filter_: object = None, size: int = 10_000) -> list[Row]:
        body: Row = {"pagination": {"pageSize": size}}
        if filter_ is not None:
            body["filter"] = filter_
        return rows(self.send("POST", LIST, json=body))

    def control(self, method: str, name: str, json: object = None) -> httpx.Response:
        return self._client.request(method, f"/_sim/{name}", json=json)

    def whoami(self) -> httpx.Response:
        return self._client.get(
            "/identity/whoami", headers={"Authorization": f"Bearer {self.key}"}
        )

    def close(self) -> None:
        self._client.close()


def rows(response: httpx.Response) -> list[Row]:
    assert response.status_code == 200, response.text
    rows_ = response.json()["incidents"]
    assert isinstance(rows_, list)
    return rows_


def ids(rows_: list[Row]) -> list[str]:
    return [str(row["id"]) for row in rows_]


@contextmanager
def api_client(
    world: World, faults: str = "", *, personal: bool = False
) -> Iterator[ApiClient]:
    """Serve *world*, and ask with the team's key or the first user's."""
    with serve(world, faults=faults) as running:
        client = ApiClient(running, world.users[0].key if personal else TEAM_KEY)
        try:
            yield client
        finally:
            client.close()

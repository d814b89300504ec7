"""One deadline over the whole exchange, and what the environment names on the way."""

import contextlib
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator

import httpx
import pytest

from incidents.backoff import Backoff
from incidents.coralogix.http.bounded import run_within
from incidents.coralogix.http.client import Http
from incidents.coralogix.http.key import Key
from incidents.coralogix.http.limits import Limits
from incidents.coralogix.http.regions import Address
from incidents.coralogix.http.routes import Operation, request
from incidents.errors import (
    NotConfirmedError,
    SettingsError,
    SourceError,
    SourceUnavailableError,
)
from tests.coralogix.fakes import SECRET, acting_http, answer, page
from tests.coralogix.servers import client, listing

SHORT = Limits(exchange=0.3, backoff=Backoff(first=0.0, longest=0.0, attempts=1))
Drip = tuple[bytes, bytes]
"""What a server says first, and again and again after it."""
DRIPS: dict[str, Drip] = {
    "headers": (b"HTTP/1.1 200 OK\r\nX-A: ", b"a"),
    "1xx": (b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
    "early hints": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "body": (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b" "),
    "chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
}


@contextlib.contextmanager
def dripping(first: bytes, again: bytes) -> Iterator[str]:
    """Serve an answer that never ends and is never silent; yield the origin."""
    over = threading.Event()

    def drip(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.recv(65_536)
            connection.sendall(first)
            while not over.wait(0.01):
                connection.sendall(again)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=drip, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            over.set()


@pytest.mark.parametrize("name", DRIPS)
def test_an_answer_that_never_ends_and_is_never_silent_ends_at_the_deadline(
    name: str,
) -> None:
    with (
        dripping(*DRIPS[name]) as origin,
        contextlib.closing(client(origin, SHORT)) as http,
    ):
        began = time.monotonic()

        with pytest.raises(SourceUnavailableError, match="in time"):
            listing(http)

        assert time.monotonic() - began < 3


def test_an_action_whose_answer_drips_is_not_confirmed() -> None:
    with (
        dripping(*DRIPS["1xx"]) as origin,
        contextlib.closing(client(origin, SHORT)) as http,
    ):
        route = http.routes[Operation.ACKNOWLEDGE]

        with pytest.raises(NotConfirmedError):
            http.send(request(route, {"incidentIds": ["x"]}))


def test_the_next_request_is_sent_on_a_connection_of_its_own() -> None:
    stuck, answers = threading.Event(), iter([None, page([])])

    def handler(_: httpx.Request) -> httpx.Response:
        said = next(answers)
        if said is None:
            stuck.wait(5)
            raise httpx.ReadTimeout("too late for anybody")
        return said

    http = acting_http(handler, limits=SHORT)
    with pytest.raises(SourceUnavailableError, match="in time"):
        listing(http)
    stuck.set()

    assert listing(http) == {"incidents": [], "pagination": {"totalSize": 0}}


def test_a_name_that_is_looked_up_for_ever_ends_at_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stuck = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: stuck.wait(5) and [])
    http = Http(Address("https://api.eu2.coralogix.com"), Key(SECRET), limits=SHORT)

    with pytest.raises(SourceUnavailableError, match="in time"):
        listing(http)
    stuck.set()


def test_what_is_raised_within_the_time_is_raised_to_who_waits() -> None:
    def fail() -> None:
        raise KeyError("it")

    with pytest.raises(KeyError):
        run_within(5, fail)
    assert run_within(5, lambda: 3) == 3


BAD = [
    ("HTTPS_PROXY", "http://proxy.example:80a"),
    ("HTTPS_PROXY", "http://joe:Secr#et99@proxy:31"),  # pragma: allowlist secret
    ("HTTPS_PROXY", "http://joe:Secr/et99@proxy:31"),  # pragma: allowlist secret
    ("ALL_PROXY", "nonsense://joe:Secr99@proxy"),  # pragma: allowlist secret
    ("SSL_CERT_FILE", "/nowhere/ca.pem"),
]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_an_environment_that_cannot_be_used_is_one_sentence_without_a_password(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError, match=name) as caught:
        Http(Address("https://api.eu2.coralogix.com"), Key(SECRET))

    assert "Secr" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    "value", ["localhost,::1/128", "fe80::/10", "[::1]", "10.0.0.0/8", "*"]
)
def test_networks_and_brackets_in_no_proxy_are_no_fault(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", value)

    Http(Address("https://api.eu2.coralogix.com"), Key(SECRET)).close()


@pytest.mark.parametrize("exception", [httpx.InvalidURL, httpx.StreamError])
def test_an_error_that_is_no_request_error_is_translated_as_well(
    exception: Callable[[str], Exception],
) -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        raise exception("Invalid port: 'Secr'")

    with pytest.raises(SourceError) as caught:
        listing(acting_http(handler, limits=SHORT))

    assert "Secr" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "headers", "pause"),
    [
        (503, {"Retry-After": "20"}, 20),
        (429, {"X-RateLimit-Reset": "30"}, 30),
        (429, {"RateLimit-Reset": "7"}, 7),
        (429, {"Retry-After": "4", "RateLimit-Reset": "7"}, 4),
        (
            429,
            {
                "X-RateLimit-Reset": "1764547210",
                "Date": "Mon, 01 Dec 2025 00:00:00 GMT",
            },
            10,
        ),
        (429, {"X-RateLimit-Reset": "1764547210"}, None),
        (429, {"X-RateLimit-Reset": "soon"}, None),
    ],
)
def test_how_long_to_wait_is_read_wherever_the_server_says_it(
    status: int, headers: dict[str, str], pause: float | None
) -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        return answer(status, {}, headers=headers)

    with pytest.raises(SourceUnavailableError) as caught:
        listing(acting_http(handler, limits=SHORT))

    assert caught.value.retry_after == pause


def test_a_refusal_passes_on_why() -> None:
    said = "Your account has been suspended: contact billing"

    def handler(_: httpx.Request) -> httpx.Response:
        return answer(403, {"code": 403, "message": said})

    with pytest.raises(SourceError, match=f"{said}.*If a permission is missing"):
        listing(acting_http(handler, limits=SHORT))

"""Against real servers: redirects, TLS, sizes, and what a crash report would show."""

import gzip
import inspect
import ipaddress
import itertools
import json
import ssl
import traceback
import tracemalloc
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from incidents.coralogix import deeds
from incidents.coralogix.actor import CoralogixActor
from incidents.coralogix.body import OversizeError
from incidents.coralogix.http import Http
from incidents.coralogix.key import Key
from incidents.coralogix.limits import Limits
from incidents.coralogix.reader import CoralogixReader
from incidents.coralogix.regions import Address
from incidents.coralogix.routes import Operation, request
from incidents.coralogix.writes import ActingHttp
from incidents.errors import (
    IncidentsError,
    NotConfirmedError,
    SourceGarbledError,
    SourceRejectedError,
    SourceUnavailableError,
)
from tests.coralogix.fakes import SECRET, ids, row
from tests.coralogix.servers import Answer, serving

MEGA = 1024 * 1024
QUICK = Limits(first_pause=0.0, attempts=2, answer=MEGA)
LISTED = json.dumps({"incidents": [row(1)], "pagination": {"totalSize": 1}}).encode()


def client(origin: str, limits: Limits = QUICK) -> ActingHttp:
    return ActingHttp(Address(origin), Key(SECRET), limits=limits)


def listing(http: Http) -> object:
    return http.send(request(http.routes[Operation.LIST], {}))


def ok(*chunks: bytes, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(headers=named, body=chunks)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_the_key_goes_nowhere(status: int) -> None:
    with (
        serving(lambda _: ok(LISTED)) as other,
        serving(lambda _: Answer(status, {"location": f"{other.origin}/x"})) as server,
    ):
        http = client(server.origin)
        with pytest.raises(SourceRejectedError, match="redirect"):
            listing(http)
        (outcome,) = CoralogixActor(http).perform(deeds.CLOSE, ids(1))

    assert isinstance(outcome.error, SourceRejectedError)
    assert other.asked == []
    assert len(server.asked) == 2
    assert all(SECRET in headers["Authorization"] for *_, headers in server.asked)


def test_a_redirect_within_the_host_is_not_followed_either() -> None:
    with (
        serving(lambda _: Answer(307, {"location": "/elsewhere"})) as server,
        pytest.raises(SourceRejectedError),
    ):
        listing(client(server.origin))

    assert len(server.asked) == 1


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that nobody vouches for, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    host = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    built = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([host]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "server.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + built.public_bytes(serialization.Encoding.PEM)
    )
    return file


def test_a_server_nobody_vouches_for_never_sees_the_key(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    # What turns verification off elsewhere.
    monkeypatch.setenv("PYTHONHTTPSVERIFY", "0")
    monkeypatch.setenv("CURL_CA_BUNDLE", "")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "")
    monkeypatch.setenv("SSL_VERIFY", "false")

    with serving(lambda _: ok(LISTED), tls=tls) as server:
        with pytest.raises(SourceUnavailableError, match="certificate"):
            listing(client(server.origin))
        assert server.asked == []
        trusting = ssl.create_default_context(cafile=certificate)
        with urllib.request.urlopen(server.origin, context=trusting) as page:  # noqa: S310  # shows that the server itself is fine
            assert page.status == 200


def test_there_is_no_way_to_say_that_tls_is_not_to_be_verified() -> None:
    for kind in (Http, ActingHttp, Address, Limits, CoralogixActor, CoralogixReader):
        names = set(inspect.signature(kind).parameters)
        assert not names & {"verify", "insecure", "trust_env", "cert", "ssl_context"}


def endless() -> Iterator[bytes]:
    return itertools.repeat(b" " * 65_536)


def bomb() -> list[bytes]:
    """32 MB in a few thousand bytes."""
    return [gzip.compress(b" " * (32 * MEGA), compresslevel=9)]


@pytest.mark.parametrize(
    "said",
    [
        Answer(body=endless()),
        Answer(headers={"content-encoding": "gzip"}, body=bomb()),
        Answer(headers={"content-length": str(2**40)}, body=endless()),
    ],
    ids=["endless", "bomb", "announced"],
)
def test_an_answer_over_the_cap_is_not_read_into_memory(said: Answer) -> None:
    with serving(lambda _: said) as server:
        http = client(server.origin)
        tracemalloc.start()
        try:
            with pytest.raises(OversizeError, match="1,048,576 bytes"):
                listing(http)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak < 6 * MEGA
    assert len(server.asked) == 1


def test_an_answer_of_exactly_the_cap_is_read() -> None:
    body = LISTED + b" " * (MEGA - len(LISTED))
    with serving(lambda _: ok(body)) as server:
        assert listing(client(server.origin)) == json.loads(LISTED)


def test_what_an_action_did_is_looked_up_when_its_answer_is_over_the_cap() -> None:
    found = json.dumps({"incidents": {str(ids(1)[0]): row(1)}}).encode()

    def said(path: str) -> Answer:
        return ok(found) if "?ids=" in path else Answer(body=endless())

    with serving(said) as server:
        now = CoralogixActor(client(server.origin)).unassign(ids(1))

    assert now[ids(1)[0]].assignees == ()


def test_a_refusal_without_end_is_still_a_refusal() -> None:
    with (
        serving(lambda _: Answer(400, body=endless())) as server,
        pytest.raises(SourceRejectedError, match="400"),
    ):
        listing(client(server.origin))


@pytest.mark.parametrize(
    "said",
    [
        Answer(headers={"content-length": "5000"}, body=[LISTED[:99]]),
        Answer(headers={"content-encoding": "gzip"}, body=[gzip.compress(LISTED)[:60]]),
        Answer(headers={"content-encoding": "gzip"}, body=[b"nonsense"]),
        Answer(headers={"content-encoding": "br"}, body=[LISTED]),
        Answer(headers={"content-length": "nonsense"}, body=[LISTED]),
        Answer(headers={"transfer-encoding": "chunked"}, body=[b"zz\r\n"]),
        Answer(headers={"x": "y" * 200_000}),
        Answer(204),
    ],
)
def test_a_broken_answer_is_one_of_the_errors_and_an_action_is_not_confirmed(
    said: Answer,
) -> None:
    body = list(said.body)
    with serving(lambda _: Answer(said.status, said.headers, body)) as server:
        http = client(server.origin)
        with pytest.raises((SourceUnavailableError, SourceGarbledError)):
            listing(http)
        (outcome,) = CoralogixActor(http).perform(deeds.CLOSE, ids(1))

    assert isinstance(outcome.error, NotConfirmedError)
    assert [method for method, *_ in server.asked].count("POST") <= QUICK.attempts + 1


def test_compressed_answers_are_asked_for_and_read() -> None:
    packed = gzip.compress(LISTED)
    with serving(lambda _: ok(packed, content_encoding="gzip")) as server:
        assert listing(client(server.origin)) == json.loads(LISTED)

    assert server.asked[0][2]["Accept-Encoding"] == "gzip"


def crash_report(error: BaseException) -> str:
    """What a tool would show that prints every frame with what is in it."""
    whole = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "".join(whole.format())


@pytest.mark.parametrize(
    "said",
    [
        Answer(401, body=[f"Bearer {SECRET} is wrong".encode()]),
        Answer(400, body=[json.dumps({"message": f"key {SECRET}"}).encode()]),
        Answer(500, body=[SECRET.encode()]),
        Answer(headers={"content-length": "9999"}, body=[b"{"]),
        Answer(headers={"content-length": "nonsense"}),
        Answer(body=[b"<html>"]),
        Answer(307, {"location": "https://evil.example/"}),
    ],
)
def test_a_crash_report_with_all_that_is_in_the_frames_has_no_key(said: Answer) -> None:
    body = list(said.body)
    with serving(lambda _: Answer(said.status, said.headers, body)) as server:
        origin = server.origin
        reports = [report(client(origin))]
    reports.append(report(client(origin)))  # nobody listens any more

    for text in reports:
        assert "Error" in text
        assert SECRET not in text


def report(http: Http) -> str:
    try:
        listing(http)
    except IncidentsError as error:
        return crash_report(error)
    raise AssertionError("it should have failed")


def test_the_key_shows_nowhere_in_what_holds_it() -> None:
    http = client("http://127.0.0.1:9")
    key = Key(SECRET)

    for thing in (http, key, vars(http), CoralogixActor(http), f"{key}", f"{key!r}"):
        assert SECRET not in repr(thing)
        assert SECRET not in str(thing)

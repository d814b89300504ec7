"""Who sees the key: nobody on the way, no wrong server, no reader of a report."""

import inspect
import ipaddress
import json
import ssl
import traceback
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from incidents.coralogix.http.acting_client import ActingHttp
from incidents.coralogix.http.client import Http
from incidents.coralogix.http.key import Key
from incidents.coralogix.http.limits import Limits
from incidents.coralogix.http.regions import Address
from incidents.coralogix.incidents.actor import CoralogixActor
from incidents.coralogix.incidents.reader import CoralogixReader
from incidents.errors import (
    IncidentsError,
    SettingsError,
    SourceUnavailableError,
)
from tests.coralogix.fakes import SECRET
from tests.coralogix.servers import (
    LISTED,
    Answer,
    client,
    listing,
    ok,
    serving,
)


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


def test_no_proxy_reads_the_key_on_the_way_to_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with (
        serving(lambda _: ok(LISTED)) as proxy,
        serving(lambda _: ok(LISTED)) as server,
    ):
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.origin)
        listing(client(server.origin))

    assert (proxy.asked, len(server.asked)) == ([], 1)


def test_a_proxy_that_is_none_is_a_setting_to_mend(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "nonsense://x")

    with pytest.raises(SettingsError, match="HTTPS_PROXY"):
        client("https://api.eu2.coralogix.com")


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

"""Against real servers: redirects, sizes, answers that are broken on the way."""

import gzip
import itertools
import json
import tracemalloc
from collections.abc import Iterator

import pytest

from incidents.coralogix.http.body import OversizeError
from incidents.coralogix.incidents import actions
from incidents.coralogix.incidents.actor import CoralogixActor
from incidents.errors import (
    NotConfirmedError,
    SourceGarbledError,
    SourceRejectedError,
    SourceUnavailableError,
)
from tests.coralogix.fakes import SECRET, ids, row
from tests.coralogix.servers import (
    LISTED,
    MEGA,
    QUICK,
    Answer,
    client,
    listing,
    ok,
    serving,
)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_the_key_goes_nowhere(status: int) -> None:
    with (
        serving(lambda _: ok(LISTED)) as other,
        serving(lambda _: Answer(status, {"location": f"{other.origin}/x"})) as server,
    ):
        http = client(server.origin)
        with pytest.raises(SourceRejectedError, match="redirect"):
            listing(http)
        (outcome,) = CoralogixActor(http).perform(actions.CLOSE, ids(1))

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
        (outcome,) = CoralogixActor(http).perform(actions.CLOSE, ids(1))

    assert isinstance(outcome.error, NotConfirmedError)
    sent = [method for method, *_ in server.asked].count("POST")
    assert sent <= (QUICK.backoff.attempts or 0) + 1


def test_compressed_answers_are_asked_for_and_read() -> None:
    packed = gzip.compress(LISTED)
    with serving(lambda _: ok(packed, content_encoding="gzip")) as server:
        assert listing(client(server.origin)) == json.loads(LISTED)

    assert server.asked[0][2]["Accept-Encoding"] == "gzip"

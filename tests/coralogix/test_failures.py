"""What answers other than success mean: by status, in every shape of body."""

import json

import pytest

from incidents.coralogix.http.acting_client import WRITES
from incidents.coralogix.http.errors import failure, retry_after
from incidents.coralogix.http.key import Key
from incidents.coralogix.http.routes import READS, Operation, Route, Version
from incidents.errors import (
    IncidentMissingError,
    KeyRejectedError,
    NotConfirmedError,
    PermissionMissingError,
    RouteMissingError,
    SourceError,
    SourceFailingError,
    SourceRejectedError,
    ThrottledError,
)
from tests.coralogix.fakes import SECRET

LIST = READS[Version.V5][Operation.LIST]
GET = READS[Version.V5][Operation.GET]
ASSIGN = WRITES[Version.V5][Operation.ASSIGN]
SHAPES = (
    lambda text: json.dumps({"code": 400, "message": text}),
    lambda text: json.dumps({"code": 3, "message": text, "details": []}),
    lambda text: json.dumps({"error": text}),
    lambda text: json.dumps({"error": {"message": text}}),
    lambda text: json.dumps({"detail": text}),
    json.dumps,
    lambda text: text,
)
"""The known shapes of a body (coralogix.md §5), and plain text."""


def told(
    status: int,
    body: str | bytes = b"",
    route: Route = LIST,
    headers: dict[str, str] | None = None,
) -> SourceError:
    raw = body.encode() if isinstance(body, str) else body
    return failure(status, headers or {}, raw, route=route, key=Key(SECRET))


@pytest.mark.parametrize("route", [LIST, GET, ASSIGN], ids=["list", "get", "assign"])
def test_every_status_has_its_place_and_a_line_for_a_person(route: Route) -> None:
    places: dict[int, type[SourceError]] = {
        401: KeyRejectedError,
        403: PermissionMissingError,
        404: RouteMissingError if route is LIST else IncidentMissingError,
        429: ThrottledError,
    }
    broken = NotConfirmedError if route is ASSIGN else SourceFailingError
    places |= dict.fromkeys((408, 409, 425, 500, 502, 503, 504), broken)

    for status in range(300, 600):
        error = told(status, "Not Found: what", route)
        assert type(error) is places.get(status, SourceRejectedError)
        assert str(error).endswith((".", "…"))
        assert "\n" not in str(error)


@pytest.mark.parametrize("shape", SHAPES)
def test_what_the_server_says_is_quoted_from_every_shape(shape: object) -> None:
    assert callable(shape)
    assert "page_size is too large" in str(told(400, shape("page_size is too large")))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_key_or_a_control_that_the_server_echoes_is_not_repeated(
    shape: object,
) -> None:
    assert callable(shape)

    text = str(told(400, shape(f"bad \x1b[31m\x07 Bearer {SECRET}\r\nnext\u202e")))

    assert SECRET not in text
    assert "***" in text
    assert text.isprintable()


def test_a_long_message_is_clipped_and_a_page_of_html_is_not_quoted() -> None:
    assert len(str(told(400, "x" * 10_000))) < 400
    assert "html" not in str(told(502, "<html>nginx</html>"))


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        ('{"code":404,"message":"Not Found: incident"}', True),
        ('{"code":404,"message":"incident not found"}', True),
        ("Not Found: no incident with that id", True),
        ('{"code":5,"message":"Not Found"}', False),
        ('{"code":404,"message":"Not Found: Not Found"}', False),
        ("Not Found: Not Found", False),
        ("404 page not found", False),
        ("<html>Not Found: here</html>", False),
        ("", False),
        ("[1]", False),
        ('{"code":true}', False),
        ("\ufffd", False),
    ],
)
def test_a_missing_route_is_never_read_as_a_missing_incident(
    body: str, *, missing: bool
) -> None:
    error = told(404, body, GET)

    assert type(error) is (IncidentMissingError if missing else RouteMissingError)


@pytest.mark.parametrize("version", list(Version))
def test_a_missing_permission_is_named_and_who_needs_a_personal_key(
    version: Version,
) -> None:
    for operation, permission in (
        (Operation.ASSIGN, "incidents:assign"),
        (Operation.UNASSIGN, "incidents:assign"),
        (Operation.ACKNOWLEDGE, "incidents:acknowledge"),
        (Operation.RESOLVE, "incidents:close"),
        (Operation.CLOSE, "incidents:close"),
    ):
        error = told(403, route=WRITES[version][operation])
        assert isinstance(error, PermissionMissingError)
        assert error.permission == permission
        assert permission in str(error)
        assert ("personal key" in str(error)) == (permission != "incidents:close")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "999999999"}, 86_400.0),
        ({"retry-after": "9" * 400}, None),
        (
            {
                "date": "Wed, 25 Nov 2026 10:00:00 GMT",
                "retry-after": "Wed, 25 Nov 2026 10:00:09 GMT",
            },
            9.0,
        ),
        (
            {
                "date": "Wed, 25 Nov 2026 10:00:00 GMT",
                "retry-after": "Wed, 25 Nov 2026 09:00:00 GMT",
            },
            0.0,
        ),
        ({"retry-after": "Wed, 25 Nov 2026 10:00:09 GMT"}, None),
    ],
)
def test_how_long_to_wait_is_read_as_seconds_or_as_a_date(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert retry_after(headers) == seconds
    error = told(429, headers=headers)
    assert isinstance(error, ThrottledError)
    assert error.retry_after == seconds

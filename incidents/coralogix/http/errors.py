"""What an answer other than success means, and what to do about it."""

import json
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from incidents.coralogix.http.key import Key
from incidents.coralogix.http.routes import Route
from incidents.errors import (
    IncidentMissingError,
    KeyRejectedError,
    NotConfirmedError,
    PermissionMissingError,
    RouteMissingError,
    SourceError,
    SourceFailingError,
    SourceRejectedError,
    SourceUnavailableError,
    ThrottledError,
)

_NO_SUCH_ROUTE = "Not Found: Not Found"
_REDIRECTS = range(300, 400)
_BROKEN = frozenset({408, 409, 425, 500, 502, 503, 504})
_PERSONAL = frozenset({"incidents:acknowledge", "incidents:assign"})
_DETAIL = 200
_LONGEST = 86_400
_SECONDS = r"[0-9]{1,10}(\.[0-9]{1,6})?"
_RESETS = ("ratelimit-reset", "x-ratelimit-reset")
_SINCE_1970 = 1_000_000_000
"""A larger number of seconds is a time, not a span."""


def failure(
    status: int, headers: Mapping[str, str], body: bytes, *, route: Route, key: Key
) -> SourceError:
    """
    Sort an answer with *status* into the error tree, by what to do.

    The texts are one line each. What the server said is quoted where it helps,
    cleaned, clipped, and without the *key*, should it be echoed.
    """
    match status:
        case HTTPStatus.UNAUTHORIZED:
            return KeyRejectedError(
                "Coralogix refused the key (401): it is wrong, over, or of another"
                " region. Set a good one."
            )
        case HTTPStatus.FORBIDDEN:
            return _forbidden(route, _quoted(_said(body)[1], key))
        case HTTPStatus.NOT_FOUND:
            return _missing(*_said(body), route)
        case HTTPStatus.TOO_MANY_REQUESTS:
            return ThrottledError(
                "Coralogix asks for patience (429): too many requests. Try again"
                " later.",
                retry_after=_pause(headers),
            )
        case _:
            detail = _quoted(_said(body)[1], key)
            return _other(status, detail, route, retry_after(headers))


def _other(status: int, detail: str, route: Route, pause: float | None) -> SourceError:
    if status in _BROKEN and route.mutates:
        return NotConfirmedError(f"Coralogix broke off ({status}){detail}.")
    if status in _BROKEN:
        return SourceFailingError(
            f"Coralogix could not {route.operation} just now ({status}){detail}."
            " Try again later.",
            retry_after=pause,
        )
    if status in _REDIRECTS:
        return SourceRejectedError(
            f"The address answers with a redirect ({status}), which is not followed,"
            " for the key's sake. Check the base URL."
        )
    return SourceRejectedError(
        f"Coralogix refused to {route.operation} ({status}){detail}."
        " Check the request, the base URL and the API version."
    )


def _forbidden(route: Route, detail: str) -> PermissionMissingError:
    text = f"Coralogix does not let this key {route.operation} (403){detail}."
    if route.permission:
        # What it says may be another reason: a suspended account, an address.
        text += " If a permission is missing, give" if detail else " Give"
        text += f" it the permission {route.permission}"
        text += (
            "; it must be a personal key, not a team's."
            if route.permission in _PERSONAL
            else ", and check that it is of this region."
        )
    return PermissionMissingError(text, permission=route.permission)


def _missing(code: int | None, said: str, route: Route) -> SourceRejectedError:
    # Only what plainly speaks of a thing not messages may count as a missing
    # incident: the rest, a proxy's page too, is an address that is wrong.
    is_missing = code == HTTPStatus.NOT_FOUND or (
        code is None and said.startswith("Not Found: ")
    )
    if route.names_incidents and is_missing and not said.startswith(_NO_SUCH_ROUTE):
        return IncidentMissingError("Coralogix knows no such incident (404).")
    return RouteMissingError(
        f"Coralogix has no such route to {route.operation} (404)."
        " Check the base URL and the API version."
    )


def lost(route: Route, text: str) -> SourceError:
    """Say that the answer did not come: what acts may have acted."""
    if route.mutates:
        return NotConfirmedError(text)
    return SourceUnavailableError(f"{text} It is tried again later.")


def unreachable(cause: Exception, *, late: bool) -> str:
    """Say that no connection came about, and why, where *cause* tells."""
    text = str(cause).lower()
    why = ""
    if "certificate" in text:
        why = ": its TLS certificate cannot be verified"
    elif late:
        why = " in time"
    elif any(sign in text for sign in ("name or service", "getaddrinfo", "nodename")):
        why = ": no such host"
    return f"Coralogix cannot be reached{why}. Check the network and the base URL."


def _said(body: bytes) -> tuple[int | None, str]:
    """Return the code in *body*, if any, and its message, in any known shape."""
    text = body.decode("utf-8", "replace").strip()
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return None, "" if text.startswith("<") else text
    if not isinstance(answer, dict):
        return None, answer if isinstance(answer, str) else ""
    inner = answer.get("error")
    nested = inner.get("message") if isinstance(inner, dict) else inner
    messages = (answer.get("message"), nested, answer.get("detail"))
    code = answer.get("code")
    return (
        code if type(code) is int else None,
        next((said for said in messages if isinstance(said, str)), ""),
    )


def _quoted(said: str, key: Key) -> str:
    line = " ".join(re.sub(r"[^\S ]|[\x00-\x1f\x7f-\x9f]", " ", said).split())
    line = "".join(c for c in key.masked(line) if c.isprintable()).rstrip(".")
    if not line:
        return ""
    return f": {line[:_DETAIL]}{'…' if len(line) > _DETAIL else ''}"


def _pause(headers: Mapping[str, str]) -> float | None:
    """Read how many seconds one too many has to wait, in any known header."""
    asked = retry_after(headers)
    if asked is not None:
        return asked
    return next((p for n in _RESETS if (p := _reset(headers, n)) is not None), None)


def _reset(headers: Mapping[str, str], name: str) -> float | None:
    """Read seconds, or a time in seconds since 1970, by the server's own `Date`."""
    text = headers.get(name, "").strip()
    if not re.fullmatch(_SECONDS, text):
        return None
    seconds = float(text)
    if seconds > _SINCE_1970:
        try:
            seconds -= parsedate_to_datetime(headers.get("date", "")).timestamp()
        except (ValueError, TypeError, OverflowError):
            return None
    return min(max(seconds, 0.0), _LONGEST)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """
    Read how many seconds the server asks to wait; None if it does not say.

    A date is counted from the server's own `Date`: our clock has no part in it.
    """
    text = headers.get("retry-after", "").strip()
    if re.fullmatch(_SECONDS, text):
        return min(float(text), _LONGEST)
    try:
        wait = parsedate_to_datetime(text) - parsedate_to_datetime(
            headers.get("date", "")
        )
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(wait.total_seconds(), 0.0), _LONGEST)

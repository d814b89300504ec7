"""The transport: one request, one answer, and when to try again."""

import contextlib
import json
import random
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

import httpx

from incidents.coralogix.http import body
from incidents.coralogix.http.bounded import run_within
from incidents.coralogix.http.errors import failure, lost, unreachable
from incidents.coralogix.http.key import Key
from incidents.coralogix.http.limits import Limits
from incidents.coralogix.http.network import network
from incidents.coralogix.http.regions import Address
from incidents.coralogix.http.routes import READS, Operation, Request, Route
from incidents.errors import (
    SourceError,
    SourceGarbledError,
    SourceRejectedError,
    SourceUnavailableError,
)

Seconds: TypeAlias = Callable[[], float]
_USUAL = Limits()
_REFUSAL_CAP = 64 * 1024
"""Bytes of an answer that only says what went wrong."""


class Http:
    """
    Sends requests that look, and refuses all others.

    Only reads are repeated, in this one layer: on 429, 5xx, time-outs and broken
    connections, with full jitter, for as long as `remaining` allows.
    """

    def __init__(  # noqa: PLR0913  # seams for tests and deadlines, with defaults
        self,
        address: Address,
        key: Key,
        *,
        limits: Limits = _USUAL,
        remaining: Seconds = lambda: float("inf"),
        clock: Seconds = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        chance: Seconds = random.random,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """
        Prepare a connection to *address*; nothing is sent yet.

        *remaining* tells how many seconds are left for everything.

        Raises:
            SettingsError: If the environment names a proxy that cannot be used.
        """
        self.address = address
        self.limits = limits
        self.calls = 0
        """How many requests were sent, repeated ones included."""
        self._key = key
        self._remaining = remaining
        self._clock = clock
        self._sleep = sleep
        self._chance = chance
        self._transport = transport
        self._client = _client(address, transport)

    @property
    def routes(self) -> Mapping[Operation, Route]:
        """What this client may send, in this address's version: what looks."""
        return READS[self.address.version]

    def send(self, request: Request, *, within: float | None = None) -> object:
        """
        Send *request* and return its answer, decoded from JSON.

        *within* a number of seconds it is asked once; else as long as `limits` say.

        Raises:
            SourceError: The kind says what to do; see `incidents.errors`.
        """
        if request.route != self.routes.get(request.route.operation):
            raise SourceRejectedError(
                f"This client only looks: it will not {request.route.operation}."
            )
        if within is None:
            answer = self._until_answered(request)
        else:
            answer = self._exchange(request, within)
        try:
            return json.loads(answer)
        except (ValueError, RecursionError) as exc:
            raise SourceGarbledError(
                "The answer of Coralogix is not JSON. Check the base URL."
            ) from exc

    def check(self) -> None:
        """Raise SourceUnavailableError if there is no time left."""
        if self._remaining() <= 0:
            raise SourceUnavailableError(
                "There was no time left to ask Coralogix. It is tried again later."
            )

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _until_answered(self, request: Request) -> bytes:
        attempt = 0
        while True:
            attempt += 1
            try:
                return self._exchange(request)
            except SourceUnavailableError as error:
                pause = self._pause(attempt, error)
                if pause is None:
                    raise
            self._sleep(pause)

    def _pause(self, attempt: int, error: SourceUnavailableError) -> float | None:
        """
        Return the seconds to wait before the next attempt; None: give up.

        Of the requests that change something, only those come here that the server
        cannot have carried out: see `errors.lost`.
        """
        return self.limits.backoff.pause(
            attempt,
            chance=self._chance(),
            retry_after=error.retry_after,
            remaining=self._remaining(),
        )

    def _exchange(self, request: Request, within: float = float("inf")) -> bytes:
        self.check()
        left = min(self._remaining(), self.limits.exchange, within)
        self.calls += 1
        client = self._client
        try:
            # Names, connections, headers and 1xx answers have no end of their own.
            return run_within(left, lambda: self._ask(client, request, left))
        except TimeoutError:
            client.close()
            self._client = _client(self.address, self._transport)
            raise lost(request.route, "Coralogix did not answer in time.") from None

    def _ask(self, client: httpx.Client, request: Request, left: float) -> bytes:
        end = self._clock() + left
        with _translated(request.route):
            outgoing = self._outgoing(client, request, left)
            response = client.send(outgoing, stream=True)
            try:
                return self._answer(response, request.route, end)
            finally:
                response.close()

    def _outgoing(
        self, client: httpx.Client, request: Request, left: float
    ) -> httpx.Request:
        base = self.address.origin if request.route.outside else self.address.base
        query = f"?{request.query}" if request.query else ""
        silence = min(self.limits.silence, left)
        return client.build_request(
            request.route.method,
            f"{base}{request.path}{query}",
            json=request.body,
            headers={"Authorization": self._key.header},
            timeout=httpx.Timeout(silence, connect=min(self.limits.connect, left)),
        )

    def _answer(self, response: httpx.Response, route: Route, end: float) -> bytes:
        chunks = self._in_time(response.iter_raw(), end)
        if response.is_success:
            encoding = response.headers.get("content-encoding", "")
            return body.read(chunks, encoding=encoding, cap=self.limits.answer)
        raise self._refusal(response, route, chunks)

    def _refusal(
        self, response: httpx.Response, route: Route, chunks: Iterator[bytes]
    ) -> SourceError:
        """Make an error of it. Apart, so that no frame of a crash report quotes it."""
        encoding = response.headers.get("content-encoding", "")
        cap = min(_REFUSAL_CAP, self.limits.answer)
        try:
            said = body.read(chunks, encoding=encoding, cap=cap)
        except SourceGarbledError:
            said = b""
        return failure(
            response.status_code, response.headers, said, route=route, key=self._key
        )

    def _in_time(self, chunks: Iterator[bytes], end: float) -> Iterator[bytes]:
        for chunk in chunks:
            if self._clock() > end:
                raise httpx.ReadTimeout("the answer took too long")
            yield chunk


def _client(address: Address, transport: httpx.BaseTransport | None) -> httpx.Client:
    return httpx.Client(
        headers={"Accept": "application/json", "Accept-Encoding": body.ACCEPTED},
        follow_redirects=False,
        # What the environment names is in the transport.
        trust_env=False,
        transport=transport or network(address),
    )


@contextlib.contextmanager
def _translated(route: Route) -> Iterator[None]:
    """Convert what httpx raises into our own errors, in this one place."""
    try:
        yield
    except (
        httpx.ConnectError,
        httpx.ConnectTimeout,
        httpx.PoolTimeout,
        httpx.ProxyError,
    ) as exc:
        late = isinstance(exc, httpx.TimeoutException)
        raise SourceUnavailableError(unreachable(exc, late=late)) from _shed(exc)
    except httpx.TimeoutException as exc:
        raise lost(route, "Coralogix did not answer in time.") from _shed(exc)
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as exc:
        raise lost(route, "The connection to Coralogix broke.") from _shed(exc)


def _shed(exc: Exception) -> Exception:
    """
    Let go of the frames below: they hold the request, and so the key.

    A crash report that shows what was in each frame would show it too.
    """
    link: BaseException | None = exc
    while link is not None:
        link.__traceback__ = None
        link = link.__cause__ or link.__context__
    return exc

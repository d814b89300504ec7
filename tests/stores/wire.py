"""Failures below botocore's retries: what no engine does by itself."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, cast

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ReadTimeoutError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_EVENT = "before-send.dynamodb"
Fault: TypeAlias = Callable[["Wire", AWSPreparedRequest], AWSResponse | None]
"""Answers in DynamoDB's place, or raises; None lets the request pass."""


@dataclass(slots=True)
class Wire:
    """Every attempt that a client makes to send something, and what befalls it."""

    client: "DynamoDBClient"
    faults: list[Fault] = field(default_factory=list)
    """For the next attempts, in order; afterwards all pass."""
    always: Fault | None = None
    """For all attempts after those."""
    only: str = ""
    """The operation that faults befall; every one if empty."""
    sent: list[str] = field(default_factory=list)
    """The operation of every attempt."""
    tokens: list[str] = field(default_factory=list)
    """The idempotency token of every attempt that had one."""
    bodies: list[str] = field(default_factory=list)
    """What every attempt carried, as JSON."""

    @property
    def _answer(self) -> Callable[..., None]:
        # What is answered is sent instead; the stubs know only events that just tell.
        return cast("Callable[..., None]", self._meet)

    def attach(self) -> None:
        """Stand between the client and its server."""
        self.client.meta.events.register(_EVENT, self._answer)

    def detach(self) -> None:
        """Stand aside."""
        self.client.meta.events.unregister(_EVENT, self._answer)

    def _meet(self, request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
        operation = _operation(request)
        self.sent.append(operation)
        body = _body(request)
        self.bodies.append(body)
        token = json.loads(body).get("ClientRequestToken")
        if token:
            self.tokens.append(token)
        if self.only and operation != self.only:
            return None
        fault = self.faults.pop(0) if self.faults else self.always
        return fault(self, request) if fault else None

    def forward(self, request: AWSPreparedRequest) -> AWSResponse:
        """Let the server have the *request*, whatever the client hears of it."""
        session = self.client._endpoint.http_session  # type: ignore[attr-defined]  # noqa: SLF001  # there is no other way below the retries
        answer: AWSResponse = session.send(request)
        return answer


def _operation(request: AWSPreparedRequest) -> str:
    target = request.headers["X-Amz-Target"]
    text = target.decode() if isinstance(target, bytes) else str(target)
    return text.rpartition(".")[2]


def _body(request: AWSPreparedRequest) -> str:
    body = request.body
    return body.decode() if isinstance(body, bytes) else str(body)


class _Body:
    """The part of a response's stream that botocore reads."""

    def __init__(self, text: str) -> None:
        self._text = text

    def stream(self) -> Iterator[bytes]:
        yield self._text.encode()


def answer(status: int, body: Mapping[str, object] | str) -> Fault:
    """Answer with *body* in DynamoDB's place; a text is somebody's page."""
    text = body if isinstance(body, str) else json.dumps(body)
    kind = "text/html" if isinstance(body, str) else "application/x-amz-json-1.0"

    def fault(_: Wire, request: AWSPreparedRequest) -> AWSResponse:
        headers = {"content-type": kind}
        return AWSResponse(request.url, status, headers, _Body(text))  # type: ignore[arg-type]  # any mapping will do

    return fault


def refusal(code: str, status: int = 400, **more: object) -> Fault:
    """Refuse, with DynamoDB's *code*."""
    kind = f"com.amazonaws.dynamodb.v20120810#{code}"
    return answer(status, {"__type": kind, "message": "SECRET", **more})


def cancelled(*codes: str) -> Fault:
    """Cancel a transaction, for one reason an action."""
    reasons = [{"Code": code} for code in codes]
    return refusal("TransactionCanceledException", CancellationReasons=reasons)


def cut_before(_: Wire, request: AWSPreparedRequest) -> AWSResponse:
    """Lose the request: nothing arrives."""
    raise ReadTimeoutError(endpoint_url=request.url)


def cut_after(wire: Wire, request: AWSPreparedRequest) -> AWSResponse:
    """Lose the answer: the server has done what was asked."""
    wire.forward(request)
    raise ReadTimeoutError(endpoint_url=request.url)


def then(fault: Fault, action: Callable[[], None]) -> Fault:
    """Do something else at the moment of *fault*, after its effect."""

    def both(wire: Wire, request: AWSPreparedRequest) -> AWSResponse | None:
        try:
            return fault(wire, request)
        finally:
            action()

    return both

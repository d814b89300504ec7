"""The simulated Coralogix on a loopback port."""

import socket
import sys
import threading
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeAlias

from simulator.api import control
from simulator.api.api import Api, ApiRequest
from simulator.api.control import HandledRequest
from simulator.api.faults import Faults
from simulator.api.responses import ApiResponse
from simulator.api.routes import BASE, version
from simulator.world.world import World

Clock: TypeAlias = Callable[[], datetime]

_MAX_REQUESTS = 100_000
_DRIP_CHUNKS = 20
_GZIP_WBITS = 31
_MIN_GZIP_BYTES = 500
"""Smaller responses are not compressed."""


class RunningServer:
    """A simulator that is listening on a port."""

    def __init__(
        self, world: World, faults: Faults, port: int, clock: Clock | None
    ) -> None:
        """Listen on *port*; `serve` runs the thread that answers."""
        self.world = world
        self.faults = faults
        self._clock = clock
        self._requests: deque[HandledRequest] = deque(maxlen=_MAX_REQUESTS)
        self._api = Api(world, faults)
        self._ended = threading.Event()
        self.server = _Server(("127.0.0.1", port), _Handler, self)
        self.port = self.server.server_address[1]
        self.origin = f"http://127.0.0.1:{self.port}"
        self.base_url = f"{self.origin}{BASE}/5"

    @property
    def requests(self) -> Sequence[HandledRequest]:
        """The requests to the API so far, without those to `/_sim`."""
        return tuple(self._requests)

    def answer(self, request: ApiRequest) -> ApiResponse:
        """Answer one request, after moving the world to the clock's time."""
        if self._clock is not None:
            self.world.advance(self._clock())
        if request.path.startswith(control.PREFIX):
            return control.answer(self.world, self.faults, self.requests, request)
        answer = self._api.answer(request)
        version_, below = version(request.path)
        self._requests.append(
            HandledRequest(
                method=request.method,
                path=below,
                version=version_,
                query=request.query,
                status=answer.status,
            )
        )
        return answer

    def pause(self, seconds: float) -> None:
        """Wait as a slow answer does, at most until the server is closed."""
        self._ended.wait(seconds)

    def close(self) -> None:
        """Stop listening, and end the waits of slow answers."""
        self._ended.set()
        self.server.shutdown()
        self.server.server_close()


@contextmanager
def serve(
    world: World,
    port: int = 0,
    faults: Faults | str = "",
    *,
    clock: Clock | None = None,
) -> Iterator[RunningServer]:
    """
    Serve *world* on a loopback *port*, 0 for a free one, until the context ends.

    With a *clock* each request advances the world; without, only its owner does.

    Raises:
        ValueError: If *faults* are invalid.
        OSError: If the port is in use.
    """
    faults = Faults(faults) if isinstance(faults, str) else faults
    world.hostile = faults.hostile or world.hostile
    running = RunningServer(world, faults, port, clock)
    # A short poll interval lets it end at once.
    thread = threading.Thread(
        target=running.server.serve_forever, args=(0.05,), name="simulator", daemon=True
    )
    thread.start()
    try:
        yield running
    finally:
        running.close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(
        self,
        address: tuple[str, int],
        handler: "type[_Handler]",
        running: RunningServer,
    ) -> None:
        self.running = running
        super().__init__(address, handler)

    def handle_error(
        self,
        request: "socket.socket | tuple[bytes, socket.socket]",
        client_address: object,
    ) -> None:
        """Ignore disconnected clients; print the traceback of any other error."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60

    def _do(self) -> None:
        path, _, query = self.path.partition("?")
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdecimal():
            self.send_error(HTTPStatus.LENGTH_REQUIRED)
            return
        request = ApiRequest(
            method=self.command,
            path=path,
            query=query,
            authorization=self.headers.get("Authorization", ""),
            body=self.rfile.read(int(length)),
        )
        self._send(self.server.running.answer(request))

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = _do  # noqa: N815  # its names

    def _send(self, answer: ApiResponse) -> None:
        plan, body = answer.plan, answer.body
        if "slow" in plan:
            self.server.running.pause(plan["slow"])
        if "cut" in plan or plan.get("lost") == 0:
            self._disconnect()
            return
        if "half" in plan:
            body = body[: len(body) // 2]
        if len(body) >= _MIN_GZIP_BYTES and "gzip" in self.headers.get(
            "Accept-Encoding", ""
        ):
            packer = zlib.compressobj(1, wbits=_GZIP_WBITS)
            body = packer.compress(body) + packer.flush()
            answer_headers = (*answer.headers, ("Content-Encoding", "gzip"))
        else:
            answer_headers = answer.headers
        self.send_response(answer.status)
        for name, value in answer_headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if "torn" in plan:
            self.wfile.write(body[: len(body) // 2])
            self._disconnect()
        elif "drip" in plan:
            self._drip(body, plan["drip"])
        else:
            self.wfile.write(body)

    def _drip(self, body: bytes, seconds: float) -> None:
        size = max(1, -(-len(body) // _DRIP_CHUNKS))
        for start in range(0, len(body), size):
            self.server.running.pause(seconds / _DRIP_CHUNKS)
            self.wfile.write(body[start : start + size])

    def _disconnect(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name
        """Print nothing: the requests are in `RunningServer.requests`."""

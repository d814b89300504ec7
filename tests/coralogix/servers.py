"""Real servers on this machine, made of a function."""

import contextlib
import json
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from incidents.backoff import Backoff
from incidents.coralogix.http.acting_client import ActingHttp
from incidents.coralogix.http.client import Http
from incidents.coralogix.http.key import Key
from incidents.coralogix.http.limits import Limits
from incidents.coralogix.http.regions import Address
from incidents.coralogix.http.routes import Operation, request
from tests.coralogix.fakes import SECRET, row

Chunks = Iterable[bytes]


@dataclass(frozen=True)
class Answer:
    """What a server says; the body goes out a chunk at a time."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Chunks = ()


@dataclass
class Server:
    """One that listens."""

    origin: str
    asked: list[tuple[str, str, Mapping[str, str]]] = field(default_factory=list)
    """Method, path and headers of each request."""
    sent: int = 0
    """Bytes of bodies that went out."""


@contextlib.contextmanager
def serving(
    answer: Callable[[str], Answer], *, tls: ssl.SSLContext | None = None
) -> Iterator[Server]:
    """Serve what *answer* makes of each path, on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def respond(self) -> None:
            server.asked.append((self.command, self.path, dict(self.headers)))
            self.rfile.read(int(self.headers.get("content-length", 0)))
            said = answer(self.path)
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.send_header("connection", "close")
            self.end_headers()
            with contextlib.suppress(OSError):  # the client has had enough
                for chunk in said.body:
                    self.wfile.write(chunk)
                    server.sent += len(chunk)

        do_GET = do_POST = do_DELETE = respond  # noqa: N815  # http.server's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.daemon_threads = True
    listener.handle_error = lambda *_: None  # type: ignore[method-assign]  # as above
    if tls is not None:
        listener.socket = tls.wrap_socket(listener.socket, server_side=True)
    scheme = "https" if tls else "http"
    server = Server(f"{scheme}://127.0.0.1:{listener.server_address[1]}")
    thread = threading.Thread(target=listener.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()


MEGA = 1024 * 1024
QUICK = Limits(backoff=Backoff(first=0.0, longest=0.0, attempts=2), answer=MEGA)
LISTED = json.dumps({"incidents": [row(1)], "pagination": {"totalSize": 1}}).encode()


def client(origin: str, limits: Limits = QUICK) -> ActingHttp:
    return ActingHttp(Address(origin), Key(SECRET), limits=limits)


def listing(http: Http) -> object:
    return http.send(request(http.routes[Operation.LIST], {}))


def ok(*chunks: bytes, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(headers=named, body=chunks)

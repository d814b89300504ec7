"""A DynamoDB that says "too fast", in front of one that answers."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx

_TYPE = "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"
_REFUSAL = json.dumps({"__type": _TYPE, "message": "too fast"}).encode()


@dataclass(slots=True)
class ThrottlingProxy:
    """What it does now."""

    url: str = ""
    operation: str = ""
    """The operation that is refused; none while it is empty."""
    refused: int = 0


@contextmanager
def throttling_proxy(behind: str) -> Iterator[ThrottlingProxy]:
    """Stand in front of the endpoint *behind* for as long as the context lasts."""
    state = ThrottlingProxy()

    class Gate(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            operation = self.headers["X-Amz-Target"].partition(".")[2]
            if operation == state.operation:
                state.refused += 1
                self._answer(400, _REFUSAL)
            else:
                answer = client.post(behind, content=body, headers=dict(self.headers))
                self._answer(answer.status_code, answer.content)

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

    with httpx.Client() as client, Server(("127.0.0.1", 0), Gate) as server:
        state.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield state
        server.shutdown()
        thread.join()

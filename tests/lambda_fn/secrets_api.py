"""A Secrets Manager that answers what a test wants, over real HTTP on loopback."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass(slots=True)
class SecretsApi:
    """What it answers, and how often it was asked."""

    url: str = ""
    text: str | None = None
    code: str = ""
    """Of an error, in place of the text."""
    status: int = 400
    asked: list[str] = field(default_factory=list)


@contextmanager
def secrets_api() -> Iterator[SecretsApi]:
    """Run one for as long as the context lasts."""
    api = SecretsApi()

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the name is the library's
            length = int(self.headers["Content-Length"])
            api.asked.append(json.loads(self.rfile.read(length))["SecretId"])
            body = json.dumps(
                {"__type": api.code} if api.code else {"SecretString": api.text}
            ).encode()
            self.send_response(api.status if api.code else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        api.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield api
        server.shutdown()
        thread.join()

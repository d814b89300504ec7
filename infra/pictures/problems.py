"""The pictures of what the tray says about itself, each of a real problem."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from infra.pictures.studio import Studio
from simulator.desktop.loop_thread import LoopThread
from simulator.desktop.waiting import until

ADDRESS = "AWS_ENDPOINT_URL_DYNAMODB"
SHORT, NORMAL = "2", "60"
"""Seconds between two syncs; the feed counts as stopped after a few times that."""
NEXT = "0.2.0"
"""The version of a sync that is ahead of the tray."""
STOPS, ANSWERS = 40.0, 60.0
"""Seconds until a feed is seen to have stopped, an action to have no answer."""


def take(studio: Studio, loop: LoopThread) -> None:
    """Take one picture after the other; each problem is solved before the next."""
    product = studio.product
    product.act("open", severity="critical", name="payment-latency", assignees=[])
    product.sync()
    studio.serve_notifications()
    studio.restart_tray()
    studio.until_sent("Watching 1 open incident")
    _actions(studio, loop)
    _sync(studio, loop)
    _sign_in(studio)
    _settings(studio, loop)
    _keychain(studio)


def _actions(studio: Studio, loop: LoopThread) -> None:
    """Acknowledge in the menu while Coralogix does not answer, then refuses."""
    panel = studio.panel(loop)
    panel.row("payment-latency")

    def acknowledging(faults: str) -> Callable[[], None]:
        def act() -> None:
            studio.product.ask("faults", {"spec": faults})
            panel.click("Acknowledge")

        return act

    studio.picture(
        "not-confirmed",
        "Not confirmed yet: payment-latency",
        acknowledging("slow=30:acknowledge*1"),
        ANSWERS,
    )
    studio.picture(
        "not-acknowledged",
        "Not acknowledged: payment-latency",
        acknowledging("403:acknowledge"),
    )
    studio.product.ask("faults", {"spec": ""})
    panel.close()


def _sync(studio: Studio, loop: LoopThread) -> None:
    """Stop the sync, start it again, then run one of a newer version than the tray."""

    def synced(seconds: str, version: str = "") -> None:
        studio.programs.environment["INTERVAL_SECONDS"] = seconds
        studio.product.sync(version)

    def restarted(seconds: str, version: str = "") -> None:
        synced(seconds, version)
        studio.restart_tray()  # it reads the status first, not an interval later

    title = "Incident feed has stopped"
    studio.picture("feed-stopped", title, lambda: restarted(SHORT), STOPS)
    studio.picture("feed-back", "Feed is back", lambda: synced(NORMAL))
    studio.picture("update", f"Update to {NEXT}", lambda: restarted(NORMAL, NEXT))
    panel = studio.panel(loop)
    studio.picture("how", "All is well", lambda: panel.click(f"Update to {NEXT}…"))
    panel.close()


def _sign_in(studio: Studio) -> None:
    """Use a table that refuses the credentials as expired."""
    environment = studio.programs.environment
    table = environment[ADDRESS]
    with refusing("ExpiredTokenException") as refused:
        environment[ADDRESS] = refused
        studio.picture("signed-out", "Sign-in expired", studio.restart_tray)
    environment[ADDRESS] = table
    studio.restart_tray()


def _settings(studio: Studio, loop: LoopThread) -> None:
    """Mistype a setting, and ask the doctor."""
    panel = studio.panel(loop)
    panel.row("Doctor…")
    file = studio.product.home / "settings.toml"
    text = file.read_text()
    mistyped = f"{text}\n[rules]\nnotify_form = 'error'\n"
    studio.picture(
        "settings", "The settings have a mistake", lambda: file.write_text(mistyped)
    )
    studio.picture("doctor", "What is wrong", lambda: panel.click("Doctor…"))
    panel.close()
    file.write_text(text)


def _keychain(studio: Studio) -> None:
    """Store the key in a keychain that is locked."""
    environment = studio.programs.environment
    del environment["INCIDENT_TRAY_API_KEY"], environment["PYTHON_KEYRING_BACKEND"]
    studio.programs.end(_keyring(studio, "--unlock"))
    _keyring(studio)
    studio.picture("keychain-locked", "The keychain is locked", studio.restart_tray)


def _keyring(studio: Studio, *options: str) -> "subprocess.Popen[bytes]":
    """Start a keychain; with `--unlock` it is created and opened."""
    program = studio.programs.start(
        *("gnome-keyring-daemon", "--foreground", "--components=secrets", *options),
        stdin=subprocess.PIPE,
    )
    assert program.stdin is not None
    program.stdin.write(b"example")
    program.stdin.close()
    until(lambda: studio.programs.owns("org.freedesktop.secrets"))
    return program


@contextmanager
def refusing(code: str) -> Iterator[str]:
    """Answer every request as AWS refuses one, by *code*; yield the address."""

    class Refusal(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the name is the library's
            self.rfile.read(int(self.headers["Content-Length"]))
            body = json.dumps({"__type": code, "message": "It has expired."}).encode()
            self.send_response(400)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Refusal) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()

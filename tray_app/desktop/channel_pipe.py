"""
The same channel on Windows: a named pipe, guarded by a secret in a private file.

Its name is unique on the machine, so it is the lock as well. Anybody could take a name;
only who reads the file can prove to be the tray, or to be allowed to command it.
"""

import contextlib
import secrets
import threading
from collections.abc import Callable
from multiprocessing import AuthenticationError
from multiprocessing.connection import (
    Client,
    Connection,
    Listener,
    answer_challenge,
    deliver_challenge,
)
from pathlib import Path

from tray_app.desktop.channel import OK, PATIENCE
from tray_app.settings import private

SECRET = "instance.key"  # noqa: S105  # a file's name
CALLERS = 16
"""Callers at a time; a stalled one takes its place until it ends."""
_GONE = (OSError, EOFError, AuthenticationError)


class PipeServer:
    """Listens at a name; each caller is answered on a thread of its own."""

    def __init__(
        self, address: str, secret: bytes, take: Callable[[bytes], None]
    ) -> None:
        """
        Call *take* with each command; with an empty one if none came in time.

        Raises:
            OSError: If another process listens at *address*.
        """
        self._address, self._secret, self._take = address, secret, take
        self._closed = threading.Event()
        self._places = threading.Semaphore(CALLERS)
        self._listener = Listener(address)
        self._thread = threading.Thread(target=self._listen, name="raise", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Listen no longer. Idempotent."""
        if not self._closed.is_set():
            self._closed.set()
            with contextlib.suppress(*_GONE):
                Client(self._address).close()  # wakes the thread, which then ends
            self._thread.join(1)
            self._listener.close()

    def _listen(self) -> None:
        while not self._closed.is_set():
            with contextlib.suppress(*_GONE):
                caller = self._listener.accept()
                if self._closed.is_set() or not self._places.acquire(blocking=False):
                    caller.close()
                    continue
                serve = threading.Thread(
                    target=self._serve, args=(caller,), daemon=True
                )
                serve.start()

    def _serve(self, caller: "Connection[bytes, bytes]") -> None:
        try:
            with caller, contextlib.suppress(*_GONE):
                deliver_challenge(caller, self._secret)
                answer_challenge(caller, self._secret)
                command = caller.recv_bytes(16) if caller.poll(PATIENCE) else b""
                self._take(command)
                caller.send_bytes(OK)
        finally:
            self._places.release()


def call(address: str, secret: bytes, command: bytes) -> bool:
    """Send *command* to the tray at *address*; False if it does not take it in time."""
    taken = threading.Event()

    def exchange() -> None:
        with contextlib.suppress(*_GONE), Client(address) as tray:
            answer_challenge(tray, secret)
            deliver_challenge(tray, secret)
            tray.send_bytes(command)
            if tray.recv_bytes(16) == OK:
                taken.set()

    thread = threading.Thread(target=exchange, daemon=True)
    thread.start()
    thread.join(2 * PATIENCE)
    return taken.is_set()


def secret_in(folder: Path) -> bytes:
    """Return the secret of *folder*; make it if need be. Raises OSError."""
    path = folder / SECRET
    if not path.exists():
        private.make_folder(folder)
        private.write_text(path, secrets.token_hex(32))
    return path.read_bytes()

"""
The local channel on which a running tray takes commands: a socket of the person's own.

One exchange a connection: a command, of at most 16 bytes after its length, and `ok`
once it was taken. Both ends give up after `PATIENCE`; neither trusts another user.
"""

import contextlib
import os
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 0.5
"""Seconds for the whole exchange, on either end."""
OK = b"ok"
_LENGTH = struct.Struct("!i")
_LONGEST = 16
BACKLOG = 16
"""Callers that wait for the tray to accept them."""
_PAUSE = 0.02
_LOCAL_PEERCRED = 1
"""The option of macOS and the BSDs, from sys/un.h; its level is 0."""


class SocketServer:
    """Listens at a path; each caller is answered on a thread of its own."""

    def __init__(self, path: Path, take: Callable[[bytes], None]) -> None:
        """
        Call *take* with each command; with an empty one if none came in time.

        Raises:
            OSError: If nothing can listen at *path*.
        """
        self._path, self._take = path, take
        self._closed = threading.Event()
        path.unlink(missing_ok=True)  # a crash may have left it
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            self._socket.bind(str(path))
            path.chmod(0o600)
            self._socket.listen(BACKLOG)
        except OSError:
            self._socket.close()
            raise
        self._thread = threading.Thread(target=self._listen, name="raise", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Listen no longer, and remove the socket. Idempotent."""
        if not self._closed.is_set():
            self._closed.set()
            call(self._path, OK)  # wakes the thread, which then ends
            self._thread.join(1)
            self._socket.close()
            self._path.unlink(missing_ok=True)

    def _listen(self) -> None:
        while not self._closed.is_set():
            try:
                caller, _ = self._socket.accept()
            except OSError:  # the caller has gone, or no descriptor is free
                self._closed.wait(PATIENCE)
                continue
            threading.Thread(target=self._serve, args=(caller,), daemon=True).start()

    def _serve(self, caller: socket.socket) -> None:
        with caller, contextlib.suppress(OSError):  # the caller has gone
            if self._closed.is_set() or _user(caller) != os.geteuid():
                return
            self._take(_received(caller))
            caller.settimeout(PATIENCE)
            caller.sendall(_framed(OK))


def call(path: Path, command: bytes) -> bool:
    """Send *command* to the tray at *path*; False if it does not take it in time."""
    with socket.socket(socket.AF_UNIX) as tray, contextlib.suppress(OSError):
        _connect(tray, path)
        if _user(tray) == os.geteuid():
            tray.sendall(_framed(command))
            return _received(tray) == OK
    return False


def _connect(tray: socket.socket, path: Path) -> None:
    """Connect to *path*; wait for a place in its queue. Raises OSError."""
    tray.settimeout(PATIENCE)
    for _ in range(int(PATIENCE / _PAUSE)):
        with contextlib.suppress(BlockingIOError):  # its queue is full
            tray.connect(str(path))
            return
        time.sleep(_PAUSE)
    raise TimeoutError


def _framed(content: bytes) -> bytes:
    return _LENGTH.pack(len(content)) + content


def _received(peer: socket.socket) -> bytes:
    """Return what *peer* sends; empty if it sends nothing whole in time."""
    deadline = time.monotonic() + PATIENCE  # a time-out of the system
    try:
        (length,) = _LENGTH.unpack(_exactly(peer, _LENGTH.size, deadline))
        return _exactly(peer, length, deadline) if 0 <= length <= _LONGEST else b""
    except (TimeoutError, EOFError):
        return b""


def _exactly(peer: socket.socket, size: int, deadline: float) -> bytes:
    content = b""
    while len(content) < size:
        left = deadline - time.monotonic()  # a time-out of the system
        if left <= 0:
            raise TimeoutError
        peer.settimeout(left)
        part = peer.recv(size - len(content))
        if not part:
            raise EOFError
        content += part
    return content


def _user(peer: socket.socket) -> int:
    """Return the user id of the process at the other end, as the system knows it."""
    if sys.platform == "linux":
        option = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        return int(struct.unpack("iII", option)[1])
    option = peer.getsockopt(0, _LOCAL_PEERCRED, 76)
    return int(struct.unpack_from("II", option)[1])

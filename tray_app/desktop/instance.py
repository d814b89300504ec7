"""
One tray at a time: the second start brings the first to the front and ends.

A lock, which the system releases when the process ends, says that a tray runs: a crash
leaves nothing behind. A message to its local socket (on Windows a named pipe, which is
the lock as well) says that it was started again. The message may be a command: `sync`
has the tray poll at once, `here` only asks whether it listens; any other is `raise`.
"""

import contextlib
import hashlib
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import IO

from tray_app.model.ports import DesktopError

LOCK = "instance.lock"
SOCKET = "instance.sock"
RAISE, SYNC, HERE = b"raise", b"sync", b"here"
PATIENCE = 0.5
"""Seconds that a caller has to send its command; without one it means `raise`."""


class Instance:
    """The right to run; ends with `release`, or with the process."""

    def __init__(
        self,
        address: str,
        lock: IO[str] | None,
        raised: Callable[[], None],
        sync: Callable[[], None],
    ) -> None:
        self._address = address
        self._lock = lock
        self._commands: dict[bytes, Callable[[], None]] = {
            RAISE: raised,
            SYNC: sync,
            HERE: lambda: None,
        }
        self._released = False
        self._listener: Listener | None = None
        self._thread = threading.Thread(target=self._listen, name="raise", daemon=True)

    def listen(self) -> None:
        """
        Call `raised` for each later start, on a thread.

        Raises:
            OSError: If nothing can listen. The lock holds all the same; a later start
                then ends without this one knowing.
        """
        self._listener = Listener(self._address)
        self._thread.start()

    def release(self) -> None:
        """Let another tray run. Any number of times."""
        if not self._released:
            self._released = True
            if self._listener is not None:
                knock(self._address)  # wakes the thread, which then ends
                self._thread.join(1)
                self._listener.close()
            if self._lock is not None:
                self._lock.close()

    def _listen(self) -> None:
        while self._listener is not None and not self._released:
            with contextlib.suppress(OSError, EOFError):  # the caller has gone
                with self._listener.accept() as caller:
                    command = _command(caller)
                if not self._released:
                    self._commands.get(command, self._commands[RAISE])()


def claim(
    folder: Path,
    raised: Callable[[], None],
    sync: Callable[[], None] = lambda: None,
) -> Instance | None:
    """
    Return the right to run, or None after telling the tray that has it to come forward.

    *folder* is the person's own runtime or state folder. *raised* is called on another
    thread for each later start, *sync* for each request to poll.

    Raises:
        DesktopError: If nothing can be locked there.
    """
    claimed = _claimed_pipe if sys.platform == "win32" else _claimed_file
    try:
        return claimed(folder, raised, sync)
    except OSError as exc:
        raise DesktopError(f"Cannot lock {folder}: {exc.strerror}") from exc


def knock(address: str, command: bytes = RAISE) -> bool:
    """Send *command* to the tray at *address*; False if none listens."""
    try:
        with Client(address) as tray:
            tray.send_bytes(command)
    except (OSError, EOFError):
        return False
    return True


def send(folder: Path, command: bytes) -> bool:
    """Send *command* to the tray that runs with *folder*; False if none listens."""
    pipe = sys.platform == "win32"
    return knock(_pipe(folder) if pipe else str(folder / SOCKET), command)


def is_running(folder: Path) -> bool:
    """Whether a tray runs with *folder*, whether it listens or not."""
    if sys.platform == "win32":
        return send(folder, HERE)
    import fcntl

    try:
        with (folder / LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _command(caller: Connection) -> bytes:
    """Return the command of *caller*; `raise` if it sends none in time."""
    return caller.recv_bytes(16) if caller.poll(PATIENCE) else RAISE


def _claimed_file(
    folder: Path, raised: Callable[[], None], sync: Callable[[], None]
) -> Instance | None:
    """Claim by a lock on a file; then remove the socket that a crash may have left."""
    import fcntl

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    socket = folder / SOCKET
    lock = (folder / LOCK).open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        knock(str(socket))
        return None
    except OSError:
        lock.close()
        raise
    instance = Instance(str(socket), lock, raised, sync)
    socket.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # a folder too deep for a socket's name
        instance.listen()
    return instance


def _pipe(folder: Path) -> str:
    name = hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    return rf"\\.\pipe\coralogix-incident-tray-{name}"


def _claimed_pipe(
    folder: Path, raised: Callable[[], None], sync: Callable[[], None]
) -> Instance | None:
    """Claim by a pipe's name, which Windows gives to a single process at a time."""
    address = _pipe(folder)
    instance = Instance(address, None, raised, sync)
    try:
        instance.listen()
    except (FileExistsError, PermissionError):
        knock(address)
        return None
    return instance

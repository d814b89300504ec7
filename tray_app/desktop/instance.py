"""
One tray at a time: the second start brings the first to the front and ends.

A lock, which the system releases when the process ends, says that a tray runs: a crash
leaves nothing behind. A message on its local channel (on Windows a named pipe, which is
the lock as well) says that it was started again. The message may be a command: `sync`
has the tray poll at once, `here` only asks whether it listens; any other is `raise`.
"""

import contextlib
import hashlib
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Protocol

from tray_app.desktop import channel
from tray_app.model.ports import DesktopError
from tray_app.settings import private

LOCK = "instance.lock"
SOCKET = "instance.sock"
RAISE, SYNC, HERE = b"raise", b"sync", b"here"
ATTEMPTS, PAUSE = 5, 0.1
"""How often a start tries to claim or to be answered; the seconds between two."""
SILENT = "does not answer: quit it, or end its process, and start it again"
"""What is said of a tray that holds the lock and takes no command."""


class CommandServer(Protocol):
    """What takes commands until it is closed."""

    def close(self) -> None:
        """Take no more. Idempotent."""
        ...


class Instance:
    """The right to run; ends with `release`, or with the process."""

    def __init__(self, lock: IO[str] | None, server: CommandServer | None) -> None:
        self._lock, self._server = lock, server

    def release(self) -> None:
        """Let another tray run. Any number of times."""
        if self._server is not None:
            self._server.close()
        if self._lock is not None:
            self._lock.close()


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
        DesktopError: If nothing can be locked there, or the tray that has the right
            does not answer.
    """
    commands: dict[bytes, Callable[[], None]] = {SYNC: sync, HERE: lambda: None}

    def take(command: bytes) -> None:
        commands.get(command, raised)()

    claimed = _claimed_pipe if sys.platform == "win32" else _claimed_file
    for _ in range(ATTEMPTS):
        try:
            instance = claimed(folder, take)
        except OSError as exc:
            raise DesktopError(f"Cannot lock {folder}: {exc.strerror}") from exc
        if instance is not None or send(folder, RAISE):
            return instance
        time.sleep(PAUSE)  # it has only just started, or has only just ended
    raise DesktopError(f"incident-tray runs already, but {SILENT}.")


def send(folder: Path, command: bytes) -> bool:
    """Send *command* to the tray of *folder*; False if none takes it in time."""
    if sys.platform == "win32":
        from tray_app.desktop import channel_pipe

        with contextlib.suppress(OSError):
            secret = channel_pipe.secret_in(folder)
            return channel_pipe.call(_pipe(folder), secret, command)
        return False
    return channel.call(folder / SOCKET, command)


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


def _claimed_file(folder: Path, take: Callable[[bytes], None]) -> Instance | None:
    """Claim by a lock on a file, then listen."""
    import fcntl

    private.make_folder(folder)
    path = folder / LOCK
    private.make_file(path)
    lock = path.open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    except OSError:
        lock.close()
        raise
    server = None
    with contextlib.suppress(OSError):  # a folder too deep for a socket's name
        server = channel.SocketServer(folder / SOCKET, take)
    return Instance(lock, server)


def _pipe(folder: Path) -> str:
    name = hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    return rf"\\.\pipe\coralogix-incident-tray-{name}"


def _claimed_pipe(folder: Path, take: Callable[[bytes], None]) -> Instance | None:
    """Claim by a pipe's name, which Windows gives to a single process at a time."""
    from tray_app.desktop import channel_pipe

    secret = channel_pipe.secret_in(folder)
    try:
        return Instance(None, channel_pipe.PipeServer(_pipe(folder), secret, take))
    except (FileExistsError, PermissionError):
        return None

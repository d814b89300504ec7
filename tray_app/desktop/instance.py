"""
One tray at a time: the second start brings the first to the front and ends.

A lock that the system takes back with the process says who runs, so that nothing is
left over from a crash. Knocking on a local socket (a named pipe on Windows, which is
the lock as well) says that somebody else was started. A knock may bring a word: `sync`
has the tray look at once, `here` only finds it there; nothing else is understood.
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
"""Seconds that whoever knocks has to say a word; saying none is to raise."""


class Instance:
    """The right to run; given back by `release`, or by the end of the process."""

    def __init__(
        self,
        address: str,
        lock: IO[str] | None,
        raised: Callable[[], None],
        sync: Callable[[], None],
    ) -> None:
        self._address = address
        self._lock = lock
        self._asked: dict[bytes, Callable[[], None]] = {
            RAISE: raised,
            SYNC: sync,
            HERE: lambda: None,
        }
        self._released = False
        self._listener: Listener | None = None
        self._thread = threading.Thread(target=self._listen, name="raise", daemon=True)

    def listen(self) -> None:
        """
        Call `raised` for each later start. Raises OSError if nobody can knock.

        Then the lock holds all the same; a later start ends without a word to this one.
        """
        self._listener = Listener(self._address)
        self._thread.start()

    def release(self) -> None:
        """Let another one run. Any number of times."""
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
            with contextlib.suppress(OSError, EOFError):  # the other one has gone
                with self._listener.accept() as knocking:
                    word = _word(knocking)
                if not self._released:
                    self._asked.get(word, self._asked[RAISE])()


def claim(
    folder: Path,
    raised: Callable[[], None],
    sync: Callable[[], None] = lambda: None,
) -> Instance | None:
    """
    Return the right to run, or None after asking the one that has it to come forward.

    *folder* is the person's own, its runtime or state folder; *raised* is called, on
    another thread, for each later start, and *sync* whenever a look was asked for.

    Raises:
        DesktopError: If nothing can be locked there.
    """
    claimed = _claimed_pipe if sys.platform == "win32" else _claimed_file
    try:
        return claimed(folder, raised, sync)
    except OSError as exc:
        raise DesktopError(f"Cannot lock {folder}: {exc.strerror}") from exc


def knock(address: str, word: bytes = RAISE) -> bool:
    """Say *word* to whoever listens at *address*; False if nobody does."""
    try:
        with Client(address) as knocking:
            knocking.send_bytes(word)
    except (OSError, EOFError):
        return False
    return True


def ask(folder: Path, word: bytes) -> bool:
    """Say *word* to the tray that runs with *folder*; False if none listens."""
    pipe = sys.platform == "win32"
    return knock(_pipe(folder) if pipe else str(folder / SOCKET), word)


def is_running(folder: Path) -> bool:
    """Whether a tray runs with *folder*, whether it listens or not."""
    if sys.platform == "win32":
        return ask(folder, HERE)
    import fcntl

    try:
        with (folder / LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _word(knocking: Connection) -> bytes:
    """Return what whoever knocks says; nothing if it says nothing in time."""
    return knocking.recv_bytes(16) if knocking.poll(PATIENCE) else RAISE


def _claimed_file(
    folder: Path, raised: Callable[[], None], sync: Callable[[], None]
) -> Instance | None:
    """Claim by a lock on a file; a socket that a crash left is then ours to remove."""
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
    """Claim by a pipe's name, which Windows gives to one and takes back by itself."""
    address = _pipe(folder)
    instance = Instance(address, None, raised, sync)
    try:
        instance.listen()
    except (FileExistsError, PermissionError):
        knock(address)
        return None
    return instance

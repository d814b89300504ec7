"""
The lease of a ledger: a file beside it that names the one tray that may write it.

A lock of the system holds within one runtime folder of one machine. The ledger may be
reached from more: a shell without a session, a second machine with the same home. The
holder renews its lease by the file's time of change, which the file system sets: the
clocks of two machines are never compared.
"""

import json
import logging
import os
import socket
import sys
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

RENEWAL = 10.0
"""Seconds between two renewals."""
EXPIRY = 45.0
"""Seconds without a renewal after which a holder on another machine is dead."""
PAUSE = 0.5
"""Seconds between two looks at a lease that may be renewed or expire."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The process that has a lease."""

    host: str
    boot: str
    """Names the running system and its process ids; empty where nothing does."""
    pid: int
    started: str
    """When the process started, as its system counts; empty where unknown."""
    since: str
    """When it took the lease, in ISO 8601."""
    folder: str
    """Its runtime folder, where it takes commands."""
    token: str

    @property
    def is_here(self) -> bool:
        """Whether its process id means something on this machine."""
        return (self.host, self.boot) == (socket.gethostname(), _boot())

    def __str__(self) -> str:
        since = datetime.fromisoformat(self.since)
        return f"{self.host}, process {self.pid}, since {since:%Y-%m-%d %H:%M}"


class Lease:
    """The right to write a ledger; renewed on a thread until `release`."""

    def __init__(self, path: Path, holder: Holder, lost: Callable[[], None]) -> None:
        self._path, self._holder, self._lost = path, holder, lost
        self._released = threading.Event()
        self._thread = threading.Thread(target=self._renew, name="lease", daemon=True)
        self._thread.start()

    def release(self) -> None:
        """Let another tray have the ledger. Idempotent."""
        self._released.set()
        self._thread.join(1)
        if _read(self._path) == self._holder:
            with suppress(OSError):
                self._path.unlink()

    def _renew(self) -> None:
        while not self._released.wait(RENEWAL):
            try:
                if not self._renewed():
                    log.error("the ledger was taken over: %s", _read(self._path))
                    self._lost()
                    return
            except OSError as error:
                log.warning("the lease of the ledger is not renewed: %s", error)

    def _renewed(self) -> bool:
        """Renew the lease, or make it again; False if another process has it."""
        if not self._path.exists():
            return _created(self._path, self._holder)
        if _read(self._path) != self._holder:
            return False
        os.utime(self._path)
        return True


def claim(
    ledger: Path, folder: Path, now: datetime, lost: Callable[[], None]
) -> Lease | Holder:
    """
    Return the lease of the file *ledger*, or the process that has it.

    *folder* is the runtime folder of this process. *lost* is called on a thread if
    another process has taken the lease over, which happens when this one was stopped.
    Waits for at most `EXPIRY` to see whether a holder on another machine renews. A
    folder that cannot be written has no lease: who cannot write there cannot take a
    change away from another tray; the claim is tried again with each renewal.
    """
    path = _path(ledger)
    own = Holder(
        host=socket.gethostname(),
        boot=_boot(),
        pid=os.getpid(),
        started=_started(os.getpid()),
        since=now.isoformat(timespec="seconds"),
        folder=f"{folder}",
        token=uuid.uuid4().hex,
    )
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        while not _created(path, own):
            other = _read(path)
            if other is not None and _lives(path, other, wait=True):
                return other
            _discard(path, other)
    except OSError as error:
        log.warning("the ledger has no lease: %s", error)
    return Lease(path, own, lost)


def holder(ledger: Path) -> Holder | None:
    """Return the living process that has the lease of the file *ledger*, if any."""
    path = _path(ledger)
    try:
        other = _read(path)
        return other if other is not None and _lives(path, other, wait=False) else None
    except OSError:
        return None


def _path(ledger: Path) -> Path:
    return ledger.with_suffix(".lease")


def _created(path: Path, holder_: Holder) -> bool:
    """Create the lease; False if there is one."""
    try:
        with open(path, "x", encoding="utf-8", opener=_private) as file:
            file.write(json.dumps(asdict(holder_)))
    except FileExistsError:
        return False
    except OSError:
        path.unlink(missing_ok=True)
        raise
    return True


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _read(path: Path) -> Holder | None:
    """Return who has the lease; None if nobody has, or it cannot be read."""
    try:
        return Holder(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _discard(path: Path, other: Holder | None) -> None:
    """Remove the lease of *other*, who is dead, unless it changed hands meanwhile."""
    if other is None:
        time.sleep(PAUSE)  # it may be about to be written
    if _read(path) == other:
        path.unlink(missing_ok=True)


def _lives(path: Path, other: Holder, *, wait: bool) -> bool:
    """Whether *other* still runs; *wait* for its next renewal where only that says."""
    if other.is_here:
        if sys.platform == "win32":
            return False  # its pipe, which is this process's by now, would have said
        if other.pid == os.getpid() or other.started != _started(other.pid):
            return other.pid == os.getpid()
        if other.started:
            return True
        if not _exists(other.pid):
            return False
    return _renews(path) if wait else _age(path) <= EXPIRY


def _renews(path: Path) -> bool:
    """Wait until the lease is renewed, or expires."""
    first = path.stat().st_mtime_ns
    while _age(path) <= EXPIRY:
        time.sleep(PAUSE)
        if path.stat().st_mtime_ns != first:
            return True
    return False


def _age(path: Path) -> float:
    """Return the seconds since the last renewal, by the file system's own clock."""
    probe = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    try:
        probe.touch(mode=0o600)
        now = probe.stat().st_mtime
    finally:
        with suppress(OSError):
            probe.unlink(missing_ok=True)
    return abs(now - path.stat().st_mtime)


def _boot() -> str:
    """Return what names this boot of the system and this space of process ids."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
        return f"{boot.strip()} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def _started(pid: int) -> str:
    """Return when the process *pid* started, in ticks; empty if unknown or ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    state, *rest = stat.rpartition(")")[2].split()
    return "" if state in "ZX" else rest[18]


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

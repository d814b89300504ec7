"""The tray that runs with this ledger, wherever it was started."""

from pathlib import Path

from tray_app.desktop import instance
from tray_app.ledger import lease
from tray_app.settings import paths


def is_running() -> bool:
    """Whether a tray runs with this ledger, whether it takes commands or not."""
    return instance.is_running(paths.runtime_folder()) or holder() is not None


def holder() -> lease.Holder | None:
    """Return the process of the tray that has the lease of this ledger, if any."""
    return lease.holder(paths.ledger_file())


def send(command: bytes) -> bool:
    """Send *command* to the tray that runs with this ledger; False if none takes it."""
    if instance.send(paths.runtime_folder(), command):
        return True
    other = holder()
    return (
        other is not None
        and other.is_here
        and instance.send(Path(other.folder), command)
    )

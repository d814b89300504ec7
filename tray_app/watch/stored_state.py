"""The state that the tray stores, read again only after it was written."""

from datetime import datetime

from tray_app.app import restore
from tray_app.ledger import serialization
from tray_app.ledger.ledger import Ledger
from tray_app.model.state import Snoozes, TrayState
from tray_app.settings import paths


class StoredState:
    """Keeps the ledger of the tray open; one that was replaced is opened anew."""

    def __init__(self) -> None:
        """Open nothing yet: a tray may only just be starting."""
        self._ledger: Ledger | None = None
        self._file: tuple[int, int] | None = None

    def changed_state(self, now: datetime) -> TrayState | None:
        """
        Return the stored state if it was written since the last call, else None.

        Raises:
            SettingsError: If the settings cannot be read.
            LedgerError: If the ledger cannot be read.
        """
        try:
            status = paths.ledger_file().stat()
        except FileNotFoundError:
            return None
        file = status.st_dev, status.st_ino
        if self._ledger is None or file != self._file:
            self.close()
            self._ledger, self._file = Ledger(paths.ledger_file(), check=False), file
        elif not self._ledger.changed():
            return None
        return restore.known_state(self._ledger, now)

    def put_snoozes(self, snoozes: Snoozes) -> None:
        """Store *snoozes* for the tray to take over. Raises LedgerError."""
        if self._ledger is not None:
            self._ledger.put("snoozes", serialization.SNOOZES.to_json(snoozes))

    def close(self) -> None:
        """Close the ledger. Idempotent."""
        if self._ledger is not None:
            self._ledger.close()
        self._ledger = None

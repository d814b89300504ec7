"""The ids that the notification server gave, in a file that outlives a crash."""

import json
import logging
from collections.abc import Mapping
from pathlib import Path

from tray_app.settings import private

log = logging.getLogger(__name__)


class NotificationIds:
    """
    Key to id, for the notifications that are on the screen of one server.

    With the file lost, the next run shows a notification a second time at worst.
    """

    def __init__(self, path: Path | None) -> None:
        """Store them at *path*; None: nowhere."""
        self._path = path

    def read(self, server: str) -> dict[str, int]:
        """Return the ids by key, oldest first; empty if another *server* gave them."""
        if self._path is None:
            return {}
        try:
            stored = json.loads(self._path.read_text())
            if stored["server"] != server:
                return {}
            return {str(key): int(id_) for key, id_ in stored["numbers"].items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as exc:
            log.info("the ids of notifications cannot be read", exc_info=exc)
            return {}

    def write(self, server: str, ids: Mapping[str, int]) -> None:
        """Store *ids*, oldest first, as given by *server*."""
        if self._path is None:
            return
        try:
            private.make_folder(self._path.parent)
            text = json.dumps({"server": server, "numbers": dict(ids)})
            private.write_text(self._path, text)
        except OSError as exc:
            log.info("the ids of notifications cannot be stored", exc_info=exc)

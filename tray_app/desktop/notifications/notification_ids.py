"""The notification server's numbers, kept over a crash, so that nothing is doubled."""

import json
import logging
from collections.abc import Mapping
from pathlib import Path

KEPT = 200
"""Notifications, the newest."""
log = logging.getLogger(__name__)


class Numbers:
    """Which number the server gave to what, in a file; a loss doubles at worst."""

    def __init__(self, path: Path | None) -> None:
        """Keep them at *path*; None: nowhere."""
        self._path = path

    def of(self, server: str) -> dict[str, int]:
        """Return the numbers by key, if they are this *server*'s own; or none."""
        if self._path is None:
            return {}
        try:
            kept = json.loads(self._path.read_text())
            if kept["server"] != server:
                return {}
            return {str(key): int(number) for key, number in kept["numbers"].items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as exc:
            log.info("the numbers of notifications are not known", exc_info=exc)
            return {}

    def keep(self, server: str, numbers: Mapping[str, int]) -> None:
        """Keep *numbers*, the oldest first, as this *server*'s."""
        if self._path is None:
            return
        newest = dict(list(numbers.items())[-KEPT:])
        aside = self._path.with_name(f"{self._path.name}.new")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            aside.write_text(json.dumps({"server": server, "numbers": newest}))
            aside.replace(self._path)
        except OSError as exc:
            log.info("the numbers of notifications are not kept", exc_info=exc)

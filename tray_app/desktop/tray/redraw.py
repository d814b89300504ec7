"""What both trays share: how an icon is drawn, and how often a menu."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from PIL import Image

from tray_app.model.view import Icon

Draw: TypeAlias = Callable[[Icon, int], Image.Image]
"""Draws an icon at so many pixels a side."""
REDRAW = 2.0
"""Seconds between two menus that no click requested."""
LONGEST_LABEL = 120
"""UTF-16 units; panels draw a menu as wide as its widest label."""


@dataclass(slots=True)
class RedrawThrottle:
    """Says when a menu may be drawn: at once after a click, else every *redraw* s."""

    redraw: float
    requested: bool = False
    """Whether the person clicked, and expects to see the result at once."""
    _not_before: float = 0.0

    def wait(self, now: float) -> float:
        """Return the seconds until a menu may be drawn."""
        return 0.0 if self.requested else max(self._not_before - now, 0.0)

    def drawn(self, now: float) -> None:
        """Note that a menu is drawn at *now*, in seconds of any monotonic clock."""
        self.requested = False
        self._not_before = now + self.redraw

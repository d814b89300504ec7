"""What both trays have in common: how an icon is drawn, and how often a menu."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from PIL import Image

from tray_app.model.view import Icon

Draw: TypeAlias = Callable[[Icon, int], Image.Image]
"""Draws an icon at so many pixels a side."""
REDRAW = 2.0
"""Seconds between two menus that nobody asked for."""
LONGEST_LABEL = 120
"""UTF-16 units; panels draw a menu as wide as its widest label."""


@dataclass(slots=True)
class RedrawThrottle:
    """When a menu may be drawn: at once for whoever clicked, else every *redraw* s."""

    redraw: float
    asked: bool = False
    """Whether somebody clicked, and wants to see at once what that did."""
    _not_before: float = 0.0

    def wait(self, now: float) -> float:
        """Return the seconds until a menu may be drawn."""
        return 0.0 if self.asked else max(self._not_before - now, 0.0)

    def drawn(self, now: float) -> None:
        """Take it that a menu is drawn *now*, in seconds of any steady clock."""
        self.asked = False
        self._not_before = now + self.redraw

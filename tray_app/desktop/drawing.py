"""What both trays have in common: how an icon is drawn, and how often a menu."""

from collections.abc import Callable
from typing import TypeAlias

from PIL import Image

from tray_app.shown import Icon

Draw: TypeAlias = Callable[[Icon, int], Image.Image]
"""Draws an icon at so many pixels a side."""
REDRAW = 2.0
"""Seconds between two menus that nobody asked for."""
LONGEST_LABEL = 120
"""UTF-16 units; panels draw a menu as wide as its widest label."""

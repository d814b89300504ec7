"""
What the icon is drawn with: outlined shapes on a square of side 1.

Everything has a dark edge inside a light ring, so that it is seen on light, dark and
tinted panels. It is drawn at eight times the size and scaled down. Nothing on the
machine is needed: the digits are of the font that comes with Pillow.
"""

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import TypeAlias

from PIL import Image, ImageDraw, ImageFont

Point: TypeAlias = tuple[float, float]
Colour: TypeAlias = tuple[int, int, int]
Paint: TypeAlias = Callable[[Colour, float], None]
"""Paints something in a colour, grown on all sides by so much."""

SCALE = 8
RING = 1 / 16
"""How wide the light ring is, in parts of a side."""
EDGE = 1 / 28
"""How wide the dark edge inside it is."""
DIGIT_HEIGHT = 0.72
"""How tall the font's digits are, in parts of its size."""
BOLD = 0.018
"""By how much they are thickened, in parts of a side."""
LIGHT: Colour = (250, 250, 250)
DARK: Colour = (32, 32, 38)

OCTAGON: Sequence[Point] = tuple(
    (
        0.5 + 0.425 * math.cos(math.radians(22.5 + 45 * i)),
        0.5 + 0.425 * math.sin(math.radians(22.5 + 45 * i)),
    )
    for i in range(8)
)
TRIANGLE: Sequence[Point] = ((0.5, 0.13), (0.87, 0.86), (0.13, 0.86))


class Canvas:
    """A square to draw on. Lengths and places are in parts of its side."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._side = size * SCALE
        self._image = Image.new("RGBA", (self._side, self._side), (*LIGHT, 0))
        self._draw = ImageDraw.Draw(self._image)

    def finished(self) -> Image.Image:
        """Return the drawing at its size."""
        return self._image.resize((self._size, self._size), Image.Resampling.LANCZOS)

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        """Draw the filled polygon through *points*."""

        def paint(colour: Colour, grow: float) -> None:
            self._draw.polygon([self._at(p) for p in points], fill=colour)
            self._line((*points, points[0]), 2 * grow, colour)

        self._ringed(paint, colour)

    def disc(
        self, centre: Point, radius: float, colour: Colour, *, edge: float = EDGE
    ) -> None:
        """Draw a filled circle."""
        self._ringed(lambda c, grow: self._dot(centre, radius + grow, c), colour, edge)

    def stroke(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        """Draw the line through *points*, its ends round."""
        self._ringed(lambda c, grow: self._line(points, width + 2 * grow, c), colour)

    def circle(
        self, radius: float, width: float, colour: Colour, *, ring: float = RING
    ) -> None:
        """Draw a circle round the middle; what is inside it stays as it is."""

        def paint(colour: Colour, grow: float) -> None:
            outer = radius + width / 2 + grow
            box = (*self._at((0.5 - outer,) * 2), *self._at((0.5 + outer,) * 2))
            self._draw.ellipse(
                box, outline=colour, width=round((width + 2 * grow) * self._side)
            )

        self._ringed(paint, colour, ring=ring)

    def bare_polygon(self, points: Sequence[Point], colour: Colour) -> None:
        """Fill a polygon without edge and ring, on top of something that has them."""
        self._draw.polygon([self._at(point) for point in points], fill=colour)

    def bare_dot(self, centre: Point, radius: float, colour: Colour) -> None:
        """Draw a circle without edge and ring, on top of something that has them."""
        self._dot(centre, radius, colour)

    def bare_line(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        """Draw a line without edge and ring, on top of something that has them."""
        self._line(points, width, colour)

    def moon(self, centre: Point, radius: float, colour: Colour) -> None:
        """Draw a crescent on a dark disc."""
        x, y = centre
        self.disc(centre, radius, DARK, edge=0)
        self._dot((x - radius * 0.06, y), radius * 0.8, colour)
        self._dot((x + radius * 0.34, y - radius * 0.24), radius * 0.66, DARK)

    def text(self, text: str, centre: Point, height: float, colour: Colour) -> None:
        """Write *text* so that its digits are *height* tall."""
        self._draw.text(
            self._at(centre),
            text,
            font=_font(round(height * self._side / DIGIT_HEIGHT)),
            fill=colour,
            anchor="mm",
            stroke_width=max(1, round(BOLD * self._side)),
            stroke_fill=colour,
        )

    def _ringed(
        self, paint: Paint, colour: Colour, edge: float = EDGE, ring: float = RING
    ) -> None:
        if ring:
            paint(LIGHT, edge + ring)
        if edge:
            paint(DARK, edge)
        paint(colour, 0)

    def _line(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        if width > 0:
            places = [self._at(point) for point in points]
            self._draw.line(places, fill=colour, width=round(width * self._side))
            for point in points:
                self._dot(point, width / 2, colour)

    def _dot(self, centre: Point, radius: float, colour: Colour) -> None:
        x, y = centre
        box = (*self._at((x - radius, y - radius)), *self._at((x + radius, y + radius)))
        self._draw.ellipse(box, fill=colour)

    def _at(self, point: Point) -> Point:
        return point[0] * self._side, point[1] * self._side


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)

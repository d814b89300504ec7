"""The icon's pixels: eleven states, different in shape as well as in hue."""

import math
from collections.abc import Mapping, Sequence

from PIL import Image

from incidents.models import Severity
from tray_app.desktop.canvas import (
    DARK,
    LIGHT,
    OCTAGON,
    TRIANGLE,
    Canvas,
    Colour,
    Point,
)
from tray_app.model.view import Badge, Icon

NO_DIGITS = 20
"""Pixels a side from which digits are drawn: smaller ones cannot be read."""
MANY = 9
"""More than this are shown as `9+`."""

GREY: Colour = (150, 150, 158)
AMBER: Colour = (255, 179, 0)
RED: Colour = (208, 32, 40)
ORANGE: Colour = (250, 130, 0)
YELLOW: Colour = (255, 218, 30)
BLUE: Colour = (80, 170, 250)
MOON: Colour = (255, 240, 180)

_HUES: Mapping[str, Colour] = {
    Severity.CRITICAL: RED,
    Severity.ERROR: ORANGE,
    Severity.INFO: BLUE,
    Severity.LOW: BLUE,
}
"""Everything else is yellow: warnings, and severities we do not know."""
_MEANS: Mapping[Badge, str] = {
    Badge.CRITICAL: Severity.CRITICAL,
    Badge.ERROR: Severity.ERROR,
    Badge.WARNING: Severity.WARNING,
    Badge.ACKNOWLEDGED: Severity.WARNING,
}
"""The severity of a badge where the icon names none."""
INNER = 0.7
"""How far the hollow of an empty shape reaches."""
_MIDDLE = (0.5, 0.5)
_LOW_MIDDLE = (0.5, 0.63)
"""Where a triangle has room for digits."""


def draw(icon: Icon, size: int) -> Image.Image:
    """Return *icon* at *size* pixels a side, with transparency."""
    canvas = Canvas(size)
    failed = icon.failed or icon.badge is Badge.FAILED
    match icon.badge:
        case Badge.SIGNED_OUT:
            canvas.circle(0.38, 0.06, GREY)
            _key(canvas)
        case Badge.OFFLINE:
            canvas.circle(0.36, 0.09, GREY)
            canvas.stroke(((0.2, 0.8), (0.8, 0.2)), 0.09, GREY)
        case Badge.STALE:
            canvas.circle(0.36, 0.09, GREY)
            canvas.stroke(((0.5, 0.3), (0.5, 0.52), (0.64, 0.62)), 0.07, GREY)
        case Badge.STARTING:
            for i in range(8):
                angle = math.radians(45 * i)
                place = (0.5 + 0.36 * math.cos(angle), 0.5 + 0.36 * math.sin(angle))
                canvas.disc(place, 0.055, GREY)
        case _:
            _incidents(canvas, icon, digits=size >= NO_DIGITS and not failed)
    if failed:
        _exclamation(canvas)
    if icon.snoozed or icon.badge is Badge.SNOOZED:
        canvas.moon((0.77, 0.23), 0.19, MOON)
    return canvas.finished()


def _incidents(canvas: Canvas, icon: Icon, *, digits: bool) -> None:
    """Draw the open incidents: the shape of the worst, full or hollow, the count."""
    severity = icon.severity or _MEANS.get(icon.badge, "")
    if icon.badge is Badge.CALM or not severity:
        canvas.circle(0.38, 0.12, LIGHT, ring=0)
        return
    hue = _HUES.get(severity, YELLOW)
    full = icon.badge is not Badge.ACKNOWLEDGED and not icon.hollow
    middle = _shape(canvas, severity, hue, full=full)
    if icon.count and digits:
        text = f"{icon.count}" if icon.count <= MANY else f"{MANY}+"
        height = 0.46 if len(text) == 1 else 0.32
        canvas.text(text, middle, height, LIGHT if full and hue is RED else DARK)


def _shape(
    canvas: Canvas, severity: str, hue: Colour, *, full: bool
) -> tuple[float, float]:
    """Draw the shape of *severity*; return where digits go."""
    points = {Severity.CRITICAL: OCTAGON, Severity.ERROR: TRIANGLE}.get(
        Severity(severity) if severity in set(Severity) else Severity.WARNING
    )
    if points is None:
        canvas.disc(_MIDDLE, 0.39, hue)
        if not full:
            canvas.bare_dot(_MIDDLE, 0.29, LIGHT)
    else:
        canvas.polygon(points, hue)
        if not full:
            canvas.bare_polygon(_shrunk(points), LIGHT)
    return _LOW_MIDDLE if points is TRIANGLE else _MIDDLE


def _shrunk(points: Sequence[Point]) -> Sequence[Point]:
    """Return *points* drawn towards the middle of the shape."""
    x0, y0 = (sum(axis) / len(points) for axis in zip(*points, strict=True))
    return [(x0 + (x - x0) * INNER, y0 + (y - y0) * INNER) for x, y in points]


def _key(canvas: Canvas) -> None:
    """Draw the key that is missing."""
    canvas.stroke(((0.5, 0.4), (0.5, 0.84)), 0.1, AMBER)
    canvas.stroke(((0.5, 0.82), (0.66, 0.82)), 0.1, AMBER)
    canvas.stroke(((0.5, 0.63), (0.63, 0.63)), 0.08, AMBER)
    canvas.bare_line(((0.5, 0.4), (0.5, 0.84)), 0.1, AMBER)
    canvas.disc((0.5, 0.3), 0.18, AMBER)
    canvas.bare_line(((0.5, 0.46), (0.5, 0.5)), 0.1, AMBER)
    canvas.bare_dot((0.5, 0.27), 0.065, DARK)


def _exclamation(canvas: Canvas) -> None:
    """Draw a small `!` over the shape's lower right."""
    x, y = 0.77, 0.77
    canvas.disc((x, y), 0.17, AMBER)
    canvas.bare_line(((x, y - 0.1), (x, y + 0.02)), 0.06, DARK)
    canvas.bare_dot((x, y + 0.105), 0.035, DARK)

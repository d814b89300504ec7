"""The icon's states, distinguishable in pixels: by everybody, on every panel."""

from itertools import combinations

import pytest
from PIL import Image, ImageChops

from tray_app.desktop.icon import NO_DIGITS, draw
from tray_app.model.view import Badge, Icon

SIZES = (16, 22, 24, 32, 48, 64)
SMALLEST = 16
"""Where lines are thinnest."""
LIGHT = (242, 242, 242)
PANELS = {"white": (255, 255, 255), "tinted": (64, 97, 161), "black": (0, 0, 0)}
"""The two extremes and the middle."""
STATES = {
    "signed out": Icon(badge=Badge.SIGNED_OUT),
    "offline": Icon(badge=Badge.OFFLINE),
    "stale": Icon(badge=Badge.STALE),
    "failed": Icon(badge=Badge.FAILED, severity="error", failed=True),
    "critical": Icon(badge=Badge.CRITICAL, severity="critical"),
    "error": Icon(badge=Badge.ERROR, severity="error"),
    "warning": Icon(badge=Badge.WARNING, severity="warning"),
    "acknowledged": Icon(badge=Badge.ACKNOWLEDGED, severity="critical"),
    "snoozed": Icon(badge=Badge.SNOOZED, snoozed=True),
    "calm": Icon(badge=Badge.CALM),
    "starting": Icon(badge=Badge.STARTING),
}
# Machado, Oliveira and Fernandes 2009, deuteranopia, on linear light.
DEUTERANOPIA = (
    (0.367322, 0.860646, -0.227968),
    (0.280085, 0.672501, 0.047413),
    (-0.011820, 0.042940, 0.968881),
)


def _linear(value: int) -> float:
    part = value / 255
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _luminance(colour: tuple[int, int, int]) -> float:
    red, green, blue = (_linear(value) for value in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(a: float, b: float) -> float:
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)


def _luminances(icon: Icon, size: int, panel: tuple[int, int, int]) -> list[float]:
    """Return the luminance of each pixel of *icon* on *panel*, as a person sees it."""
    return [_luminance(pixel) for pixel in _pixels(_on(icon, size, panel))]


def _as_deuteranopic(icon: Icon, size: int) -> list[float]:
    """Return the luminance of each pixel as somebody without green cones sees it."""
    seen = []
    for pixel in _pixels(_on(icon, size, LIGHT)):
        light = [_linear(value) for value in pixel]
        mixed = [
            min(1.0, max(0.0, sum(a * b for a, b in zip(row, light, strict=True))))
            for row in DEUTERANOPIA
        ]
        seen.append(0.2126 * mixed[0] + 0.7152 * mixed[1] + 0.0722 * mixed[2])
    return seen


def _on(icon: Icon, size: int, panel: tuple[int, int, int]) -> Image.Image:
    canvas = Image.new("RGBA", (size, size), panel)
    canvas.alpha_composite(draw(icon, size))
    return canvas.convert("RGB")


def _pixels(image: Image.Image) -> list[tuple[int, int, int]]:
    flat = image.tobytes()
    return list(zip(flat[::3], flat[1::3], flat[2::3], strict=True))


def _apart(a: list[float], b: list[float]) -> float:
    """Return the share of pixels that are clearly lighter in one than in the other."""
    clearly = sum(_contrast(x, y) >= 3 for x, y in zip(a, b, strict=True))
    return clearly / len(a)


@pytest.mark.parametrize("badge", Badge)
def test_every_state_has_a_picture_of_each_size(badge: Badge) -> None:
    for size in SIZES:
        image = draw(Icon(badge=badge, count=3), size)

        assert image.size == (size, size)
        assert image.mode == "RGBA"
        assert image.getchannel("A").getextrema() == (0, 255)


@pytest.mark.parametrize("panel", PANELS)
@pytest.mark.parametrize("state", STATES)
def test_every_state_is_seen_on_every_panel(state: str, panel: str) -> None:
    ground = _luminance(PANELS[panel])
    seen = _luminances(STATES[state], SMALLEST, PANELS[panel])

    clear = sum(_contrast(pixel, ground) >= 3 for pixel in seen)

    assert clear / len(seen) > 0.05


@pytest.mark.parametrize("size", [16, 22, 64])
def test_no_two_states_look_alike_without_green_cones(size: int) -> None:
    seen = {state: _as_deuteranopic(icon, size) for state, icon in STATES.items()}

    alike = [
        (a, b) for a, b in combinations(STATES, 2) if _apart(seen[a], seen[b]) <= 0.03
    ]

    assert alike == []


@pytest.mark.parametrize("severity", ["critical", "error", "warning", "info"])
def test_acknowledged_is_hollow_where_open_is_full(severity: str) -> None:
    badge = Badge(severity) if severity != "info" else Badge.WARNING
    full = draw(Icon(badge=badge, severity=severity), 64)
    hollow = draw(Icon(badge=Badge.ACKNOWLEDGED, severity=severity), 64)

    assert full.getpixel((32, 36)) != hollow.getpixel((32, 36))
    assert full.getpixel((32, 56)) == hollow.getpixel((32, 56))


@pytest.mark.parametrize("count", [1, 4, 9])
def test_each_count_reads_differently_where_digits_fit(count: int) -> None:
    def drawn(count: int, size: int) -> bytes:
        icon = Icon(badge=Badge.CRITICAL, severity="critical", count=count)
        return draw(icon, size).tobytes()

    for size in (22, 64):
        assert drawn(count, size) != drawn(count + 1, size)
    assert drawn(count, 16) == drawn(0, 16)
    assert NO_DIGITS > 16


def test_more_than_nine_are_nine_and_more() -> None:
    ten, thousand = (
        draw(Icon(badge=Badge.ERROR, severity="error", count=count), 32)
        for count in (10, 1000)
    )

    assert ten == thousand


@pytest.mark.parametrize("mark", ["failed", "snoozed"])
def test_a_mark_goes_over_the_shape_and_leaves_the_rest(mark: str) -> None:
    plain = Icon(badge=Badge.CRITICAL, severity="critical")
    marked = Icon(
        badge=plain.badge,
        severity=plain.severity,
        failed=mark == "failed",
        snoozed=mark == "snoozed",
    )

    box = ImageChops.difference(draw(plain, 64), draw(marked, 64)).getbbox(
        alpha_only=False
    )

    assert box is not None
    left, top, right, bottom = box
    assert left >= 28
    assert (top >= 28) if mark == "failed" else (bottom <= 36)
    assert right == 64


def test_a_severity_nobody_knows_is_drawn_as_a_warning() -> None:
    odd = Icon(badge=Badge.WARNING, severity="SEV-9")

    assert draw(odd, 32) == draw(Icon(badge=Badge.WARNING, severity="warning"), 32)

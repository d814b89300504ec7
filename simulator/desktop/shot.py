"""
A picture of a whole X screen; `python -m simulator.desktop.shot :7 shot.png` saves it.

Pillow asks the X server itself, so no other program is needed.
"""

import sys

from PIL import Image, ImageGrab


def grab(display: str, box: tuple[int, int, int, int] | None = None) -> Image.Image:
    """Return what *display* shows, in colour; with *box* only that part."""
    return ImageGrab.grab(bbox=box, xdisplay=display).convert("RGB")


if __name__ == "__main__":
    grab(sys.argv[1]).save(sys.argv[2])

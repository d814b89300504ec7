"""The person's key in the environment, and the environment of other programs."""

import sys
from collections.abc import Mapping

KEY = "INCIDENT_TRAY_API_KEY"
"""The environment's name for the key. There is no argument: others could see it."""
BUNDLED = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH")
"""Variables that PyInstaller's bundle sets for itself, and that break a browser."""


def for_children(
    environment: Mapping[str, str], *, bundled: bool = hasattr(sys, "_MEIPASS")
) -> dict[str, str]:
    """
    Return the *environment* of a program that is not ours: without the key.

    *bundled*: and as it was before the bundle changed it.
    """
    child = {name: value for name, value in environment.items() if name != KEY}
    if not bundled:
        return child
    before = {
        name: child[f"{name}_ORIG"] for name in BUNDLED if f"{name}_ORIG" in child
    }
    return {n: v for n, v in child.items() if n not in BUNDLED} | before

"""A newer release: whether the team's sync runs it, and how a person learns of it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from incidents import VERSION
from tray_app.model.intents import ShowDoctor
from tray_app.model.memory import Memory
from tray_app.model.quiet import quiet_period
from tray_app.model.state import TrayState
from tray_app.model.view import Button, Notification, Urgency

if TYPE_CHECKING:
    from packaging.version import Version

A_WEEK = timedelta(days=7)
_LONGEST = 64
"""Characters of a version; it comes from a table that others write to."""


def newer(version: str, than: str = VERSION) -> bool:
    """Whether *version* is a newer release; False if one of them is no version."""
    release, current = _public(version), _public(than)
    return release is not None and current is not None and release > current


def _public(text: str) -> "Version | None":
    """Read a version without its local part (`1.3+ours`), which orders no releases."""
    if len(text) > _LONGEST or not text.isprintable() or " " in text:
        return None
    from packaging.version import InvalidVersion, Version

    try:
        return Version(Version(text).public)
    except InvalidVersion:
        return None


def line(version: str) -> str:
    """Return the menu's line about the newer *version*."""
    return f"Update to {version}…"


def how(version: str) -> str:
    """Return what to do about the newer *version*."""
    difference = f"The team's sync runs {version}, and this is {VERSION}"
    return f"{difference}: update it the way you installed it."


def hint(
    memory: Memory, state: TrayState, now: datetime
) -> tuple[Memory, tuple[Notification, ...]]:
    """
    Return the memory, and a quiet notification of a newer version if one is due.

    It is due once a week at most, and not in quiet hours.
    """
    version = state.newer
    if not version or not state.rules.updates or quiet_period(state, now) is not None:
        return memory, ()
    recent = {v: at for v, at in memory.updates.items() if now - at < A_WEEK}
    if version in recent:
        return memory, ()
    return replace(memory, updates={**recent, version: now}), (
        _notification(version, now),
    )


def _notification(version: str, now: datetime) -> Notification:
    return Notification(
        key="update",
        id=f"update:{version}:{now.isoformat()}",
        title=f"Update to {version}",
        body=f"The team's sync runs it, and this is {VERSION}.",
        urgency=Urgency.LOW,
        buttons=(Button(key="show", label="How", intent=ShowDoctor()),),
        click=ShowDoctor(),
        expires_after=8.0,
    )

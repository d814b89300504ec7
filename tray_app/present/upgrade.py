"""A newer release: whether the team's sync runs one, and how that is said."""

from dataclasses import replace
from datetime import datetime, timedelta

from packaging.version import InvalidVersion, Version

from incidents import VERSION
from tray_app.model.intents import ShowDoctor
from tray_app.model.memory import Memory
from tray_app.model.quiet import rest_at
from tray_app.model.state import TrayState
from tray_app.model.view import Button, Notification, Urgency

A_WEEK = timedelta(days=7)
_LONGEST = 64
"""Characters of a version; it comes from a table that others write to."""


def newer(theirs: str, ours: str = VERSION) -> bool:
    """Whether *theirs* is the newer release; False if one of them is no version."""
    there, here = _public(theirs), _public(ours)
    return there is not None and here is not None and there > here


def _public(text: str) -> Version | None:
    """Read a version without its local part (`1.3+ours`), which orders no releases."""
    if len(text) > _LONGEST or not text.isprintable() or " " in text:
        return None
    try:
        return Version(Version(text).public)
    except InvalidVersion:
        return None


def line(version: str) -> str:
    """Return the menu's line about the newer *version*."""
    return f"Update to {version}…"


def how(version: str) -> str:
    """Say what is to be done about the newer *version*."""
    ours = f"The team's sync runs {version}, and this is {VERSION}"
    return f"{ours}: update it the way you installed it."


def told(
    memory: Memory, state: TrayState, now: datetime
) -> tuple[Memory, tuple[Notification, ...]]:
    """
    Tell of a newer version in passing, once a week at most, and never in a rest.

    Returns the memory, and what to tell.
    """
    version = state.newer
    if not version or not state.rules.updates or rest_at(state, now) is not None:
        return memory, ()
    lately = {one: at for one, at in memory.updates.items() if now - at < A_WEEK}
    if version in lately:
        return memory, ()
    return replace(memory, updates={**lately, version: now}), (_hint(version, now),)


def _hint(version: str, now: datetime) -> Notification:
    return Notification(
        key="update",
        told=f"update:{version}:{now.isoformat()}",
        title=f"Update to {version}",
        body=f"The team's sync runs it, and this is {VERSION}.",
        urgency=Urgency.LOW,
        buttons=(Button(key="show", label="How", intent=ShowDoctor()),),
        click=ShowDoctor(),
        expires_after=8.0,
    )

"""A newer release: whether the team's sync runs one, and how that is said."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeAlias

from incidents import VERSION
from tray_app.model.intents import ShowDoctor
from tray_app.model.memory import Memory
from tray_app.model.quiet import rest_at
from tray_app.model.state import TrayState
from tray_app.model.view import Button, Notification, Urgency

A_WEEK = timedelta(days=7)
_Order: TypeAlias = tuple[tuple[int, ...], int, int]
_RELEASE = re.compile(
    r"v?([0-9]{1,6}(?:\.[0-9]{1,6}){0,4})"
    r"(?:\.?(dev|a|b|rc|post)([0-9]{1,6}))?"
    r"(?:\+[a-z0-9.]{1,16})?"
)
"""A version as a package bears it (PEP 440, normalised); anything else has no order."""
_STAGES = ("dev", "a", "b", "rc", "", "post")


def newer(theirs: str, ours: str = VERSION) -> bool:
    """Whether *theirs* is the newer one; False if one of them cannot be read."""
    there, here = _order(theirs), _order(ours)
    return there is not None and here is not None and there > here


def _order(version: str) -> _Order | None:
    """Return what versions are compared by: `1.3` and `1.3.0` are the same one."""
    found = _RELEASE.fullmatch(version)
    if found is None:
        return None
    numbers, stage, count = found.groups(default="")
    release = [int(number) for number in numbers.split(".")]
    while release and release[-1] == 0:
        del release[-1]
    return tuple(release), _STAGES.index(stage), int(count or 0)


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

"""A few notifications are shown one by one; a flood becomes one digest."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from incidents.models import IncidentId, Severity
from tray_app.model.memory import Burst, Grouped, Memory, Thread
from tray_app.model.ordering import severity_first, worst
from tray_app.model.rules import Topic
from tray_app.model.state import TrayState
from tray_app.model.view import Urgency
from tray_app.policy.decisions import Announcement, Digest, Tell
from tray_app.policy.loudness import BRIEFLY, sounds
from tray_app.policy.threads import REOPENS

MOMENT = timedelta(seconds=10)
MINUTE = timedelta(minutes=1)
LONGEST_NAME = 400
"""Characters of a name that a digest remembers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """Which notifications are shown one by one, and which are not."""

    memory: Memory
    tell: tuple[Announcement, ...] = ()
    """The worst first; a digest last."""
    withdraw: tuple[IncidentId, ...] = ()
    digested: frozenset[str] = frozenset()
    """Stable ids that went into the digest, or are withdrawn instead of updated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Groups:
    """The four ways in which a change is shown, or not."""

    alone: list[Tell]
    together: list[Tell]
    updates: list[Tell]
    dropped: list[Tell]


def grouped(
    memory: Memory,
    changes: Collection[Tell],
    updates: Collection[Tell],
    state: TrayState,
    now: datetime,
) -> Grouping:
    """Choose between one notification for each of *changes* and a digest."""
    burst = memory.burst
    if burst is not None and now - burst.last_at >= MINUTE:
        burst, memory = None, replace(memory, burst=None)
    if not changes and not updates:
        return Grouping(memory=memory)
    flood = _is_flood(memory, len(changes), state, now)
    quietly = not flood and len(updates) <= state.rules.burst
    alone = sorted(changes, key=lambda tell: severity_first(tell.incident))
    together: list[Tell] = []
    if flood:
        burst = burst or Burst(last_at=now)
        alone, together = _split(alone, state.rules.own_in_burst - burst.own)
        burst = _extended(burst, together, len(alone), now)
    groups = _Groups(
        alone=alone,
        together=together,
        updates=list(updates) if quietly else [],
        dropped=[] if quietly else list(updates),
    )
    tell: list[Announcement] = [*groups.alone, *groups.updates]
    if together and burst is not None:
        tell.append(_digest(burst, together, state))
    return Grouping(
        memory=replace(
            memory,
            burst=burst,
            threads=_threads(memory, groups, now),
            notified_at=_notified_at(memory, len(changes), state, now),
        ),
        tell=tuple(tell),
        withdraw=tuple(tell.incident.id for tell in groups.dropped),
        digested=frozenset(tell.id for tell in (*together, *groups.dropped)),
    )


def _notified_at(
    memory: Memory, more: int, state: TrayState, now: datetime
) -> tuple[datetime, ...]:
    """Return as many of the newest times as are needed to detect a flood."""
    needed = max(state.rules.burst, state.rules.burst_a_minute) + 1
    return (*memory.notified_at, *([now] * more))[-needed:]


def _is_flood(memory: Memory, more: int, state: TrayState, now: datetime) -> bool:
    if not more:
        return False
    moment = sum(now - at < MOMENT for at in memory.notified_at)
    minute = sum(now - at < MINUTE for at in memory.notified_at)
    rules = state.rules
    return moment + more > rules.burst or minute + more > rules.burst_a_minute


def _split(changes: list[Tell], room: int) -> tuple[list[Tell], list[Tell]]:
    """Separate the few that are shown next to the digest."""
    alone = [
        tell
        for tell in changes
        if tell.news.change.joined or tell.incident.severity == Severity.CRITICAL
    ]
    alone = alone[: max(room, 0)]
    ids = {tell.id for tell in alone}
    return alone, [tell for tell in changes if tell.id not in ids]


def _extended(burst: Burst, together: list[Tell], alone: int, now: datetime) -> Burst:
    incidents = dict(burst.incidents)
    for tell in together:
        incident = tell.incident
        before = incidents.get(incident.id)
        name = incident.label("alert_name") or incident.name or incident.id
        incidents[incident.id] = Grouped(
            # Lone surrogates cannot be stored as UTF-8.
            name=name[:LONGEST_NAME].encode(errors="ignore").decode(),
            severity=incident.severity,
            opened=bool(REOPENS & tell.news.change.kinds)
            or (before is not None and before.opened),
        )
    return Burst(last_at=now, own=burst.own + alone, incidents=incidents)


def _digest(burst: Burst, together: list[Tell], state: TrayState) -> Digest:
    newest = max(
        together, key=lambda tell: (tell.news.change.observed_at, tell.news.seq)
    )
    view = state.incidents()
    still = [view[id_] for id_ in burst.incidents if id_ in view]
    critical = any(incident.severity == Severity.CRITICAL for incident in still)
    return Digest(
        id=f"digest:{newest.id}",
        incidents=burst.incidents,
        worst=worst(still),
        urgency=Urgency.CRITICAL if critical else Urgency.NORMAL,
        sound=critical and sounds(Topic.OPENED, Severity.CRITICAL, state.rules),
    )


def _threads(
    memory: Memory, groups: _Groups, now: datetime
) -> dict[IncidentId, Thread]:
    """Note in every thread what is shown of it."""
    threads = dict(memory.threads)
    for tell in (*groups.alone, *groups.together):
        thread = threads[tell.incident.id]
        threads[tell.incident.id] = replace(
            thread, notified_at=thread.notified_at or now, withdraw_at=None
        )
    for group, on_screen, until in (
        (groups.alone, True, None),
        (groups.updates, True, now + BRIEFLY),
        (groups.dropped, False, None),
    ):
        for tell in group:
            id_ = tell.incident.id
            threads[id_] = replace(threads[id_], on_screen=on_screen, withdraw_at=until)
    return threads

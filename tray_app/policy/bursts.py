"""A few notifications are told one by one; a flood becomes one digest."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from incidents.models import IncidentId, Severity
from tray_app.model.memory import Burst, Grouped, Memory, Thread
from tray_app.model.news import News
from tray_app.model.state import TrayState
from tray_app.model.view import Notification
from tray_app.present import notifications
from tray_app.present.phrases import clean

MOMENT = timedelta(seconds=10)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Something that is to be told, if it is not too much at once."""

    news: News
    notification: Notification
    severity: str
    own: bool
    """It came to me: told even in a burst, within bounds."""
    fresh: bool
    """It opened, rather than changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """What is told in which way."""

    memory: Memory
    tell: tuple[Notification, ...] = ()
    """The worst first; a digest last."""
    withdraw: tuple[str, ...] = ()
    digested: frozenset[str] = frozenset()
    """Stable ids that went into the digest, or are taken back instead of updated."""


def grouped(
    memory: Memory,
    told: Collection[Candidate],
    updates: Collection[Candidate],
    state: TrayState,
    now: datetime,
) -> Grouping:
    """Choose between one notification each and a digest."""
    burst = memory.burst
    if burst is not None and now - burst.last_at >= MINUTE:
        burst, memory = None, replace(memory, burst=None)
    if not told and not updates:
        return Grouping(memory=memory)
    flood = _is_flood(memory, len(told), state, now)
    eased = [] if flood or len(updates) > state.rules.burst else list(updates)
    dropped = [] if eased else list(updates)
    alone = sorted(told, key=_worst_first)
    together: list[Candidate] = []
    if flood:
        burst = burst or Burst(last_at=now)
        alone, together = _parted(alone, state.rules.own_in_burst - burst.own)
        burst = _gathered(burst, together, len(alone), now)
    tell = [one.notification for one in (*alone, *eased)]
    if together and burst is not None:
        tell.append(notifications.digest(burst, _last(together), state))
    return Grouping(
        memory=replace(
            memory,
            burst=burst,
            threads=_threads(memory, alone, together, eased, dropped, now),
            notified_at=(*memory.notified_at, *(now for _ in told))[-_kept(state) :],
        ),
        tell=tuple(tell),
        withdraw=tuple(one.notification.key for one in dropped),
        digested=frozenset(one.news.told for one in (*together, *dropped)),
    )


def _kept(state: TrayState) -> int:
    """Return how many times are enough to tell a flood."""
    return max(state.rules.burst, state.rules.burst_a_minute) + 1


def _is_flood(memory: Memory, more: int, state: TrayState, now: datetime) -> bool:
    if not more:
        return False
    moment = sum(now - at < MOMENT for at in memory.notified_at)
    minute = sum(now - at < MINUTE for at in memory.notified_at)
    rules = state.rules
    return moment + more > rules.burst or minute + more > rules.burst_a_minute


def _parted(
    candidates: list[Candidate], room: int
) -> tuple[list[Candidate], list[Candidate]]:
    """Part off the few that are told beside the digest."""
    own = [one for one in candidates if one.own or one.severity == Severity.CRITICAL]
    own = own[: max(room, 0)]
    beside = {one.news.told for one in own}
    return own, [one for one in candidates if one.news.told not in beside]


def _gathered(
    burst: Burst, together: list[Candidate], alone: int, now: datetime
) -> Burst:
    incidents = dict(burst.incidents)
    for one in together:
        incident = one.news.incident
        before = incidents.get(incident.id)
        incidents[incident.id] = Grouped(
            name=clean(
                incident.label("alert_name") or incident.name or incident.id, 80
            ),
            severity=incident.severity,
            fresh=one.fresh or (before is not None and before.fresh),
        )
    return Burst(last_at=now, own=burst.own + alone, incidents=incidents)


def _last(together: list[Candidate]) -> str:
    newest = max(together, key=lambda one: (one.news.change.observed_at, one.news.seq))
    return newest.news.told


def _threads(  # noqa: PLR0913, PLR0917  # four ways in which one is told, or not
    memory: Memory,
    alone: list[Candidate],
    together: list[Candidate],
    eased: list[Candidate],
    dropped: list[Candidate],
    now: datetime,
) -> dict[IncidentId, Thread]:
    """Note in every thread what is told of it."""
    threads = dict(memory.threads)
    for one in (*alone, *together):
        thread = threads[one.news.incident.id]
        threads[one.news.incident.id] = replace(
            thread, told_at=thread.told_at or now, withdraw_at=None
        )
    for group, on_screen, until in (
        (alone, True, None),
        (eased, True, now + timedelta(seconds=notifications.BRIEFLY)),
        (dropped, False, None),
    ):
        for one in group:
            id_ = one.news.incident.id
            threads[id_] = replace(threads[id_], on_screen=on_screen, withdraw_at=until)
    return threads


def _worst_first(one: Candidate) -> tuple[int, datetime, str]:
    return notifications.severity_first(one.news.incident)

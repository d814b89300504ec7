"""What comes due by itself: reminders, ended snoozes, forgotten acknowledgements."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from incidents.models import Incident, IncidentId, Severity
from tray_app.model.memory import Memory, Thread
from tray_app.model.quiet import rest_at
from tray_app.model.rules import Ownership, Rules, Topic, reaches
from tray_app.model.state import ProblemKind, TrayState
from tray_app.model.view import Notification
from tray_app.present import notifications, texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What has come due."""

    memory: Memory
    tell: tuple[Notification, ...] = ()
    withdraw: tuple[str, ...] = ()


def reminded(
    memory: Memory,
    view: Mapping[IncidentId, Incident],
    state: TrayState,
    now: datetime,
    *,
    skip: Collection[IncidentId],
) -> Due:
    """
    Find what is due at *now*; those in *skip* are being told anyway.

    While we do not know how things stand, nobody is reminded: it may be handled.
    """
    withdraw, threads = [], {}
    for id_, thread in memory.threads.items():
        if thread.withdraw_at is None or now < thread.withdraw_at:
            continue
        if state.trouble(ProblemKind.NO_NOTIFICATIONS) is not None:
            # It waits to be shown; what is said in passing still takes its time then.
            end = now + timedelta(seconds=notifications.BRIEFLY)
            threads[id_] = replace(thread, withdraw_at=end)
        else:
            withdraw.append(notifications.key_of(id_))
            threads[id_] = replace(thread, on_screen=False, withdraw_at=None)
    tell: list[Notification] = []
    if not state.freshness.stale(now):
        for id_ in sorted((memory.threads.keys() & view.keys()) - set(skip)):
            thread = threads.get(id_, memory.threads[id_])
            found = _due(view[id_], thread, state, now)
            if found is not None:
                threads[id_], notification = found
                tell.append(notification)
    if not threads:
        return Due(memory=memory)
    if len(tell) > state.rules.burst:
        tell = [_together(tell, view, state)]
    memory = replace(memory, threads={**memory.threads, **threads})
    return Due(memory=memory, tell=tuple(tell), withdraw=tuple(withdraw))


def _due(
    one: Incident, thread: Thread, state: TrayState, now: datetime
) -> tuple[Thread, Notification] | None:
    if one.muted or state.snoozes.until(one.id, now) is not None:
        return None
    rest = rest_at(state, now)
    hushed = rest is not None and not reaches(one.severity, rest.bypass)
    if hushed or state.whose(one) is Ownership.OTHERS:
        return None
    if one.needs_attention:
        return _awake(one, thread, state, now) or _unacknowledged(
            one, thread, state, now
        )
    return _forgotten(one, thread, state, now)


def _awake(
    one: Incident, thread: Thread, state: TrayState, now: datetime
) -> tuple[Thread, Notification] | None:
    """Speak up when the incident's own snooze has ended."""
    end = state.snoozes.incidents.get(one.id)
    if end is None:
        return None
    told = f"awake:{one.id}:{end.isoformat()}"
    thread = replace(
        thread,
        told_at=thread.told_at or now,
        reminded=_passed(thread, state.rules, now),
        on_screen=True,
    )
    return thread, notifications.reminder(one, texts.awake(one), told, state)


def _unacknowledged(
    one: Incident, thread: Thread, state: TrayState, now: datetime
) -> tuple[Thread, Notification] | None:
    rules, since = state.rules, thread.told_at
    if since is None or Topic.REMINDER not in rules.notify:
        return None
    if one.snoozed_at(now):
        # In Coralogix; what is due by its end is said then, once.
        return None
    if one.severity != Severity.CRITICAL or thread.flapping:
        return None
    passed = _passed(thread, rules, now)
    if passed <= thread.reminded:
        return None
    told = f"reminder:{one.id}:{since.isoformat()}:{passed}"
    text = texts.reminder(one, one.opened_at, now)
    thread = replace(thread, reminded=passed, on_screen=True, withdraw_at=None)
    return thread, notifications.reminder(one, text, told, state)


def _passed(thread: Thread, rules: Rules, now: datetime) -> int:
    """Count the reminders whose time has come; a sleep passes over several."""
    if thread.told_at is None:
        return 0
    return sum(now - thread.told_at >= after for after in rules.remind_after)


def _forgotten(
    one: Incident, thread: Thread, state: TrayState, now: datetime
) -> tuple[Thread, Notification] | None:
    since = thread.acknowledged_at
    if since is None or Topic.FORGOTTEN not in state.rules.notify:
        return None
    if now - (thread.nudged_at or since) < state.rules.forgotten_after:
        return None
    told = f"forgotten:{one.id}:{now.isoformat()}"
    text = texts.forgotten(one, since, now)
    thread = replace(thread, nudged_at=now, on_screen=True, withdraw_at=None)
    return thread, notifications.forgotten(one, text, told, state)


def _together(
    tell: Collection[Notification],
    view: Mapping[IncidentId, Incident],
    state: TrayState,
) -> Notification:
    """Say many reminders in one."""
    keys = {one.key for one in tell}
    due = [one for one in view.values() if notifications.key_of(one.id) in keys]
    told = max(one.told for one in tell)
    return notifications.reminders(due, f"reminders:{told}", state)

"""What comes due by itself: reminders, ended snoozes, forgotten acknowledgements."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from incidents.models import Incident, IncidentId, Severity
from tray_app.model.memory import Memory, Thread
from tray_app.model.quiet import quiet_period
from tray_app.model.rules import Ownership, Rules, Topic, reaches
from tray_app.model.state import ProblemKind, TrayState
from tray_app.model.view import Urgency
from tray_app.policy.decisions import Announcement, Reminder, ReminderDigest
from tray_app.policy.decisions import ReminderKind as Kind
from tray_app.policy.loudness import BRIEFLY, sounds, urgency_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What has come due."""

    memory: Memory
    tell: tuple[Announcement, ...] = ()
    withdraw: tuple[IncidentId, ...] = ()


def due(
    memory: Memory,
    view: Mapping[IncidentId, Incident],
    state: TrayState,
    now: datetime,
    *,
    skip: Collection[IncidentId],
) -> Due:
    """
    Return what is due at *now*; incidents in *skip* are notified of anyway.

    Nobody is reminded while the data is stale: the incident may be handled.
    """
    withdraw, threads = _withdrawals(memory, state, now)
    reminders: list[Reminder] = []
    if not state.freshness.stale(now):
        for id_ in sorted((memory.threads.keys() & view.keys()) - set(skip)):
            if not state.is_current(id_):
                continue
            thread = threads.get(id_, memory.threads[id_])
            reminder = _due(view[id_], thread, state, now)
            if reminder is not None:
                threads[id_] = _reminded(thread, reminder, state.rules, now)
                reminders.append(reminder)
    if not threads:
        return Due(memory=memory)
    tell: list[Announcement] = [*reminders]
    if len(reminders) > state.rules.burst:
        tell = [_together(reminders, view, state)]
    memory = replace(memory, threads={**memory.threads, **threads})
    return Due(memory=memory, tell=tuple(tell), withdraw=tuple(withdraw))


def _withdrawals(
    memory: Memory, state: TrayState, now: datetime
) -> tuple[list[IncidentId], dict[IncidentId, Thread]]:
    """Return the incidents whose notification has been shown for long enough."""
    withdraw: list[IncidentId] = []
    threads: dict[IncidentId, Thread] = {}
    for id_, thread in memory.threads.items():
        if thread.withdraw_at is None or now < thread.withdraw_at:
            continue
        if state.problem(ProblemKind.NO_NOTIFICATIONS) is not None:
            # It is not on the screen yet; its time begins once it is.
            threads[id_] = replace(thread, withdraw_at=now + BRIEFLY)
        else:
            withdraw.append(id_)
            threads[id_] = replace(thread, on_screen=False, withdraw_at=None)
    return withdraw, threads


def _due(
    incident: Incident, thread: Thread, state: TrayState, now: datetime
) -> Reminder | None:
    if incident.muted or state.snoozes.until(incident.id, now) is not None:
        return None
    quiet = quiet_period(state, now)
    if quiet is not None and not reaches(incident.severity, quiet.bypass):
        return None
    if state.ownership(incident) is Ownership.OTHERS:
        return None
    if incident.needs_attention:
        return _snooze_over(incident, state) or _unacknowledged(
            incident, thread, state, now
        )
    return _forgotten(incident, thread, state, now)


def _reminded(
    thread: Thread, reminder: Reminder, rules: Rules, now: datetime
) -> Thread:
    """Note *reminder* in the incident's thread."""
    match reminder.kind:
        case Kind.SNOOZE_OVER:
            return replace(
                thread,
                notified_at=thread.notified_at or now,
                reminded=_passed(thread, rules, now),
                on_screen=True,
            )
        case Kind.UNACKNOWLEDGED:
            passed = _passed(thread, rules, now)
            return replace(thread, reminded=passed, on_screen=True, withdraw_at=None)
        case Kind.FORGOTTEN:
            return replace(thread, nudged_at=now, on_screen=True, withdraw_at=None)


def _snooze_over(incident: Incident, state: TrayState) -> Reminder | None:
    """Return a reminder if the incident's own snooze has ended."""
    end = state.snoozes.incidents.get(incident.id)
    if end is None:
        return None
    return _reminder(Kind.SNOOZE_OVER, incident, end.isoformat(), end, state)


def _unacknowledged(
    incident: Incident, thread: Thread, state: TrayState, now: datetime
) -> Reminder | None:
    rules, since = state.rules, thread.notified_at
    if since is None or Topic.REMINDER not in rules.notify:
        return None
    if incident.snoozed_at(now):
        # In Coralogix; what is due by the end of that snooze is said then, once.
        return None
    if incident.severity != Severity.CRITICAL or thread.flapping:
        return None
    passed = _passed(thread, rules, now)
    if passed <= thread.reminded:
        return None
    id_ = f"{since.isoformat()}:{passed}"
    return _reminder(Kind.UNACKNOWLEDGED, incident, id_, incident.opened_at, state)


def _passed(thread: Thread, rules: Rules, now: datetime) -> int:
    """Count the reminders whose time has come; a sleep passes over several."""
    if thread.notified_at is None:
        return 0
    return sum(now - thread.notified_at >= after for after in rules.remind_after)


def _forgotten(
    incident: Incident, thread: Thread, state: TrayState, now: datetime
) -> Reminder | None:
    since = thread.acknowledged_at
    if since is None or Topic.FORGOTTEN not in state.rules.notify:
        return None
    if now - (thread.nudged_at or since) < state.rules.forgotten_after:
        return None
    return Reminder(
        id=f"{Kind.FORGOTTEN}:{incident.id}:{now.isoformat()}",
        kind=Kind.FORGOTTEN,
        incident=incident,
        since=since,
        urgency=Urgency.NORMAL,
        sound=False,
    )


def _reminder(
    kind: Kind, incident: Incident, id_: str, since: datetime, state: TrayState
) -> Reminder:
    return Reminder(
        id=f"{kind}:{incident.id}:{id_}",
        kind=kind,
        incident=incident,
        since=since,
        urgency=urgency_of(Topic.REMINDER, incident.severity),
        sound=sounds(Topic.REMINDER, incident.severity, state.rules),
    )


def _together(
    reminders: list[Reminder],
    view: Mapping[IncidentId, Incident],
    state: TrayState,
) -> ReminderDigest:
    """Put many reminders into one."""
    ids = {reminder.incident.id for reminder in reminders}
    return ReminderDigest(
        id=f"reminders:{max(reminder.id for reminder in reminders)}",
        incidents=tuple(incident for id_, incident in view.items() if id_ in ids),
        urgency=Urgency.CRITICAL,
        sound=sounds(Topic.REMINDER, Severity.CRITICAL, state.rules),
    )

"""Whether to notify of one change: the first gate that applies decides."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from incidents.models import Status
from tray_app.model.memory import Thread
from tray_app.model.news import Meaning, News, concerns_me
from tray_app.model.output import Disposition
from tray_app.model.quiet import QuietPeriod
from tray_app.model.rules import Ownership, Topic, reaches
from tray_app.model.state import TrayState
from tray_app.policy.reasons import Amendment, Reason, Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingChange:
    """One change, with everything that decides what becomes of it."""

    news: News
    meaning: Meaning
    thread: Thread
    state: TrayState
    quiet: QuietPeriod | None
    away: bool
    now: datetime

    @property
    def topic(self) -> Topic:
        return self.meaning.topic

    @property
    def severity(self) -> str:
        return self.news.incident.severity

    @property
    def comes_to_me(self) -> bool:
        """Whether it has just been assigned to me."""
        return self.news.change.joined


@dataclass(frozen=True, slots=True)
class Ruling:
    """What becomes of a change, and the rule that decided it."""

    outcome: Disposition
    reason: Reason


Gate: TypeAlias = Callable[[PendingChange], Ruling | None]
_EASINGS = (Topic.RESOLVED, Topic.ACKNOWLEDGED, Topic.LOWERED, Topic.MUTED)


def judge(case: PendingChange) -> Ruling:
    """Return the ruling of the first gate that applies."""
    for gate in _GATES:
        if (ruling := gate(case)) is not None:
            return ruling
    reason = Reason(rule=Rule.NOTIFY_IS_ON, topic=case.topic, severity=case.severity)
    return Ruling(Disposition.NOTIFIED, reason)


def _ruling(case: PendingChange, outcome: Disposition, rule: Rule) -> Ruling:
    return Ruling(outcome, Reason(rule=rule, topic=case.topic))


def _own_feed(case: PendingChange) -> Ruling | None:
    if case.news.personal or not concerns_me(case.news, case.state.me):
        return None
    return _ruling(case, Disposition.SILENT, Rule.OWN_FEED)


def _own_action(case: PendingChange) -> Ruling | None:
    if not case.meaning.mine:
        return None
    return _ruling(case, Disposition.WITHDRAWN, Rule.OWN_ACTION)


def _history_only(case: PendingChange) -> Ruling | None:
    match case.topic:
        case Topic.VANISHED:
            outcome = Disposition.WITHDRAWN
        case Topic.EDITED:
            outcome = Disposition.SILENT
        case Topic.SNOOZED:
            lasts = case.news.incident.snoozed_at(case.now)
            outcome = Disposition.WITHDRAWN if lasts else Disposition.SILENT
        case _:
            return None
    return _ruling(case, outcome, Rule.HISTORY_ONLY)


def _muted(case: PendingChange) -> Ruling | None:
    if not case.news.incident.muted or case.topic in (*_EASINGS, Topic.UNASSIGNED):
        return None
    return _ruling(case, Disposition.WITHDRAWN, Rule.MUTED_IN_CORALOGIX)


def _easing(case: PendingChange) -> Ruling | None:
    """Say an end, or a change for the better, where the beginning is on the screen."""
    topic, thread = case.topic, case.thread
    if topic not in _EASINGS:
        return None
    wanted = topic in case.state.rules.notify
    ruling = _ruling(case, Disposition.UPDATED, Rule.EASING)
    if topic is Topic.LOWERED:
        if thread.on_screen or wanted:
            return _unless_quiet(case, ruling)
        return _ruling(case, Disposition.SILENT, Rule.SWITCHED_OFF)
    if topic is Topic.MUTED:
        notify = wanted and thread.on_screen
    elif topic is Topic.RESOLVED:
        mine = case.meaning.ownership is Ownership.MINE
        notify = wanted and thread.notified_at is not None and mine
    else:
        others = case.meaning.ownership is Ownership.OTHERS
        notify = wanted and thread.on_screen and not others
    if notify and not thread.flapping:
        return _unless_quiet(case, ruling)
    return replace(ruling, outcome=Disposition.WITHDRAWN)


def _unless_quiet(case: PendingChange, ruling: Ruling) -> Ruling:
    if not case.away and case.quiet is None:
        return ruling
    reason = replace(ruling.reason, amendment=Amendment.QUIET)
    return Ruling(Disposition.WITHDRAWN, reason)


def _acknowledged(case: PendingChange) -> Ruling | None:
    settled = case.news.incident.status == Status.ACKNOWLEDGED
    if not settled or case.comes_to_me or case.topic is Topic.UNASSIGNED:
        return None
    return _ruling(case, Disposition.SILENT, Rule.ACKNOWLEDGED)


def _switched_off(case: PendingChange) -> Ruling | None:
    if case.topic in case.state.rules.notify or case.comes_to_me:
        return None
    return _ruling(case, Disposition.SILENT, Rule.SWITCHED_OFF)


def _too_low(case: PendingChange) -> Ruling | None:
    threshold = case.state.rules.notify_from
    if case.comes_to_me or case.topic is Topic.UNASSIGNED:
        return None
    if reaches(case.severity, threshold):
        return None
    rule = Rule.BELOW_NOTIFY_FROM
    reason = Reason(rule=rule, topic=case.topic, threshold=threshold)
    return Ruling(Disposition.SILENT, reason)


def _others(case: PendingChange) -> Ruling | None:
    threshold = case.state.rules.notify_others_from
    if case.meaning.ownership is not Ownership.OTHERS or case.topic is Topic.UNASSIGNED:
        return None
    if reaches(case.severity, threshold):
        return None
    reason = Reason(rule=Rule.OTHERS, topic=case.topic, threshold=threshold)
    return Ruling(Disposition.SILENT, reason)


def _snoozed(case: PendingChange) -> Ruling | None:
    until = case.state.snoozes.until(case.news.incident.id, case.now)
    if until is None:
        return None
    reason = Reason(rule=Rule.SNOOZED_INCIDENT, topic=case.topic, until=until)
    return Ruling(Disposition.WITHDRAWN, reason)


def _quiet(case: PendingChange) -> Ruling | None:
    quiet = case.quiet
    if quiet is None or reaches(case.severity, quiet.bypass):
        return None
    reason = Reason(
        rule=Rule.QUIET_PERIOD,
        topic=case.topic,
        until=quiet.until,
        quiet=quiet.reason,
    )
    return Ruling(Disposition.DEFERRED, reason)


def _away(case: PendingChange) -> Ruling | None:
    if not case.away:
        return None
    return _ruling(case, Disposition.DEFERRED, Rule.AWAY)


_GATES: tuple[Gate, ...] = (
    _own_feed,
    _own_action,
    _history_only,
    _muted,
    _easing,
    _acknowledged,
    _switched_off,
    _too_low,
    _others,
    _snoozed,
    _quiet,
    _away,
)

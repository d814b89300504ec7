"""Whether one change is told: rules in their order, the first that speaks decides."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from incidents.models import Status
from tray_app.model.memory import Thread
from tray_app.model.news import Meaning, News, concerns_me
from tray_app.model.quiet import QuietPeriod
from tray_app.model.rules import Ownership, Topic, reaches
from tray_app.model.state import TrayState
from tray_app.present.phrases import clock


class Disposition(StrEnum):
    """What became of a change."""

    TOLD = "told"
    UPDATED = "updated"
    """Said in the notification that is on the screen, quietly."""
    WITHDRAWN = "withdrawn"
    """What was on the screen about it is taken back."""
    DIGEST = "digest"
    HELD = "held"
    """Kept for the summary at the end of a rest or an absence."""
    SILENT = "history only"


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingChange:
    """One change, with everything that decides about it."""

    news: News
    meaning: Meaning
    thread: Thread
    state: TrayState
    rest: QuietPeriod | None
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
    """What is done, and the rule that decided it, for a person."""

    outcome: Disposition
    rule: str


Gate: TypeAlias = Callable[[PendingChange], Ruling | None]
ELSEWHERE = "your own feed tells what concerns you"
_QUIET_TOPICS = (Topic.RESOLVED, Topic.ACKNOWLEDGED, Topic.LOWERED, Topic.MUTED)


def judge(case: PendingChange) -> Ruling:
    """Return the ruling of the first gate that speaks."""
    for gate in _GATES:
        if (ruling := gate(case)) is not None:
            return ruling
    return Ruling(Disposition.TOLD, f"{case.topic}: notify is on, {case.severity}")


def _told_elsewhere(case: PendingChange) -> Ruling | None:
    if case.news.personal or not concerns_me(case.news, case.state.me):
        return None
    return Ruling(Disposition.SILENT, ELSEWHERE)


def _own(case: PendingChange) -> Ruling | None:
    if not case.meaning.mine:
        return None
    return Ruling(Disposition.WITHDRAWN, "you did it yourself")


def _never(case: PendingChange) -> Ruling | None:
    if case.topic is Topic.VANISHED:
        return Ruling(Disposition.WITHDRAWN, "vanished: history only")
    if case.topic is Topic.EDITED:
        return Ruling(Disposition.SILENT, "edited: history only")
    if case.topic is Topic.SNOOZED:
        lasts = case.news.incident.snoozed_at(case.now)
        outcome = Disposition.WITHDRAWN if lasts else Disposition.SILENT
        return Ruling(outcome, "snoozed in Coralogix: history only")
    return None


def _muted(case: PendingChange) -> Ruling | None:
    if not case.news.incident.muted or case.topic in (*_QUIET_TOPICS, Topic.UNASSIGNED):
        return None
    return Ruling(Disposition.WITHDRAWN, "it is muted in Coralogix")


def _handled(case: PendingChange) -> Ruling | None:
    """Endings and easings are said where the beginning stands, or not at all."""
    topic, thread, rules = case.topic, case.thread, case.state.rules
    if topic not in _QUIET_TOPICS:
        return None
    rule, wanted = str(topic), topic in rules.notify
    if topic is Topic.LOWERED:
        if thread.on_screen or wanted:
            return _quietly(case, "lowered: updates what is on the screen")
        return Ruling(Disposition.SILENT, "lowered: notify is off")
    if topic is Topic.MUTED:
        told = wanted and thread.on_screen
    elif topic is Topic.RESOLVED:
        told = wanted and thread.told_at is not None and _mine(case)
        rule = "resolved: told if it was yours and told before"
    else:
        told = (
            wanted and thread.on_screen and case.meaning.whose is not Ownership.OTHERS
        )
        rule = "acknowledged: told where its notification still stands"
    if told and not thread.flapping:
        return _quietly(case, rule)
    return Ruling(Disposition.WITHDRAWN, rule)


def _quietly(case: PendingChange, rule: str) -> Ruling:
    if case.away or case.rest is not None:
        return Ruling(Disposition.WITHDRAWN, f"{rule}; nothing is said now")
    return Ruling(Disposition.UPDATED, rule)


def _mine(case: PendingChange) -> bool:
    return case.meaning.whose is Ownership.MINE


def _already(case: PendingChange) -> Ruling | None:
    settled = case.news.incident.status == Status.ACKNOWLEDGED
    if not settled or case.comes_to_me or case.topic is Topic.UNASSIGNED:
        return None
    return Ruling(Disposition.SILENT, f"{case.topic}, but already acknowledged")


def _switched_off(case: PendingChange) -> Ruling | None:
    if case.topic in case.state.rules.notify or case.comes_to_me:
        return None
    return Ruling(Disposition.SILENT, f"{case.topic}: notify is off")


def _too_low(case: PendingChange) -> Ruling | None:
    rules = case.state.rules
    if case.comes_to_me or case.topic is Topic.UNASSIGNED:
        return None
    if reaches(case.severity, rules.notify_from):
        return None
    return Ruling(Disposition.SILENT, f"notify_from is {rules.notify_from}")


def _others(case: PendingChange) -> Ruling | None:
    threshold = case.state.rules.notify_others_from
    if case.meaning.whose is not Ownership.OTHERS or case.topic is Topic.UNASSIGNED:
        return None
    if reaches(case.severity, threshold):
        return None
    return Ruling(
        Disposition.SILENT,
        f"somebody else's: notify_others_from is {threshold or 'never'}",
    )


def _snoozed(case: PendingChange) -> Ruling | None:
    until = case.state.snoozes.until(case.news.incident.id, case.now)
    if until is None:
        return None
    return Ruling(
        Disposition.WITHDRAWN, f"you snoozed it until {clock(until, case.now)}"
    )


def _resting(case: PendingChange) -> Ruling | None:
    rest = case.rest
    if rest is None or reaches(case.severity, rest.bypass):
        return None
    what = "snoozed" if rest.why == "snoozed" else "quiet hours"
    return Ruling(Disposition.HELD, f"{what} until {clock(rest.until, case.now)}")


def _away(case: PendingChange) -> Ruling | None:
    if not case.away:
        return None
    return Ruling(Disposition.HELD, "it happened while nothing was being watched")


_GATES: tuple[Gate, ...] = (
    _told_elsewhere,
    _own,
    _never,
    _muted,
    _handled,
    _already,
    _switched_off,
    _too_low,
    _others,
    _snoozed,
    _resting,
    _away,
)

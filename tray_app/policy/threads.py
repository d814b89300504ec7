"""An incident's thread: when it opened, when it ended, whether it flaps."""

from dataclasses import replace
from datetime import timedelta

from incidents.changes import Kind
from tray_app.model.memory import Thread
from tray_app.model.news import News
from tray_app.model.output import Disposition
from tray_app.model.rules import Rules
from tray_app.policy.gates import Ruling
from tray_app.policy.reasons import Reason, Rule

REOPENS = frozenset({Kind.OPENED, Kind.REOPENED})
OPENINGS = 20
"""How many openings of the last day a thread remembers."""


def noted(news: News, thread: Thread | None) -> Thread:
    """Return *thread* with the opening or ending that *news* brings."""
    at, kinds = news.change.observed_at, news.change.kinds
    thread = replace(thread or Thread(touched_at=at), touched_at=at)
    if not news.incident.is_open or Kind.VANISHED in kinds:
        return replace(thread, resolved_at=at)
    if REOPENS & kinds and (not thread.openings or thread.openings[-1] < at):
        span = timedelta(days=1)
        openings = (*(o for o in thread.openings if at - o < span), at)
        return Thread(
            touched_at=at,
            on_screen=thread.on_screen,
            openings=openings[-OPENINGS:],
            flapping=thread.flapping,
            resolved_at=thread.resolved_at,
        )
    if Kind.UNACKNOWLEDGED in kinds:
        return replace(thread, acknowledged_at=None, notified_at=None, reminded=0)
    return thread


def flapping(thread: Thread, ruling: Ruling, rules: Rules) -> tuple[Thread, Ruling]:
    """Notify once of an incident that opens again and again, until it settles."""
    last = thread.openings[-1] if thread.openings else None
    close = [o for o in thread.openings if last and last - o < rules.flapping_span]
    enough, settled = len(close) >= rules.flapping, len(close) <= 1
    if thread.flapping and (enough or not settled):
        reason = Reason(rule=Rule.STILL_FLAPPING, topic=ruling.reason.topic)
        return thread, Ruling(Disposition.SILENT, reason)
    if not enough:
        return replace(thread, flapping=False), ruling
    reason = Reason(
        rule=Rule.FLAPPING,
        topic=ruling.reason.topic,
        openings=len(close),
        span=rules.flapping_span,
    )
    return replace(thread, flapping=True), Ruling(Disposition.NOTIFIED, reason)

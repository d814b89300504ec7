"""Put a decision into words: notifications, and the lines of the history."""

from datetime import datetime

from tray_app.model.output import ChangeLine, Output
from tray_app.model.state import Recent, TrayState
from tray_app.model.view import incident_key
from tray_app.policy.decisions import Decision, Verdict
from tray_app.policy.reasons import Rule
from tray_app.present import notifications, reasons, texts


def worded(decision: Decision, state: TrayState, now: datetime) -> Output:
    """Return *decision* in words, with times in the time zone of *now*."""
    lines = tuple(_line(verdict, now) for verdict in decision.verdicts)
    return Output(
        memory=decision.memory,
        tell=tuple(notifications.build(one, state, now) for one in decision.tell),
        withdraw=tuple(map(incident_key, decision.withdraw)),
        changes=lines,
        recent=tuple(
            Recent(at=line.at, id=line.id, text=line.text)
            for line, verdict in zip(
                reversed(lines), reversed(decision.verdicts), strict=True
            )
            if verdict.reason.rule is not Rule.OWN_FEED
        ),
    )


def _line(verdict: Verdict, now: datetime) -> ChangeLine:
    news = verdict.news
    return ChangeLine(
        feed=news.feed,
        seq=news.seq,
        id=news.incident.id,
        at=news.change.observed_at,
        kinds=tuple(sorted(news.change.kinds)),
        text=texts.history(news.change, verdict.meaning, now),
        outcome=verdict.outcome,
        rule=reasons.sentence(verdict.reason, now),
    )

"""The sentence of a rule that decided about a change, for `explain` and `history`."""

from datetime import datetime

from tray_app.model.memory import QuietReason
from tray_app.model.rules import Topic
from tray_app.policy.reasons import Amendment, Reason, Rule
from tray_app.present.phrases import clock, lasted

OWN_FEED = "your own feed tells what concerns you"
"""Stored in every ledger; `history` leaves these changes out."""
_EASINGS = {
    Topic.LOWERED: "lowered: updates what is on the screen",
    Topic.RESOLVED: "resolved: told if it was yours and told before",
    Topic.ACKNOWLEDGED: "acknowledged: told where its notification still stands",
}
_AMENDMENTS = {
    Amendment.QUIET: "nothing is said now",
    Amendment.OVERTAKEN: "overtaken before it was told",
    Amendment.CLEARED: "burst: taken back instead",
    Amendment.DIGEST: "burst: told in the digest",
}


def sentence(reason: Reason, now: datetime) -> str:
    """Say which rule decided, with times in the time zone of *now*."""
    rule = _rule(reason, now)
    if reason.amendment is None:
        return rule
    return f"{rule}; {_AMENDMENTS[reason.amendment]}"


def _rule(reason: Reason, now: datetime) -> str:  # noqa: C901, PLR0911, PLR0912  # a row each
    topic = reason.topic
    match reason.rule:
        case Rule.NOTIFY_IS_ON:
            return f"{topic}: notify is on, {reason.severity}"
        case Rule.OWN_FEED:
            return OWN_FEED
        case Rule.OWN_ACTION:
            return "you did it yourself"
        case Rule.HISTORY_ONLY:
            where = " in Coralogix" if topic is Topic.SNOOZED else ""
            return f"{topic}{where}: history only"
        case Rule.MUTED_IN_CORALOGIX:
            return "it is muted in Coralogix"
        case Rule.EASING:
            return _EASINGS.get(topic, str(topic))
        case Rule.ACKNOWLEDGED:
            return f"{topic}, but already acknowledged"
        case Rule.SWITCHED_OFF:
            return f"{topic}: notify is off"
        case Rule.BELOW_NOTIFY_FROM:
            return f"notify_from is {reason.threshold}"
        case Rule.OTHERS:
            threshold = reason.threshold or "never"
            return f"somebody else's: notify_others_from is {threshold}"
        case Rule.SNOOZED_INCIDENT:
            return f"you snoozed it until {_until(reason, now)}"
        case Rule.QUIET_PERIOD:
            snoozed = reason.quiet is QuietReason.SNOOZED
            what = "snoozed" if snoozed else "quiet hours"
            return f"{what} until {_until(reason, now)}"
        case Rule.AWAY:
            return "it happened while nothing was being watched"
        case Rule.STILL_FLAPPING:
            return "flapping: history only"
        case Rule.FLAPPING:
            times = f"{reason.openings} times in {lasted(reason.span)}"
            return f"flapping: opened {times}"


def _until(reason: Reason, now: datetime) -> str:
    return clock(reason.until, now) if reason.until else ""

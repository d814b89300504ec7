"""The icon, as data: one of eleven states, freshness before severity."""

from collections.abc import Mapping
from datetime import datetime

from incidents.models import Incident, Severity
from tray_app.model.ordering import worst
from tray_app.model.rules import Ownership
from tray_app.model.state import Pending, Problem, ProblemKind, Stage, TrayState
from tray_app.model.view import Badge, Icon
from tray_app.present.phrases import (
    DASH,
    clamp,
    clean,
    clock,
    counted,
    joined,
    lasted,
    tooltip,
)
from tray_app.present.problem_texts import KEY_PROBLEMS, NOT_WATCHING

_BADGES: Mapping[str, Badge] = {
    Severity.CRITICAL: Badge.CRITICAL,
    Severity.ERROR: Badge.ERROR,
}
_TOOLTIPS = {
    ProblemKind.SIGNED_OUT: "sign-in expired. Nothing is being watched.",
    ProblemKind.DENIED: "access denied. Nothing is being watched.",
    ProblemKind.TABLE_MISSING: "no such table. Nothing is being watched.",
    ProblemKind.FEED_MISSING: "your feed does not exist yet.",
    ProblemKind.KEYCHAIN_LOCKED: "the keychain is locked. Nothing is being watched.",
    ProblemKind.KEYCHAIN_MISSING: "there is no key. Nothing is being watched.",
    ProblemKind.KEY_REJECTED: "the key was rejected. Nothing is being watched.",
}


def icon(state: TrayState, now: datetime) -> Icon:
    """Return the icon for *state*; the first state that fits wins."""
    return _unwatched(state, now) or _watched(state, now)


def needs_attention(state: TrayState) -> list[Incident]:
    """Return what is open, mine or nobody's, and not acknowledged or muted."""
    return [
        one
        for one in state.shown()
        if one.needs_attention
        and not one.muted
        and state.ownership(one) is not Ownership.OTHERS
    ]


def failed_action(state: TrayState) -> Pending | None:
    """Return the newest action of mine that did not succeed."""
    failed = [
        one
        for one in state.pending.values()
        if one.stage in (Stage.FAILED, Stage.UNCONFIRMED)
    ]
    return max(failed, key=lambda one: one.since, default=None)


def _unwatched(state: TrayState, now: datetime) -> Icon | None:
    """Return an icon without severity, where nothing fresh is known."""
    fresh = state.freshness
    own = KEY_PROBLEMS if fresh.read_is_old(now) else ()
    for kind in (*NOT_WATCHING, *own):
        problem = state.problem(kind)
        if problem is not None and not _is_partial(problem, state):
            return _grey(Badge.SIGNED_OUT, _TOOLTIPS[kind])
    offline = state.problem(ProblemKind.OFFLINE)
    if offline is not None:
        seen = f" (showing {clock(fresh.read_at, now)})" if fresh.read_at else ""
        return _grey(Badge.OFFLINE, f"offline since {clock(offline.since, now)}{seen}")
    if unread := _unread(state):
        return _grey(Badge.STALE, unread)
    busy = state.problem(ProblemKind.BUSY)
    waited = busy is not None and now - busy.since > 3 * fresh.interval
    if fresh.read_at is None and not waited:
        return Icon(badge=Badge.STARTING, tooltip=f"Coralogix {DASH} connecting…")
    if fresh.stale(now):
        return _grey(Badge.STALE, _stale(state, now))
    return None


def _unread(state: TrayState) -> str:
    """Say why what is known cannot become fresh; empty if it can."""
    closed = state.problem(ProblemKind.FEED_CLOSED)
    if closed is not None:
        return f"nobody keeps your feed any more. {clean(closed.detail)}"
    if state.problem(ProblemKind.UNREADABLE) is not None:
        return "incidents cannot be read: open the menu"
    return ""


def _is_partial(problem: Problem, state: TrayState) -> bool:
    """Whether another feed has been read since: then something is being watched."""
    read_at = state.freshness.read_at
    missing = problem.kind is ProblemKind.FEED_MISSING
    return not missing and read_at is not None and problem.since < read_at


def _watched(state: TrayState, now: datetime) -> Icon:
    shown, need = state.shown(), needs_attention(state)
    failed, snoozed = failed_action(state), state.snoozes.all_until(now)
    resting = snoozed or state.rules.quiet_hours.until(now)
    badge, first, count = _worst(shown, need)
    text = _answer(shown, need)
    if failed is not None:
        badge = Badge.FAILED
        name = clamp(failed.name, 32)
        what = "failed" if failed.stage is Stage.FAILED else "is not confirmed"
        text = f"{str(failed.verb).capitalize()} of “{name}” {what}: open the menu"
    elif resting is not None:
        how = "Snoozed" if snoozed is not None else "Quiet"
        text = joined((f"{how} until {clock(resting, now)}", text))
        if badge is Badge.CALM:
            badge = Badge.SNOOZED
    key_missing = any(state.problem(kind) is not None for kind in KEY_PROBLEMS)
    return Icon(
        badge=badge,
        severity=first.severity if first else "",
        hollow=bool(shown) and not need,
        count=count if state.rules.count else 0,
        failed=failed is not None or key_missing,
        snoozed=resting is not None,
        tooltip=tooltip(f"Coralogix {DASH} {text}"),
    )


def _worst(
    shown: list[Incident], need: list[Incident]
) -> tuple[Badge, Incident | None, int]:
    """Return the badge by severity, the incident behind it, and how many there are."""
    incident = worst(need or shown)
    if incident is None:
        return Badge.CALM, None, 0
    if need:
        return _BADGES.get(incident.severity, Badge.WARNING), incident, len(need)
    return Badge.ACKNOWLEDGED, incident, len(shown)


def _answer(shown: list[Incident], need: list[Incident]) -> str:
    """Say in one line how things stand."""
    if not shown:
        return "nothing open"
    total = f"{len(shown)} open"
    if not need:
        settled = all(not one.needs_attention for one in shown)
        return f"{total}, all acknowledged" if settled else f"{total}, none need you"
    critical = sum(one.severity == Severity.CRITICAL for one in need)
    if critical:
        return f"{total} · {counted(critical, 'critical needs', 'critical need')} you"
    return f"{total} · {counted(len(need), 'needs', 'need')} you"


def _stale(state: TrayState, now: datetime) -> str:
    fresh = state.freshness
    if fresh.read_at is None or fresh.read_is_old(now):
        age = lasted(now - fresh.read_at) if fresh.read_at else "a while"
        return f"no fresh data for {age}"
    if fresh.watermark is None:
        return "no fresh data: no sync has completed yet"
    age = lasted(now - fresh.watermark)
    return f"no fresh data for {age} (feed stopped {clock(fresh.watermark, now)})"


def _grey(badge: Badge, text: str) -> Icon:
    return Icon(badge=badge, tooltip=tooltip(f"Coralogix {DASH} {text}"))

"""The tray's own problems: what is wrong, how it is said once, and the way out."""

from dataclasses import replace
from datetime import datetime

from incidents.errors import (
    AccessDeniedError,
    CredentialsError,
    IncidentsError,
    KeyRejectedError,
    PermissionMissingError,
    SourceFailingError,
    SourceUnavailableError,
    StoreBusyError,
    StoreMissingError,
    StoreUnavailableError,
    ThrottledError,
)
from tray_app.model.freshness import SKEW
from tray_app.model.intents import OpenCoralogix
from tray_app.model.memory import Memory
from tray_app.model.ports import DesktopError, KeychainError, KeychainLockedError
from tray_app.model.quiet import quiet_period
from tray_app.model.state import Problem, ProblemKind, TrayState
from tray_app.model.view import Button, Item, Notification, Urgency
from tray_app.present.phrases import LONGEST_LABEL, clamp, clean, clock
from tray_app.present.problem_texts import CLOSED, ROWS, ProblemText

WORST_FIRST = tuple(ROWS)


def lines(state: TrayState, now: datetime, most: int) -> tuple[Item, ...]:
    """Return the menu's lines about problems, the worst first, at most *most*."""
    return tuple(
        Item(
            label=clamp(f"⚠ {_filled(ROWS[one.kind].line, one, now)}", LONGEST_LABEL),
            intent=ROWS[one.kind].intent,
        )
        for one in _worst(state, most)
    )


def explained(state: TrayState, now: datetime, most: int) -> tuple[str, ...]:
    """Say of at most *most*, the worst first, what each is and what is to be done."""
    rows = [(one, ROWS[one.kind]) for one in _worst(state, most)]
    return tuple(
        _filled(
            f"⚠ {row.title}. {row.body}" if row.title else f"⚠ {row.line}", one, now
        )
        for one, row in rows
    )


def _worst(state: TrayState, most: int) -> list[Problem]:
    return sorted(state.problems, key=lambda one: WORST_FIRST.index(one.kind))[:most]


def line(problem: Problem) -> str:
    """Say it in one line, for a terminal: what is wrong, and what is known of it."""
    row = ROWS[problem.kind]
    detail = clean(problem.detail, 400) or row.body
    return f"{row.title or row.line}. {detail}"


def announced(
    memory: Memory, state: TrayState, now: datetime
) -> tuple[Memory, tuple[Notification, ...], tuple[str, ...]]:
    """
    Notify of each problem once while it lasts, and withdraw what is over.

    Returns the memory, what to tell, and the keys to withdraw. A snooze does not
    hide that nothing is being watched; being offline alone waits for its end.
    """
    known = dict(memory.troubles)
    tell: list[Notification] = []
    withdraw: list[str] = []
    present = {str(one.kind): one for one in state.problems}
    for kind, since in memory.troubles.items():
        if kind not in present:
            del known[kind]
            back = ROWS[ProblemKind(kind)].back
            if back:
                tell.append(_back(kind, since, back))
            else:
                withdraw.append(problem_key(kind))
    for kind, problem in present.items():
        row = ROWS[problem.kind]
        if kind in known or not row.title or now - problem.since < row.after:
            continue
        if problem.kind is ProblemKind.OFFLINE and quiet_period(state, now) is not None:
            continue
        known[kind] = problem.since
        tell.append(_notification(problem, row, state, now))
    if known == memory.troubles:
        return memory, (), ()
    return replace(memory, troubles=known), tuple(tell), tuple(withdraw)


def derived(state: TrayState, now: datetime) -> TrayState:
    """Return *state* with the problems that follow from its two ages, or without."""
    fresh = state.freshness
    mark = fresh.watermark
    state = _skewed(state, now)
    reading = fresh.read_at is not None and not fresh.read_is_old(now)
    if reading and mark is not None and fresh.feed_has_stopped(now):
        return state.with_problem(Problem(kind=ProblemKind.FEED_STOPPED, since=mark))
    if not reading and state.problem(ProblemKind.FEED_STOPPED) is not None:
        return state  # we cannot tell whether it goes on
    return state.without_problem(ProblemKind.FEED_STOPPED)


def closed(state: TrayState, now: datetime) -> TrayState:
    """Return *state* with the problem that nobody writes a feed of it, or without."""
    if not state.closed:
        return state.without_problem(ProblemKind.FEED_CLOSED)
    detail = " ".join(
        CLOSED[reason].replace("{feed}", feed) for feed, reason in state.closed.items()
    )
    problem = Problem(kind=ProblemKind.FEED_CLOSED, since=now, detail=detail)
    return state.with_problem(problem)


def _skewed(state: TrayState, now: datetime) -> TrayState:
    """
    Return *state* with a clock that is wrong, or without.

    A watermark from the future shows a clock that is behind; one that moves and is
    old all the same shows a clock that is ahead.
    """
    fresh = state.freshness
    mark = fresh.watermark
    there = now - fresh.ahead if fresh.ahead else mark
    if there is None or not (fresh.ahead or there - now > SKEW):
        return state.without_problem(ProblemKind.CLOCK_SKEW)
    if state.problem(ProblemKind.CLOCK_SKEW) is not None:
        return state
    detail = f"It is {clock(now, now)} here, and {clock(there, now)} at the sync."
    skew = Problem(kind=ProblemKind.CLOCK_SKEW, since=now, detail=detail)
    return state.with_problem(skew)


def kind_of(error: Exception) -> ProblemKind:
    """Sort a failed read by what there is to do about it."""
    if isinstance(error, KeychainError):
        locked = isinstance(error, KeychainLockedError)
        return ProblemKind.KEYCHAIN_LOCKED if locked else ProblemKind.KEYCHAIN_MISSING
    return next(
        (kind for error_type, kind in _KINDS if isinstance(error, error_type)),
        ProblemKind.UNREADABLE,
    )


_KINDS = (
    (CredentialsError, ProblemKind.SIGNED_OUT),
    (AccessDeniedError, ProblemKind.DENIED),
    (PermissionMissingError, ProblemKind.DENIED),
    (StoreMissingError, ProblemKind.TABLE_MISSING),
    (KeyRejectedError, ProblemKind.KEY_REJECTED),
    (ThrottledError, ProblemKind.BUSY),
    (SourceFailingError, ProblemKind.BUSY),
    (StoreBusyError, ProblemKind.BUSY),
    (SourceUnavailableError, ProblemKind.OFFLINE),
    (StoreUnavailableError, ProblemKind.OFFLINE),
)


def of_failure(error: IncidentsError | DesktopError, now: datetime) -> Problem:
    """Return the problem that a failed read is."""
    return Problem(kind=kind_of(error), since=now, detail=clean(str(error), 200))


def problem_key(kind: str) -> str:
    """Return the key of a problem's notification."""
    return f"trouble:{kind}"


def _notification(
    problem: Problem, row: ProblemText, state: TrayState, now: datetime
) -> Notification:
    key, label = row.button
    opens = isinstance(row.intent, OpenCoralogix)
    button = Button(key=key, label=label, intent=row.intent)
    return Notification(
        key=problem_key(problem.kind),
        id=f"trouble:{problem.kind}:{problem.since.isoformat()}",
        title=_filled(row.title, problem, now),
        body=_filled(row.body, problem, now).strip(),
        buttons=(button,) if state.link or not opens else (),
        click=None if opens and not state.link else row.intent,
    )


def _back(kind: str, since: datetime, text: str) -> Notification:
    return Notification(
        key=problem_key(kind),
        id=f"trouble over:{kind}:{since.isoformat()}",
        title=text,
        urgency=Urgency.LOW,
        expires_after=8.0,
    )


def _filled(text: str, problem: Problem, now: datetime) -> str:
    return text.replace("{since}", clock(problem.since, now)).replace(
        "{detail}", clean(problem.detail, 160)
    )

"""A person's actions as transitions of the state: pure, effects are values."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from incidents.errors import KeyRejectedError
from incidents.models import IncidentId
from tray_app.actions import pending
from tray_app.actions.pending import HOLD, Result
from tray_app.model.intents import PARTS, Verb
from tray_app.model.memory import Memory, OwnAction
from tray_app.model.output import Output
from tray_app.model.ports import KeychainError
from tray_app.model.state import Pending, Problem, Stage, TrayState
from tray_app.model.view import Notification, incident_key
from tray_app.present import action_replies
from tray_app.present.buttons import makes_sense
from tray_app.present.problem_texts import KEY_PROBLEMS
from tray_app.present.problems import kind_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """The new state plus the side effects of one user action; stored before sending."""

    state: TrayState
    output: Output
    send: tuple[tuple[Verb, tuple[IncidentId, ...]], ...] = ()


def requested(
    state: TrayState,
    memory: Memory,
    verb: Verb,
    ids: Sequence[IncidentId],
    now: datetime,
) -> Transition:
    """Begin the action that a person requested, or refuse it."""
    known = state.incidents()
    busy = (Stage.HELD, Stage.SENT)
    wanted = tuple(
        id_
        for id_ in ids
        if id_ in known
        and makes_sense(verb, known[id_], state)
        and not (id_ in state.pending and state.pending[id_].stage in busy)
    )
    if not wanted and any(id_ in known for id_ in ids):
        return Transition(state=state, output=Output(memory=memory))
    why = pending.refusal(state, wanted)
    if why:
        said = action_replies.refused(verb, tuple(ids), why, now)
        return Transition(state=state, output=Output(memory=memory, tell=(said,)))
    state = pending.started(state, verb, wanted, now)
    if verb is Verb.RESOLVE:
        seconds = int(HOLD.total_seconds())
        replies = tuple(
            action_replies.holding(state.pending[id_], seconds) for id_ in wanted
        )
        return Transition(state=state, output=Output(memory=memory, tell=replies[:1]))
    return _sending(state, memory, verb, wanted, now)


def taken_back(state: TrayState, memory: Memory, id_: IncidentId) -> Transition:
    """Cancel an action that is still held back."""
    after = pending.undone(state, id_)
    gone = (incident_key(id_),) if after is not state else ()
    return Transition(state=after, output=Output(memory=memory, withdraw=gone))


def due(state: TrayState, memory: Memory, now: datetime) -> Transition:
    """Send what was held back long enough; report slow and unanswered actions."""
    late = pending.overdue(state, now)
    after = pending.slow(late, now)
    tell = (
        *(action_replies.doing(ones, verb) for verb, ones in _differing(late, after)),
        *(
            said
            for verb, ones in _differing(state, late)
            if (said := action_replies.outcome(ones, verb, late, now)) is not None
        ),
    )
    turn = _released(after, memory, pending.ripe(after, now), now)
    return replace(turn, output=replace(turn.output, tell=tell))


def _differing(
    before: TrayState, after: TrayState
) -> Iterator[tuple[Verb, tuple[Pending, ...]]]:
    """Yield the actions whose stage has changed, grouped by verb."""
    moved = [p for p in after.pending.values() if p is not before.pending[p.id]]
    for verb in Verb:
        if ones := tuple(one for one in moved if one.verb is verb):
            yield verb, ones


def hurried(
    state: TrayState, memory: Memory, id_: IncidentId, now: datetime
) -> Transition:
    """Send an action that is still held back now."""
    action = state.pending.get(id_)
    ids = (id_,) if action is not None and action.stage is Stage.HELD else ()
    return _released(state, memory, ids, now)


def _released(
    state: TrayState, memory: Memory, ids: tuple[IncidentId, ...], now: datetime
) -> Transition:
    if not ids:
        return Transition(state=state, output=Output(memory=memory))
    sent = pending.sent(state, ids, now)
    return _sending(sent, memory, Verb.RESOLVE, ids, now)


def answered(
    state: TrayState,
    memory: Memory,
    verb: Verb,
    results: Sequence[Result],
    now: datetime,
) -> Transition:
    """Record the results of an action, one for each incident."""
    after = pending.settled(state, verb, results, now)
    ids = [one.id for one in results if one.id in after.pending]
    settled = [after.pending[id_] for id_ in ids if after.pending[id_].verb is verb]
    done = [one.id for one in settled if one.stage is Stage.CONFIRMED]
    failed = {one.id for one in settled if one.stage is Stage.FAILED}
    threads = dict(memory.threads)
    for id_ in done:
        if id_ in threads:
            threads[id_] = replace(threads[id_], on_screen=False, withdraw_at=None)
    parts = PARTS.get(verb, (verb,))
    own = tuple(o for o in memory.own if o.id not in failed or o.verb not in parts)
    said: Notification | None = action_replies.outcome(settled, verb, after, now)
    return Transition(
        state=_with_key_problem(after, results, now),
        output=Output(
            memory=replace(memory, threads=threads, own=own),
            tell=(said,) if said is not None else (),
            withdraw=(
                *map(incident_key, done),
                *([action_replies.BULK] if len(ids) > 1 else []),
            ),
        ),
    )


def _sending(
    state: TrayState,
    memory: Memory,
    verb: Verb,
    ids: tuple[IncidentId, ...],
    now: datetime,
) -> Transition:
    for id_ in ids:
        for part in PARTS.get(verb, (verb,)):
            memory = memory.did(OwnAction(id=id_, verb=part, at=now))
    return Transition(state=state, output=Output(memory=memory), send=((verb, ids),))


def _with_key_problem(
    state: TrayState, results: Sequence[Result], now: datetime
) -> TrayState:
    """Record a problem with the key; a success ends all of them."""
    for result in results:
        error = result.error
        if isinstance(error, KeyRejectedError | KeychainError):
            problem = Problem(kind=kind_of(error), since=now, detail=str(error))
            return state.with_problem(problem)
    if any(result.error is None for result in results):
        return state.without_problem(*KEY_PROBLEMS)
    return state

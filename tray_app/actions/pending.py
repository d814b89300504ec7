"""Pending actions: their stages until Coralogix and the feed show the outcome."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from incidents.errors import (
    IncidentsError,
    NotConfirmedError,
    PermissionMissingError,
)
from incidents.models import Incident, IncidentId, Status
from tray_app.model.intents import PARTS, Verb
from tray_app.model.ports import DesktopError
from tray_app.model.state import Pending, ProblemKind, Stage, TrayState
from tray_app.present.phrases import clean, name_of

HOLD = timedelta(seconds=6)
"""How long a resolve is held back, so that it can be undone."""
PATIENCE = timedelta(seconds=15)
"""How long an answer may take before the action counts as unconfirmed."""
SLOW = timedelta(seconds=1.5)
"""How long it may take before a notification says that it is under way."""
SKEW = timedelta(seconds=10)
"""By how much the clocks of Coralogix and this machine may differ."""
REMEMBERED = timedelta(minutes=10)
"""How long a failed action is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The result of an action on one incident."""

    id: IncidentId
    incident: Incident | None = None
    """As Coralogix echoed it."""
    error: IncidentsError | DesktopError | None = None


def refusal(state: TrayState, ids: Sequence[IncidentId]) -> str:
    """Return why nothing may be sent now; empty if it may."""
    if not state.can_act:
        return "There is no key: run `incident-tray setup`."
    if state.problem(ProblemKind.OFFLINE) is not None:
        return "Offline: not sent."
    if not ids:
        return "There is no such incident."
    return ""


def started(
    state: TrayState, verb: Verb, ids: Sequence[IncidentId], now: datetime
) -> TrayState:
    """Return *state* with the action pending: a resolve is held back first."""
    stage = Stage.HELD if verb is Verb.RESOLVE else Stage.SENT
    known = state.incidents()
    pending = {
        id_: Pending(
            id=id_,
            verb=verb,
            stage=stage,
            since=now,
            name=name_of(known[id_]) if id_ in known else "",
        )
        for id_ in ids
    }
    return replace(state, pending={**state.pending, **pending})


def undone(state: TrayState, id_: IncidentId) -> TrayState:
    """Return *state* without the action on *id_*, if it is still held back."""
    pending = state.pending.get(id_)
    if pending is None or pending.stage is not Stage.HELD:
        return state
    return _without(state, id_)


def ripe(state: TrayState, now: datetime) -> tuple[IncidentId, ...]:
    """Return the incidents whose action was held back long enough."""
    return tuple(
        one.id
        for one in state.pending.values()
        if one.stage is Stage.HELD and now - one.since >= HOLD
    )


def sent(state: TrayState, ids: Sequence[IncidentId], now: datetime) -> TrayState:
    """Return *state* with the actions on *ids* sent."""
    moved = {
        id_: replace(state.pending[id_], stage=Stage.SENT, since=now) for id_ in ids
    }
    return replace(state, pending={**state.pending, **moved})


def slow(state: TrayState, now: datetime) -> TrayState:
    """Return *state* with slow actions marked as reported."""
    reported = {
        one.id: replace(one, said=True)
        for one in state.pending.values()
        if one.stage is Stage.SENT and not one.said and now - one.since >= SLOW
    }
    return replace(state, pending={**state.pending, **reported}) if reported else state


def overdue(state: TrayState, now: datetime) -> TrayState:
    """Return *state* with unanswered actions as unconfirmed."""
    late = {
        one.id: replace(
            one,
            stage=Stage.UNCONFIRMED,
            since=now,
            reason="It may still be open. Checking at the next sync.",
        )
        for one in state.pending.values()
        if one.stage is Stage.SENT and now - one.since >= PATIENCE
    }
    return replace(state, pending={**state.pending, **late}) if late else state


def settled(
    state: TrayState, verb: Verb, results: Sequence[Result], now: datetime
) -> TrayState:
    """Return *state* with the result for each incident."""
    pending = dict(state.pending)
    forbidden = state.forbidden
    for result in results:
        before = pending.get(result.id)
        if before is None or before.verb is not verb:
            continue
        pending[result.id] = _settled(before, result, state, now)
        if isinstance(result.error, PermissionMissingError):
            forbidden |= {verb}
    return replace(state, pending=pending, forbidden=forbidden)


def _settled(
    before: Pending, result: Result, state: TrayState, now: datetime
) -> Pending:
    if result.error is None:
        return replace(
            before,
            stage=Stage.CONFIRMED,
            since=now,
            incident=result.incident,
            reason="",
            watermark=state.freshness.watermark,
        )
    doubtful = isinstance(result.error, NotConfirmedError)
    denied = result.error if isinstance(result.error, PermissionMissingError) else None
    return replace(
        before,
        stage=Stage.UNCONFIRMED if doubtful else Stage.FAILED,
        since=now,
        reason=clean(str(result.error), 200),
        permission=denied.permission if denied else "",
    )


def caught_up(state: TrayState, now: datetime) -> TrayState:
    """
    Return *state* without the actions that the feed shows, or that are long past.

    What Coralogix confirmed stands until the feed says the same, or reflects a
    time that is certainly later; a feed that lags never flips it back.
    """
    left = {
        one.id: one for one in state.pending.values() if not _is_over(one, state, now)
    }
    return state if len(left) == len(state.pending) else replace(state, pending=left)


def _is_over(one: Pending, state: TrayState, now: datetime) -> bool:
    if one.stage in (Stage.HELD, Stage.SENT):
        return False
    if one.stage is Stage.FAILED:
        return now - one.since >= REMEMBERED
    if shows(one.verb, one.id, state):
        return True
    mark = state.freshness.watermark
    later = max(one.since, one.watermark or one.since) + SKEW
    if one.stage is Stage.CONFIRMED:
        return mark is not None and mark > later
    return now - one.since >= REMEMBERED


def shows(verb: Verb, id_: IncidentId, state: TrayState) -> bool:
    """Whether the feeds, as they are, show what *verb* does to *id_*."""
    incident = state.user_feed.get(id_) or (state.team_feed or {}).get(id_)
    match verb:
        case Verb.ACKNOWLEDGE:
            return incident is None or incident.status == Status.ACKNOWLEDGED
        case Verb.RESOLVE:
            return incident is None or not incident.is_open
        case Verb.ASSIGN:
            return id_ in state.user_feed
        case Verb.TAKE:
            return all(shows(part, id_, state) for part in PARTS[verb])
        case Verb.RELEASE:
            return id_ not in state.user_feed


def _without(state: TrayState, id_: IncidentId) -> TrayState:
    left = {key: one for key, one in state.pending.items() if key != id_}
    return replace(state, pending=left)

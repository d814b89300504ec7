"""Actions that tell the truth: pending, confirmed, failed, or not confirmed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from incidents.errors import (
    KeyRejectedError,
    NotConfirmedError,
    PermissionMissingError,
    SourceUnavailableError,
)
from incidents.models import Incident, IncidentId
from tests.tray.desk import (
    ADA,
    DANA,
    MINUTE,
    NOW,
    WATCHED,
    aged,
    incident,
    state,
)
from tray_app.actions import actions
from tray_app.actions import pending as acting
from tray_app.actions.actions import Transition
from tray_app.actions.pending import HOLD, PATIENCE, SLOW, Result, caught_up
from tray_app.model.freshness import Freshness
from tray_app.model.intents import Act, SendNow, SyncNow, Undo, Verb
from tray_app.model.memory import Memory, OwnAction, Thread
from tray_app.model.state import Pending, Problem, ProblemKind, Stage, TrayState
from tray_app.model.view import Urgency
from tray_app.present import menu

MINE = incident(assignees=(ADA,))
ACK = Verb.ACKNOWLEDGE
DONE = replace(MINE, status="acknowledged", acknowledged_by=ADA)


def asked(verb: Verb = ACK, known: TrayState | None = None) -> Transition:
    return actions.requested(known or state(MINE), WATCHED, verb, (MINE.id,), NOW)


def stage(turn: Transition, id_: IncidentId = MINE.id) -> Stage | None:
    pending = turn.state.pending.get(id_)
    return pending.stage if pending else None


def answered(result: Result, verb: Verb = ACK, memory: Memory = WATCHED) -> Transition:
    before = asked(verb)
    return actions.answered(before.state, memory, verb, [result], NOW)


def test_what_is_asked_is_pending_remembered_and_then_sent() -> None:
    turn = asked()

    assert stage(turn) is Stage.SENT
    assert turn.send == ((ACK, (MINE.id,)),)
    assert turn.output.memory.mine(MINE.id, ACK)
    assert turn.output.tell == ()


def test_a_success_closes_the_notification_and_says_nothing() -> None:
    thread = Thread(touched_at=NOW, notified_at=NOW, on_screen=True)
    memory = replace(WATCHED, threads={MINE.id: thread})

    turn = answered(Result(id=MINE.id, incident=DONE), memory=memory)

    assert stage(turn) is Stage.CONFIRMED
    assert turn.state.incidents()[MINE.id].status == "acknowledged"
    assert turn.output.tell == ()
    assert turn.output.withdraw == ("incident:a",)
    assert not turn.output.memory.threads[MINE.id].on_screen


def test_a_missing_permission_says_which_and_its_button_vanishes() -> None:
    error = PermissionMissingError("No.", permission="incidents:acknowledge")

    turn = answered(Result(id=MINE.id, error=error))

    assert stage(turn) is Stage.FAILED
    (said,) = turn.output.tell
    assert said.title == "Not acknowledged: payment-latency"
    assert said.body == "Coralogix said: no permission (incidents:acknowledge)"
    assert [one.label for one in said.buttons] == ["Retry", "Open"]
    assert turn.state.forbidden == {ACK}
    labels = [getattr(e, "label", "") for e in menu.build(turn.state, NOW).entries]
    assert "Read-only key: ask for incidents:acknowledge" in labels


def test_a_failure_is_no_action_of_mine() -> None:
    before = asked()
    did = OwnAction(id=MINE.id, verb=Verb.ASSIGN, at=NOW)
    result = [Result(id=MINE.id, error=SourceUnavailableError("Down."))]

    failed = actions.answered(
        before.state, before.output.memory.did(did), ACK, result, NOW
    )

    assert failed.output.memory.mine(MINE.id, Verb.ASSIGN)
    assert not failed.output.memory.mine(MINE.id, ACK)
    assert failed.output.tell[0].body == "Down."


def test_an_outcome_that_nobody_knows_is_said_to_be_one() -> None:
    turn = answered(Result(id=MINE.id, error=NotConfirmedError("Look.")))

    assert stage(turn) is Stage.UNCONFIRMED
    (said,) = turn.output.tell
    assert said.title == "Not confirmed yet: payment-latency"
    assert said.buttons[0].intent == SyncNow()


def test_no_answer_within_15_seconds_is_not_confirmed_and_a_late_one_still_counts() -> (
    None
):
    sent = asked()
    assert stage(actions.due(sent.state, WATCHED, NOW + PATIENCE / 2)) is Stage.SENT

    late = actions.due(sent.state, WATCHED, NOW + PATIENCE)

    assert stage(late) is Stage.UNCONFIRMED
    assert (
        late.output.tell[0].body == "It may still be open. Checking at the next sync."
    )
    result = [Result(id=MINE.id, incident=DONE)]
    after = actions.answered(late.state, WATCHED, ACK, result, NOW + 2 * PATIENCE)
    assert stage(after) is Stage.CONFIRMED


def test_what_takes_long_is_said_once_to_be_under_way_and_then_withdrawn() -> None:
    sent = asked()
    assert actions.due(sent.state, WATCHED, NOW + SLOW / 2).output.tell == ()

    slow = actions.due(sent.state, WATCHED, NOW + SLOW)

    (said,) = slow.output.tell
    assert said.title == "Acknowledging “payment-latency”…"
    assert (said.key, said.urgency, said.buttons) == ("incident:a", Urgency.LOW, ())
    assert actions.due(slow.state, WATCHED, NOW + 2 * SLOW).output.tell == ()
    result = [Result(id=MINE.id, incident=DONE)]
    after = actions.answered(slow.state, WATCHED, ACK, result, NOW + 2 * SLOW)
    assert after.output.withdraw == (said.key,)


def test_many_that_take_long_are_said_in_one_and_so_is_that_none_is_answered() -> None:
    ones = [incident(str(n), name=f"n{n}", assignees=(ADA,)) for n in range(7)]
    ids = tuple(one.id for one in ones)
    sent = actions.requested(state(*ones), WATCHED, ACK, ids, NOW)

    slow = actions.due(sent.state, WATCHED, NOW + SLOW)
    late = actions.due(slow.state, WATCHED, NOW + PATIENCE)

    (said,) = slow.output.tell
    assert said.title == "Acknowledging 7 incidents…"
    (lost,) = late.output.tell
    assert (lost.key, lost.title) == (said.key, "Acknowledged 0 of 7")
    assert lost.body.startswith("7 not confirmed: n0, n1, n2\nIt may still be open")
    assert [one.label for one in lost.buttons] == ["Check now", "Open"]
    done = [
        Result(id=one.id, incident=replace(one, status="acknowledged")) for one in ones
    ]
    after = actions.answered(slow.state, WATCHED, ACK, done, NOW + 2 * SLOW)
    assert after.output.tell == ()
    assert said.key in after.output.withdraw


def test_a_rejected_key_is_our_trouble_until_something_succeeds() -> None:
    rejected = answered(Result(id=MINE.id, error=KeyRejectedError("Wrong key.")))
    assert rejected.state.problem(ProblemKind.KEY_REJECTED)

    again = actions.requested(rejected.state, WATCHED, ACK, (MINE.id,), NOW)
    result = [Result(id=MINE.id, incident=DONE)]
    after = actions.answered(again.state, WATCHED, ACK, result, NOW)

    assert after.state.problems == ()


def test_a_resolve_waits_six_seconds_and_can_be_taken_back() -> None:
    held = asked(Verb.RESOLVE)

    assert stage(held) is Stage.HELD
    assert held.send == ()
    (said,) = held.output.tell
    assert said.title == "Resolving “payment-latency” in 6 s"
    assert [one.intent for one in said.buttons] == [Undo(MINE.id), SendNow(MINE.id)]
    back = actions.taken_back(held.state, WATCHED, MINE.id)
    assert back.state.pending == {}
    assert back.output.withdraw == ("incident:a",)
    early = actions.due(held.state, WATCHED, NOW + HOLD / 2)
    assert early.send == ()
    ripe = actions.due(held.state, WATCHED, NOW + HOLD)
    assert ripe.send == ((Verb.RESOLVE, (MINE.id,)),)
    assert stage(ripe) is Stage.SENT


def test_a_resolve_that_is_held_is_sent_at_once_if_asked_and_only_once() -> None:
    held = asked(Verb.RESOLVE)

    now = actions.hurried(held.state, WATCHED, MINE.id, NOW)

    assert now.send == ((Verb.RESOLVE, (MINE.id,)),)
    assert now.output.memory.mine(MINE.id, Verb.RESOLVE)
    assert actions.hurried(now.state, WATCHED, MINE.id, NOW).send == ()
    assert actions.due(now.state, WATCHED, NOW + HOLD).send == ()


def test_what_was_sent_cannot_be_taken_back() -> None:
    sent = asked()

    assert actions.taken_back(sent.state, WATCHED, MINE.id).state == sent.state


def test_a_click_while_offline_is_refused_at_once_and_not_kept_for_later() -> None:
    offline = Problem(kind=ProblemKind.OFFLINE, since=NOW)

    turn = asked(known=state(MINE, problems=(offline,)))

    assert turn.send == ()
    assert turn.state.pending == {}
    (said,) = turn.output.tell
    assert said.title == "Offline: not sent."
    assert said.buttons[0].intent == Act(ACK, (MINE.id,))


def test_a_second_click_sends_nothing_again() -> None:
    first = asked()

    second = actions.requested(first.state, WATCHED, ACK, (MINE.id,), NOW)

    assert second.send == ()


def test_of_many_the_failed_ones_are_named_and_can_be_tried_again() -> None:
    ones = [incident(str(n), name=f"n{n}", assignees=(ADA,)) for n in range(7)]
    ids = tuple(one.id for one in ones)
    before = actions.requested(state(*ones), WATCHED, ACK, ids, NOW)
    down = SourceUnavailableError("Down.")
    results = [
        Result(id=one.id, error=down)
        if n < 2
        else Result(id=one.id, incident=replace(one, status="acknowledged"))
        for n, one in enumerate(ones)
    ]

    turn = actions.answered(before.state, WATCHED, ACK, results, NOW)

    (said,) = turn.output.tell
    assert said.title == "Acknowledged 5 of 7"
    assert said.body.startswith("2 failed: n0, n1")
    assert [one.label for one in said.buttons] == ["Retry failed", "Open"]
    assert said.buttons[0].intent == Act(ACK, ids[:2])


@pytest.mark.parametrize(
    ("verb", "before", "echo"),
    [
        (Verb.ACKNOWLEDGE, MINE, DONE),
        (Verb.ASSIGN, incident(), MINE),
        (Verb.RELEASE, MINE, incident()),
        (Verb.RESOLVE, MINE, replace(MINE, status="resolved")),
    ],
)
def test_a_feed_that_lags_never_flips_a_row_back(
    verb: Verb, before: Incident, echo: Incident
) -> None:
    known = confirmed(verb, before, echo)
    lagging = replace(
        known, freshness=Freshness(read_at=NOW + 2 * MINUTE, watermark=NOW)
    )

    assert caught_up(lagging, NOW + 2 * MINUTE).incidents() == known.incidents()
    assert before.id not in known.incidents() or known.incidents()[before.id] == echo
    feeds = state(*([echo] if echo.is_open else []), pending=known.pending)
    assert caught_up(feeds, NOW).pending == {}
    later = replace(known, freshness=aged(NOW + 2 * MINUTE))
    assert caught_up(later, NOW + 2 * MINUTE).incidents() == {before.id: before}


def confirmed(verb: Verb, before: Incident, echo: Incident) -> TrayState:
    pending = Pending(
        id=before.id,
        verb=verb,
        stage=Stage.CONFIRMED,
        since=NOW,
        incident=echo,
        watermark=NOW - MINUTE,
    )
    return state(before, pending={before.id: pending})


def test_a_clock_of_ours_that_is_behind_does_not_flip_it_back_either() -> None:
    known = confirmed(ACK, MINE, DONE)
    ahead = NOW + 10 * MINUTE
    pending = replace(known.pending[MINE.id], watermark=ahead)
    known = replace(
        known,
        pending={MINE.id: pending},
        freshness=Freshness(read_at=NOW, watermark=ahead),
    )

    assert caught_up(known, NOW).pending == known.pending


def test_what_failed_is_shown_for_ten_minutes() -> None:
    failed = answered(Result(id=MINE.id, error=SourceUnavailableError("Down."))).state

    assert caught_up(failed, NOW + 9 * MINUTE).pending
    assert not caught_up(failed, NOW + 10 * MINUTE).pending


def test_only_what_would_change_something_is_sent() -> None:
    settled = state(replace(MINE, status="acknowledged"))

    nothing = actions.requested(settled, WATCHED, ACK, (MINE.id,), NOW)
    assert (nothing.send, nothing.output.tell) == ((), ())
    gone = actions.requested(state(), WATCHED, ACK, (MINE.id,), NOW)
    assert gone.output.tell[0].title == "There is no such incident."


def test_a_reply_to_something_else_changes_nothing() -> None:
    other = acting.settled(
        state(MINE), ACK, [Result(id=IncidentId("x"), incident=DONE)], NOW
    )

    assert other.pending == {}
    assert timedelta(0) < HOLD < PATIENCE
    assert DANA != ADA

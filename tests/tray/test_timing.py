"""When the tray wakes by itself, and in which order it takes in what it read."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from incidents.changes import Change
from incidents.feeds import FeedId, FeedRow
from incidents.follow import Position
from tests.tray.desk import MINUTE, NOW, OWN, TEAM, WATCHED, incident, state
from tray_app.actions.pending import HOLD, PATIENCE, SLOW
from tray_app.feed.intake import FeedPlace, take
from tray_app.feed.poller import FeedRead, Polled
from tray_app.feed.schedule import HOPELESS, LOCKED, SETTLE, TICK, Timing
from tray_app.model.intents import Verb
from tray_app.model.memory import Memory, Thread
from tray_app.model.state import Pending, ProblemKind, Stage, TrayState

ONE = incident()
UP = timedelta(hours=2)
AGO = NOW - timedelta(seconds=1)
BRIEF = Thread(touched_at=NOW, withdraw_at=NOW + timedelta(seconds=4))


def under_way(stage: Stage, *, said: bool = False) -> TrayState:
    one = Pending(id=ONE.id, verb=Verb.RESOLVE, stage=stage, since=AGO, said=said)
    return state(ONE, pending={ONE.id: one})


@pytest.mark.parametrize(
    ("known", "memory", "wakes"),
    [
        (state(), WATCHED, NOW + TICK),
        (under_way(Stage.FAILED), WATCHED, NOW + TICK),
        (under_way(Stage.HELD), WATCHED, AGO + HOLD),
        (under_way(Stage.SENT), WATCHED, AGO + SLOW),
        (under_way(Stage.SENT, said=True), WATCHED, AGO + PATIENCE),
        (state(), replace(WATCHED, threads={ONE.id: BRIEF}), BRIEF.withdraw_at),
    ],
    ids=["nothing", "failed", "held", "sent", "said", "brief"],
)
def test_it_wakes_when_something_is_due(
    known: TrayState, memory: Memory, wakes: datetime
) -> None:
    timing = Timing(poll=MINUTE)
    timing.answered(UP, status=True)

    assert timing.wait(known, memory, NOW, UP) == (wakes - NOW).total_seconds()


def test_it_wakes_for_the_next_look_unless_one_is_under_way() -> None:
    timing = Timing(poll=timedelta(seconds=5))
    timing.answered(UP, status=True)

    assert timing.wait(state(), WATCHED, NOW, UP) == 5
    later = UP + timedelta(seconds=5)
    assert timing.due(state(), NOW, later)
    assert timing.due(state(), NOW, later) is None
    assert timing.wait(state(), WATCHED, NOW, later) == TICK.total_seconds()


def test_a_sleep_during_a_look_asks_again_only_once_it_was_answered() -> None:
    timing = Timing(poll=MINUTE)
    timing.slept(NOW, UP)
    assert timing.due(state(), NOW, UP)

    woken = UP + timedelta(minutes=2)
    assert timing.slept(NOW, woken)
    assert timing.due(state(), NOW, woken + MINUTE) is None

    timing.answered(woken + MINUTE, status=True)
    request = timing.due(state(), NOW, woken + MINUTE)
    assert request is not None
    assert request.status
    assert request.reconnect


def test_a_clock_that_is_set_is_noticed_and_delays_nothing() -> None:
    timing = Timing(poll=MINUTE)
    assert not timing.slept(NOW, UP)
    timing.answered(UP, status=True)

    soon = UP + timedelta(seconds=10)
    assert timing.slept(NOW - timedelta(hours=5), soon)
    assert timing.due(state(), NOW - timedelta(hours=5), soon + SETTLE)


def test_an_answer_from_an_older_place_brings_only_what_is_new() -> None:
    def read(first: int, last: int, epoch: str = "e") -> Polled:
        rows = tuple(
            FeedRow(
                seq=seq,
                epoch=epoch,
                change=Change(before=None, after=incident(f"{seq}"), observed_at=NOW),
            )
            for seq in range(first, last + 1)
        )
        position = Position(cursor=last, epoch=epoch)
        return Polled(status=None, feeds={TEAM: FeedRead(position=position, rows=rows)})

    places = {TEAM: FeedPlace(position=Position(cursor=3, epoch="e"))}

    assert [one.seq for one in take(state(), places, read(2, 5), NOW).news] == [4, 5]
    for stale in (read(1, 2), read(5, 6), read(4, 5, "before")):
        intake = take(state(), places, stale, NOW)
        assert (intake.news, intake.places, intake.steps) == ((), places, {})


def test_two_feeds_are_one_story_even_if_a_clock_went_back() -> None:
    def row(seq: int, second: int) -> FeedRow:
        at = NOW + timedelta(seconds=second)
        change = Change(before=None, after=incident(f"{seq}"), observed_at=at)
        return FeedRow(seq=seq, epoch="e", change=change)

    def read(*rows: FeedRow) -> FeedRead:
        position = Position(cursor=rows[-1].seq, epoch="e")
        return FeedRead(position=position, rows=rows)

    feeds: dict[FeedId, FeedRead] = {
        TEAM: read(row(1, 10), row(2, 3), row(3, 20)),
        OWN: read(row(7, 10), row(8, 15)),
    }

    intake = take(
        state(),
        {TEAM: FeedPlace(), OWN: FeedPlace()},
        Polled(status=None, feeds=feeds),
        NOW,
    )

    assert [(one.feed, one.seq) for one in intake.news] == [
        (OWN, 7),
        (TEAM, 1),
        (TEAM, 2),
        (OWN, 8),
        (TEAM, 3),
    ]


@pytest.mark.parametrize(
    ("kind", "waits"),
    [
        (ProblemKind.OFFLINE, timedelta(seconds=5)),
        (ProblemKind.SIGNED_OUT, HOPELESS),
        (ProblemKind.KEYCHAIN_LOCKED, LOCKED),
    ],
)
def test_what_a_person_must_mend_is_tried_less_often(
    kind: ProblemKind, waits: timedelta
) -> None:
    timing = Timing(poll=MINUTE)
    assert timing.due(state(), NOW, UP)

    timing.failed(kind, UP)

    assert timing.due(state(), NOW, UP + waits - timedelta(seconds=1)) is None
    assert timing.due(state(), NOW, UP + waits)

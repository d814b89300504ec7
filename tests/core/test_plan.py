"""The steps of one feed: bounded, contiguous, and conditional on one another."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from incidents.feeds import MAX_ACTIONS, Commit, FeedState, Head, expiry
from incidents.fingerprint import digest
from incidents.sync.bounds import LIMIT, size
from incidents.sync.plan import SyncContext, steps
from tests.core.builders import (
    ALICE,
    FEED,
    MINUTE,
    NOW,
    by_id,
    facts,
    head,
    incident,
    state,
)

MANY = [incident(f"{n:03}") for n in range(200)]
NEW = FeedState(head=None)


def actions(step: Commit) -> int:
    return 1 + len(step.changes) + len(step.puts) + len(step.deletes)


def chained(many: list[Commit]) -> bool:
    return all(later.expected == earlier.head for earlier, later in pairwise(many))


def test_a_new_feed_begins_with_state_and_no_changes() -> None:
    (step,) = steps(FEED, NEW, facts(incident()))

    assert (step.expected, step.changes, step.puts) == (None, (), (incident(),))
    assert (step.head.seq, step.head.rev, step.head.epoch) == (0, 1, "s1")
    assert step.head.ready
    assert step.head.digest == digest([incident()], [])


def test_a_new_feed_of_nothing_is_a_head_alone() -> None:
    (step,) = steps(FEED, NEW, facts())

    assert (actions(step), step.head.ready) == (1, True)


def test_a_large_baseline_is_not_ready_before_its_last_step() -> None:
    made = steps(FEED, NEW, facts(*MANY))

    assert [actions(step) for step in made] == [MAX_ACTIONS, MAX_ACTIONS, 13]
    assert [step.head.ready for step in made] == [False, False, True]
    assert [bool(step.head.digest) for step in made] == [False, False, True]
    assert chained(made)
    assert {step.head.epoch for step in made} == {"s1"}


def test_half_a_baseline_is_made_anew_in_the_same_epoch() -> None:
    half = state(*MANY[:94], incident("old"), ready=False, epoch="e", digest="")

    made = steps(FEED, half, facts(*MANY))

    assert {step.head.epoch for step in made} == {"e"}
    assert made[0].expected == half.head
    assert [one for step in made for one in step.deletes] == ["old"]
    assert made[-1].head.ready
    assert chained(made)


def test_a_part_of_what_is_makes_no_baseline() -> None:
    assert steps(FEED, NEW, facts(incident(), complete=False)) == []


def test_many_changes_are_several_contiguous_steps() -> None:
    made = steps(FEED, state(seq=5), facts(*MANY))

    assert [actions(step) for step in made] == [95, 95, 95, 95, 25]
    assert [step.head.seq for step in made] == [52, 99, 146, 193, 205]
    assert chained(made)
    assert [bool(step.head.digest) for step in made] == [False] * 4 + [True]


def test_every_step_says_what_it_reflects_so_that_no_older_read_comes_between() -> None:
    made = steps(FEED, state(), facts(*MANY))

    assert {step.head.watermark for step in made} == {NOW}


def test_an_incomplete_read_reflects_nothing_new() -> None:
    (step,) = steps(FEED, state(), facts(incident(), complete=False))

    assert step.head.watermark == NOW - MINUTE


def test_a_feed_that_holds_what_it_should_takes_no_step() -> None:
    held = state(incident(), digest=digest([incident()], []))

    assert steps(FEED, held, facts(incident())) == []


def test_a_feed_that_changed_hands_takes_a_step_without_changes() -> None:
    held = state(incident(), digest=digest([incident()], []), seq=3)
    owned = facts(incident(), owners={FEED: frozenset({ALICE})})

    (step,) = steps(FEED, held, owned)

    assert (actions(step), step.head.seq, step.head.rev) == (1, 3, 2)
    assert step.head.owners == {ALICE}


def test_what_ended_is_bounded_like_everything_else() -> None:
    large = incident(description="d" * 9_000, status="resolved")

    (step,) = steps(FEED, state(incident()), facts(ended=by_id(large)))

    (change,) = step.changes
    assert change.after is not None
    assert size(change.after) <= LIMIT


def test_what_moved_on_to_others_has_left_a_personal_feed() -> None:
    moved = incident(assignees=())
    known = facts(
        wanted={FEED: {}}, owners={FEED: frozenset({ALICE})}, present=by_id(moved)
    )

    (step,) = steps(FEED, state(incident(assignees=(ALICE,))), known)

    (change,) = step.changes
    assert change.left
    assert step.deletes == ("a",)


# Marks: the first sequence of each day, from which `lo` follows


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def marks(before: Head, observed: datetime) -> tuple[tuple[date, int], ...]:
    known = facts(incident(), observed_at=observed)
    (step,) = steps(FEED, FeedState(head=before), known)
    return step.head.marks


def test_the_first_change_of_a_day_is_marked_and_no_other() -> None:
    once = marks(head(seq=7), at(4, 12))

    assert once == ((date(2026, 3, 4), 8),)
    assert marks(head(seq=8, marks=once), at(4, 13)) == once
    assert marks(head(seq=9, marks=once), at(5, 0)) == (
        *once,
        (date(2026, 3, 5), 10),
    )


def test_marks_of_expired_days_are_forgotten() -> None:
    old = ((date(2026, 1, 31), 1), (date(2026, 2, 1), 4))

    assert marks(head(seq=9, marks=old), at(4, 0)) == ((date(2026, 3, 4), 10),)
    assert marks(head(seq=9, marks=old), at(3, 0)) == (old[1], (date(2026, 3, 3), 10))


def test_an_older_read_after_midnight_pulls_the_mark_back() -> None:
    later = ((date(2026, 3, 3), 2), (date(2026, 3, 5), 8))

    assert marks(head(seq=9, marks=later), at(4, 23)) == (
        (date(2026, 3, 3), 2),
        (date(2026, 3, 4), 8),
    )


@pytest.mark.parametrize(
    ("now", "oldest"),
    [
        (at(3, 12), 3),
        (expiry(date(2026, 3, 2), timedelta(days=1)) - MINUTE, 3),
        (expiry(date(2026, 3, 2), timedelta(days=1)), 6),
        (expiry(date(2026, 3, 3), timedelta(days=1)), 10),
    ],
)
def test_the_oldest_sequence_to_count_on_follows_from_the_marks(
    now: datetime, oldest: int
) -> None:
    kept = head(seq=9, marks=((date(2026, 3, 2), 3), (date(2026, 3, 3), 6)))

    assert kept.oldest(now, timedelta(days=1)) == oldest


@pytest.mark.parametrize(
    ("ahead", "superseded"),
    [(-MINUTE, False), (timedelta(), False), (MINUTE, True), (15 * MINUTE, False)],
)
def test_a_later_read_binds_unless_its_clock_was_wrong(
    ahead: timedelta,
    superseded: bool,  # noqa: FBT001  # a column of a table
) -> None:
    known: SyncContext = replace(facts(), observed_at=NOW)

    assert known.superseded(head(watermark=NOW + ahead)) is superseded


@pytest.mark.parametrize(
    ("opened", "reflected"),
    [(-MINUTE, NOW), (MINUTE / 2, NOW + MINUTE / 2), (5 * MINUTE, NOW + MINUTE)],
)
def test_the_end_of_what_opened_after_the_read_began_is_reflected_too(
    opened: timedelta, reflected: datetime
) -> None:
    held = incident(opened_at=NOW + opened)
    known = facts(ended=by_id(replace(held, status="resolved")), looked_at=NOW + MINUTE)

    (step,) = steps(FEED, state(held), known)

    assert step.head.watermark == reflected

"""The reader's contract: in order, without a gap, or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.changes import Change
from incidents.feeds import FeedId, FeedRow, FeedState, Head, SyncStatus
from incidents.follow import (
    PATIENCE,
    Advanced,
    FeedAbsent,
    Position,
    Resynced,
    ResyncReason,
    check,
    follow,
)
from tests.core.builders import FEED, LONG_AGO, MINUTE, NOW, by_id, head, incident

MONTH = timedelta(days=30)
AT_10 = Position(cursor=10, epoch="e")


def row(seq: int, *, epoch: str = "e", age: timedelta = MINUTE) -> FeedRow:
    change = Change(before=None, after=incident(), observed_at=NOW - age)
    return FeedRow(seq=seq, epoch=epoch, change=change)


@dataclass
class Feed:
    """A feed that shows one thing at first, and another when asked strongly."""

    weak: list[FeedRow] = field(default_factory=list)
    strong: list[FeedRow] | None = None
    now: Head | None = field(
        default_factory=lambda: head(seq=99, marks=((NOW.date(), 1),))
    )
    asked: list[str] = field(default_factory=list)

    def status(self) -> SyncStatus:
        raise AssertionError("following needs no status")

    def head(self, feed: FeedId) -> Head | None:
        assert feed == FEED
        self.asked.append("head")
        return self.now

    def rows(
        self, feed: FeedId, after: int, *, limit: int = 100, strong: bool = False
    ) -> Sequence[FeedRow]:
        assert feed == FEED
        self.asked.append("strong" if strong else "weak")
        shown = self.weak if self.strong is None or not strong else self.strong
        return [one for one in shown if one.seq > after][:limit]

    def state(self, feed: FeedId) -> FeedState:
        assert feed == FEED
        self.asked.append("state")
        return FeedState(head=self.now, incidents=by_id(incident()))


def step(
    feed: Feed, position: Position | None = AT_10, limit: int = 100
) -> Advanced | Resynced | FeedAbsent:
    return follow(feed, FEED, position, now=NOW, limit=limit)


def test_a_contiguous_run_is_taken_with_one_weak_read() -> None:
    feed = Feed([row(11), row(12)])

    assert step(feed) == Advanced(
        position=Position(cursor=12, epoch="e"), rows=(row(11), row(12))
    )
    assert feed.asked == ["weak"]


def test_an_idle_poll_is_one_weak_read() -> None:
    feed = Feed()

    assert step(feed) == Advanced(position=AT_10)
    assert feed.asked == ["weak"]


def test_a_run_ends_before_a_gap() -> None:
    found = step(Feed([row(11), row(13)]))

    assert isinstance(found, Advanced)
    assert found.rows == (row(11),)


def test_a_gap_is_asked_for_strongly_before_anything_else() -> None:
    feed = Feed([row(12)], strong=[row(11), row(12)])

    found = step(feed)

    assert isinstance(found, Advanced)
    assert found.rows == (row(11), row(12))
    assert feed.asked == ["weak", "strong"]


def test_a_gap_that_stays_is_waited_for() -> None:
    feed = Feed([row(12)])

    found = step(feed)

    assert found == Advanced(position=Position(cursor=10, epoch="e", waiting_since=NOW))
    assert feed.asked == ["weak", "strong", "head"]


def test_waiting_ends_when_the_gap_closes() -> None:
    waiting = Position(cursor=10, epoch="e", waiting_since=NOW - MINUTE)

    found = step(Feed([row(11)]), waiting)

    assert isinstance(found, Advanced)
    assert found.position == Position(cursor=11, epoch="e")
    assert step(Feed(), waiting) == Advanced(position=AT_10)


@pytest.mark.parametrize(
    ("waited", "lost"), [(PATIENCE - MINUTE / 60, False), (PATIENCE, True)]
)
def test_what_never_comes_is_lost_after_a_while_and_said_so(
    waited: timedelta,
    lost: bool,  # noqa: FBT001  # a column of a table
) -> None:
    found = step(
        Feed([row(12)]), Position(cursor=10, epoch="e", waiting_since=NOW - waited)
    )

    assert isinstance(found, Resynced) is lost
    if isinstance(found, Resynced):
        assert found.reason is ResyncReason.LOST


def test_a_first_time_reader_begins_at_the_head_with_the_state() -> None:
    found = step(Feed([row(1)]), None)

    assert isinstance(found, Resynced)
    assert found.reason is ResyncReason.FIRST
    assert found.position == Position(cursor=99, epoch="e")
    assert found.state.incidents.keys() == {"a"}


@pytest.mark.parametrize("now", [None, head(ready=False)])
def test_a_feed_without_a_whole_baseline_is_absent(now: Head | None) -> None:
    assert step(Feed(now=now), None) == FeedAbsent()


def test_a_full_page_may_have_more_behind_it() -> None:
    feed = Feed([row(seq) for seq in range(11, 20)])

    found = step(feed, limit=3)

    assert isinstance(found, Advanced)
    assert (found.position.cursor, found.more) == (13, True)


def test_rows_of_another_epoch_are_never_taken() -> None:
    found = step(Feed([row(11, epoch="new")], now=head(seq=11, epoch="new")))

    assert isinstance(found, Resynced)
    assert found.reason is ResyncReason.RESTORED
    assert found.position == Position(cursor=11, epoch="new")


def test_expired_rows_are_not_told_even_if_they_are_still_there() -> None:
    old = [row(11, age=MONTH + timedelta(days=2)), row(12)]
    marks = ((old[1].change.observed_at.date(), 12),)

    found = step(Feed(old, now=head(seq=12, marks=marks)))

    assert isinstance(found, Resynced)
    assert found.reason is ResyncReason.EXPIRED


def test_a_run_ends_before_an_expired_row() -> None:
    rows = [row(11), row(12, age=MONTH + timedelta(days=2))]

    found = step(Feed(rows))

    assert isinstance(found, Advanced)
    assert found.rows == (row(11),)


TODAY = NOW.date()
VERDICTS: list[tuple[Head | None, object]] = [
    (None, FeedAbsent()),
    (head(seq=10), None),
    (head(seq=12, marks=((TODAY, 11),)), None),
    (head(seq=12, marks=((TODAY, 5),)), None),
    (head(seq=12, marks=((TODAY, 12),)), ResyncReason.EXPIRED),
    (head(seq=12, marks=()), ResyncReason.EXPIRED),
    (head(seq=10, marks=()), None),
    (head(seq=9), ResyncReason.RESTORED),
    (head(seq=10, epoch="new"), ResyncReason.RESTORED),
    (head(seq=12, epoch="new", ready=False), FeedAbsent()),
]


@pytest.mark.parametrize(("now", "verdict"), VERDICTS)
def test_the_head_tells_whether_a_position_still_makes_sense(
    now: Head | None, verdict: object
) -> None:
    found = check(Feed(now=now), FEED, AT_10, now=NOW)

    assert (found.reason if isinstance(found, Resynced) else found) == verdict


def test_marks_that_have_expired_since_count_no_more() -> None:
    stale = head(seq=12, marks=((LONG_AGO.date() - MONTH, 1), (TODAY, 12)))

    found = check(Feed(now=stale), FEED, AT_10, now=NOW)

    assert isinstance(found, Resynced)
    assert found.reason is ResyncReason.EXPIRED


@given(st.sets(st.integers(11, 30)), st.integers(1, 9))
def test_whatever_is_missing_only_the_contiguous_part_is_taken(
    shown: set[int], limit: int
) -> None:
    found = step(Feed([row(seq) for seq in sorted(shown)]), limit=limit)

    assert isinstance(found, Advanced)
    taken = [one.seq for one in found.rows]
    assert taken == list(range(11, 11 + len(taken)))
    assert len(taken) == limit or 11 + len(taken) not in shown
    assert found.position.cursor == 10 + len(taken)


@given(st.lists(st.lists(st.booleans(), min_size=20, max_size=20), max_size=8))
def test_whatever_a_query_hides_everything_is_told_once_in_the_end(
    hidden: list[list[bool]],
) -> None:
    rows = [row(seq) for seq in range(1, 21)]
    position, told = Position(cursor=0, epoch="e"), list[int]()
    for mask in [*hidden, [False] * 20]:
        shown = [one for one, hide in zip(rows, mask, strict=True) if not hide]
        found = step(Feed(shown, now=head(seq=20, marks=((TODAY, 1),))), position)
        assert isinstance(found, Advanced)
        told += [one.seq for one in found.rows]
        position = found.position

    assert told == list(range(1, 21))

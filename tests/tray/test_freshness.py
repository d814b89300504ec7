"""The two ages to the second: when what is known counts as old, and of whom."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.tray.desk import MINUTE, NOW
from tray_app.model.freshness import Freshness

SECOND = timedelta(seconds=1)
KNOWN = Freshness(
    read_at=NOW, watermark=NOW, interval=MINUTE, poll=timedelta(seconds=20)
)
SLOW = replace(KNOWN, poll=2 * MINUTE)


@pytest.mark.parametrize(("fresh", "after"), [(KNOWN, 3 * MINUTE), (SLOW, 6 * MINUTE)])
def test_a_reading_is_old_after_three_of_the_longer_interval(
    fresh: Freshness, after: timedelta
) -> None:
    fresh = replace(fresh, watermark=NOW + after)

    assert not fresh.read_is_old(NOW + after)
    assert not fresh.stale(NOW + after)
    assert fresh.read_is_old(NOW + after + SECOND)
    assert fresh.stale(NOW + after + SECOND)


@pytest.mark.parametrize(("fresh", "after"), [(KNOWN, 200), (SLOW, 300)])
def test_a_feed_is_old_after_three_syncs_and_a_look(
    fresh: Freshness, after: int
) -> None:
    now = NOW + after * SECOND
    fresh = replace(fresh, read_at=now)

    assert not fresh.feed_is_old(now)
    assert not fresh.stale(now)
    assert fresh.feed_is_old(now + SECOND)
    assert fresh.stale(now + SECOND)


def test_what_was_never_read_or_never_synced_is_old() -> None:
    assert Freshness().read_is_old(NOW)
    assert Freshness().feed_is_old(NOW)
    assert not Freshness().looks_skewed()
    assert not replace(KNOWN, status_at=None).looks_skewed()


def test_a_feed_has_stopped_once_its_watermark_has_stood_for_a_sync_and_a_look() -> (
    None
):
    old = replace(KNOWN, watermark=NOW - 10 * MINUTE)
    at = NOW + 80 * SECOND

    assert old.feed_has_stopped(NOW)
    assert not replace(old, moved_at=NOW).feed_has_stopped(at)
    assert replace(old, moved_at=NOW).feed_has_stopped(at + SECOND)
    assert not replace(KNOWN, moved_at=NOW).feed_has_stopped(at + SECOND)


def test_it_is_noted_when_the_watermark_was_read_and_when_it_moved() -> None:
    first = KNOWN.marked(NOW + MINUTE, NOW + MINUTE)
    again = first.marked(NOW + MINUTE, NOW + 2 * MINUTE)

    assert (first.watermark, first.status_at, first.moved_at) == (NOW + MINUTE,) * 3
    assert (again.status_at, again.moved_at) == (NOW + 2 * MINUTE, NOW + MINUTE)


def test_a_sync_that_never_completed_says_nothing_of_any_clock() -> None:
    ahead = replace(KNOWN, ahead=5 * MINUTE)

    found = ahead.marked(None, NOW + MINUTE)

    assert (found.watermark, found.status_at) == (None, NOW + MINUTE)
    assert found.ahead == timedelta(0)
    assert found.marked(NOW, NOW + MINUTE).watermark == NOW


@pytest.mark.parametrize(
    ("interval", "seconds", "skewed"),
    [(1, 120, False), (1, 121, True), (5, 320, False), (5, 321, True)],
)
def test_a_watermark_too_old_when_it_is_read_is_looked_at_more_closely(
    interval: int, seconds: int, *, skewed: bool
) -> None:
    fresh = replace(KNOWN, interval=interval * MINUTE, status_at=NOW + seconds * SECOND)

    assert fresh.looks_skewed() is skewed

"""Pauses double up to a limit, are jittered, and end with the attempts or the time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.backoff import Backoff

BACKOFF = Backoff(first=0.5, longest=8.0, attempts=4, longest_retry_after=60.0)
CHANCES = st.floats(0, 1, exclude_max=True)


@pytest.mark.parametrize(
    ("attempt", "seconds"), [(1, 0.5), (2, 1.0), (3, 2.0), (5, 8.0), (6, 8.0)]
)
def test_the_ceiling_doubles_up_to_the_longest_pause(
    attempt: int, seconds: float
) -> None:
    assert BACKOFF.ceiling(attempt) == seconds


def test_the_ceiling_stays_after_any_number_of_attempts() -> None:
    assert Backoff(first=5, longest=30).ceiling(1_000_000) == 30


@given(chance=CHANCES, attempt=st.integers(1, 3))
def test_a_pause_lies_anywhere_below_the_ceiling(chance: float, attempt: int) -> None:
    pause = BACKOFF.pause(attempt, chance=chance)
    assert pause == chance * BACKOFF.ceiling(attempt)


def test_the_last_attempt_is_not_repeated() -> None:
    assert BACKOFF.pause(3, chance=0.5) is not None
    assert BACKOFF.pause(4, chance=0.5) is None


def test_without_a_number_of_attempts_it_never_gives_up() -> None:
    assert Backoff(first=1, longest=2).pause(10_000, chance=0.5) == 1


@given(chance=CHANCES)
def test_what_the_server_asks_for_is_waited_in_addition(chance: float) -> None:
    pause = BACKOFF.pause(1, chance=chance, retry_after=7.0)
    assert pause is not None
    assert 7.0 <= pause <= 7.5


def test_a_server_that_asks_for_too_much_is_given_up() -> None:
    assert BACKOFF.pause(1, chance=0.0, retry_after=60.0) == 60.0
    assert BACKOFF.pause(1, chance=0.0, retry_after=60.1) is None


@given(chance=CHANCES, remaining=st.floats(0, 2))
def test_a_pause_always_ends_before_the_deadline(
    chance: float, remaining: float
) -> None:
    pause = BACKOFF.pause(2, chance=chance, remaining=remaining)
    assert pause is None or pause < remaining

"""Waiting for what happens elsewhere: in another thread, process or program."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

POLL = 0.01


def until(condition: Callable[[], T | None], *, seconds: float = 10.0) -> T:
    """
    Call *condition* every few milliseconds; return its first truthy answer.

    Raises:
        AssertionError: If there is none within *seconds*, with the last answer.
    """
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            msg = f"still {answer!r} after {seconds:g} s: {condition}"
            raise AssertionError(msg)
        time.sleep(POLL)  # nothing else in the tests sleeps

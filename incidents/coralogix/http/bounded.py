"""Bound the time that a call may take, whatever it waits for."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

_T = TypeVar("_T")


class _Call(threading.Thread, Generic[_T]):
    """Runs one function, and keeps what it returned or raised."""

    def __init__(self, work: Callable[[], _T]) -> None:
        # A daemon: a call that is given up must not keep the process from ending.
        super().__init__(name="bounded call", daemon=True)
        self._work = work
        self._returned: list[_T] = []
        self._raised: BaseException | None = None

    def run(self) -> None:
        """Call the function; nothing is raised in this thread."""
        try:
            self._returned.append(self._work())
        except BaseException as exc:  # noqa: BLE001  # raised again by whoever waits
            self._raised = exc

    def result(self) -> _T:
        """Return or raise what the function did. Call it when the thread has ended."""
        if self._raised is not None:
            raise self._raised
        return self._returned[0]


def run_within(seconds: float, work: Callable[[], _T]) -> _T:
    """
    Return what *work* returns, or raise what it raises, within *seconds*.

    The time-outs of a socket bound each silence, and a name look-up has none; this
    bounds the sum. A call that is given up goes on in its own thread until
    its connection is closed.

    Raises:
        TimeoutError: If it takes longer.
    """
    call = _Call(work)
    call.start()
    call.join(seconds)
    if call.is_alive():
        raise TimeoutError
    return call.result()

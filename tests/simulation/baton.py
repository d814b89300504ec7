"""Threads of which only one runs at a time, and only when it is told to."""

from collections.abc import Callable
from threading import Lock, Thread


class Actor:
    """
    A thread that works until it pauses, and then waits to be resumed.

    Whoever resumes it stands still in the meantime, so a schedule of several
    actors depends on nothing but the order of resumes.
    """

    def __init__(self) -> None:
        self._go, self._back = Lock(), Lock()
        self._go.acquire()
        self._back.acquire()
        self._work: Callable[[], object] | None = None
        self._failure: BaseException | None = None
        Thread(target=self._live, daemon=True).start()

    @property
    def busy(self) -> bool:
        """Whether it has work that has not ended."""
        return self._work is not None

    def start(self, work: Callable[[], object]) -> None:
        """Give it *work*; nothing happens before the first resume."""
        self._work = work

    def resume(self) -> None:
        """
        Let it go on until it pauses or ends.

        Raises:
            BaseException: Whatever its work raised.
        """
        self._go.release()
        self._back.acquire()
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure

    def pause(self) -> None:
        """Hand back. Called from within the work."""
        self._back.release()
        self._go.acquire()

    def _live(self) -> None:
        while True:
            self._go.acquire()
            try:
                if self._work:
                    self._work()
            except BaseException as failure:  # noqa: BLE001  # it is raised in `resume`
                self._failure = failure
            self._work = None
            self._back.release()

"""Threads that run one at a time, in the order in which they are resumed."""

from collections.abc import Callable
from threading import Lock, Thread


class SteppedThread:
    """
    A thread that runs until it pauses, and then waits to be resumed.

    The thread that resumes it is blocked meanwhile, so a schedule of several such
    threads depends only on the order of resumes.
    """

    def __init__(self) -> None:
        self._resumed, self._paused = Lock(), Lock()
        self._resumed.acquire()
        self._paused.acquire()
        self._work: Callable[[], object] | None = None
        self._failure: BaseException | None = None
        Thread(target=self._loop, daemon=True).start()

    @property
    def busy(self) -> bool:
        """Whether its work has not ended."""
        return self._work is not None

    def start(self, work: Callable[[], object]) -> None:
        """Set the *work*; it starts with the first resume."""
        self._work = work

    def resume(self) -> None:
        """
        Run it until it pauses or ends.

        Raises:
            BaseException: The exception that the work raised.
        """
        self._resumed.release()
        self._paused.acquire()
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure

    def pause(self) -> None:
        """Return to the thread that resumed it; the work calls this."""
        self._paused.release()
        self._resumed.acquire()

    def _loop(self) -> None:
        while True:
            self._resumed.acquire()
            try:
                if self._work:
                    self._work()
            except BaseException as failure:  # noqa: BLE001  # it is raised in `resume`
                self._failure = failure
            self._work = None
            self._paused.release()

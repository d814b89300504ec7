"""Ending cleanly when the system asks, whoever owns the main thread."""

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

ENDS = tuple(
    getattr(signal, name)
    for name in ("SIGTERM", "SIGINT", "SIGHUP")
    if hasattr(signal, name)
)


@contextmanager
def ending(end: Callable[[], None]) -> Iterator[None]:
    """
    Call *end* when a signal asks for the end. For the main thread.

    A main loop that is not Python's keeps handlers waiting, so a byte on a socket
    tells a thread of its own as well; *end* may be called twice.
    """
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    before = {number: signal.getsignal(number) for number in ENDS}
    woken = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    for number in ENDS:
        signal.signal(number, lambda *_: end())
    numbers = {int(number) for number in ENDS}

    def listen() -> None:
        while received := ours.recv(16):
            if numbers & set(received):
                end()

    listener = threading.Thread(target=listen, name="signals", daemon=True)
    listener.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(woken)
        for number, handler in before.items():
            signal.signal(number, handler)
        theirs.close()
        listener.join(1)
        ours.close()

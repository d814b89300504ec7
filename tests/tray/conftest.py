"""The desktop that the whole companion is tested on: the one of the adapters' tests."""

from tests.desktop.conftest import bus, loop, notifd, programs, watcher

__all__ = ["bus", "loop", "notifd", "programs", "watcher"]

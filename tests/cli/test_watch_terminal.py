"""`incident-tray watch` on a real terminal, from its start to its end."""

import contextlib
import fcntl
import os
import pty
import select
import subprocess
import sys
import termios
from pathlib import Path
from typing import Self

import pytest

from simulator.desktop.waiting import until
from tray_app.desktop.instance import LOCK, claim, is_running
from tray_app.ledger.ledger import Ledger
from tray_app.settings import paths

ROOT = Path(__file__).resolve().parents[2]


class Terminal:
    """`incident-tray watch` on a terminal of its own, and what that has shown."""

    def __init__(self, home: Path) -> None:
        self._screen, end = pty.openpty()
        self._seen = bytearray()
        self.before = self.settings()
        environment = {**os.environ, "INCIDENT_TRAY_HOME": str(home), "TERM": "xterm"}
        self.program = subprocess.Popen(
            [sys.executable, "-m", "tray_app", "watch"],
            cwd=ROOT,
            env=environment,
            stdin=end,
            stdout=end,
            stderr=end,
            start_new_session=True,
        )
        os.close(end)

    def settings(self) -> list[object]:
        """Return how the terminal treats what is typed."""
        return termios.tcgetattr(self._screen)

    def close(self) -> None:
        """Go away, as a connection does."""
        os.close(self._screen)
        self._screen = os.open(os.devnull, os.O_RDONLY)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.program.kill()
        self.program.wait()
        os.close(self._screen)

    def type(self, keys: bytes) -> None:
        os.write(self._screen, keys)

    def shows(self, words: bytes) -> bool:
        with contextlib.suppress(OSError):  # what Linux says of a terminal that ended
            while select.select([self._screen], [], [], 0)[0]:
                self._seen.extend(os.read(self._screen, 65536))
        return words in self._seen

    def ended(self) -> int:
        """Wait for the end; return the exit code."""
        until(lambda: (self.shows(b""), self.program.poll() is not None)[1], seconds=30)
        self.shows(b"")
        return self.program.returncode


def test_it_lives_on_a_real_terminal(home: Path, ledger: Ledger) -> None:
    del ledger
    instance = claim(paths.runtime_folder(), lambda: None)
    assert instance is not None
    try:
        with Terminal(home) as terminal:
            until(lambda: terminal.shows(b"payment-latency-1"), seconds=30)
            terminal.type(b"\r")
            until(lambda: terminal.shows(b"what happened"))
            until(lambda: terminal.shows(b"[told: notify_from]"))
            assert terminal.settings() != terminal.before
            terminal.type(b"\x1b")
            terminal.type(b"q")
            assert terminal.ended() == 0
            assert terminal.settings() == terminal.before
    finally:
        instance.release()


def test_it_ends_with_its_terminal(home: Path, ledger: Ledger) -> None:
    del ledger
    instance = claim(paths.runtime_folder(), lambda: None)
    assert instance is not None
    try:
        with Terminal(home) as terminal:
            until(lambda: terminal.shows(b"payment-latency-1"), seconds=30)
            terminal.close()
            assert terminal.program.wait(30) in (0, 1)
    finally:
        instance.release()


def test_without_settings_it_says_so_and_starts_nothing(home: Path) -> None:
    with Terminal(home) as terminal:
        assert terminal.ended() == 2
        assert terminal.shows(b"incident-tray: Say who you are")

    assert list(home.iterdir()) == []


def test_where_no_tray_runs_it_is_the_tray_until_it_ends(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
    (home / "settings.toml").write_text('uid = "alice"')

    with Terminal(home) as terminal:
        until(lambda: is_running(home), seconds=30)
        until(lambda: terminal.shows(b"quit"), seconds=30)
        terminal.type(b"q")
        assert terminal.ended() == 0

    assert not is_running(home)


def test_a_kill_leaves_no_tray_behind(home: Path) -> None:
    (home / "settings.toml").write_text('uid = "alice"')

    with Terminal(home) as terminal:
        until(lambda: terminal.shows(b"quit"), seconds=30)
        assert is_running(home)
        terminal.program.kill()
        terminal.program.wait()

    assert not is_running(home)


def test_where_no_tray_can_run_it_says_so(home: Path) -> None:
    (home / "settings.toml").write_text('uid = "alice"')
    (home / LOCK).mkdir()  # so that no tray can run

    with Terminal(home) as terminal:
        assert terminal.ended() == 1
        assert terminal.shows(b"Cannot lock")


def test_where_no_tray_listens_looking_is_not_promised(
    home: Path, ledger: Ledger
) -> None:
    del ledger
    with (home / LOCK).open("a") as held:  # a tray that is busy
        fcntl.flock(held, fcntl.LOCK_EX)
        with Terminal(home) as terminal:
            until(lambda: terminal.shows(b"payment-latency-1"), seconds=30)
            terminal.type(b"l")
            until(lambda: terminal.shows(b"No tray answers."))
            terminal.type(b"q")
            assert terminal.ended() == 0

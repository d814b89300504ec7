import subprocess
import sys
import threading
from multiprocessing.connection import Client
from pathlib import Path

import pytest

from simulator.desktop.waiting import until
from tray_app.desktop.instance import (
    HERE,
    LOCK,
    SOCKET,
    SYNC,
    claim,
    is_running,
    send,
)
from tray_app.model.ports import DesktopError

ROOT = Path(__file__).resolve().parents[2]
HOLD = """
import sys, threading
from pathlib import Path
from tray_app.desktop.instance import claim

said = threading.Event()

def raised():  # another may knock before the line below is reached
    said.wait()
    print("raised", flush=True)

instance = claim(Path(sys.argv[1]), raised)
print("first" if instance else "second", flush=True)
said.set()
if instance:
    sys.stdin.read()
"""


def _start(folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _line(program: "subprocess.Popen[str]") -> str:
    assert program.stdout is not None
    return program.stdout.readline().strip()


def test_a_second_start_raises_the_first(tmp_path: Path) -> None:
    raised = threading.Semaphore(0)
    first = claim(tmp_path, raised.release)
    assert first is not None

    for _ in range(3):
        assert claim(tmp_path, pytest.fail) is None
        assert raised.acquire(timeout=5)

    first.release()
    first.release()
    again = claim(tmp_path, pytest.fail)
    assert again is not None
    again.release()
    assert not raised.acquire(blocking=False)


def test_of_eight_started_together_one_runs(tmp_path: Path) -> None:
    programs = [_start(tmp_path) for _ in range(8)]
    try:
        assert sorted(_line(program) for program in programs) == (
            ["first"] + ["second"] * 7
        )
    finally:
        for program in programs:
            program.communicate(timeout=10)


def test_a_killed_tray_blocks_no_other(tmp_path: Path) -> None:
    with _start(tmp_path) as program:
        assert _line(program) == "first"
        assert claim(tmp_path, pytest.fail) is None
        assert _line(program) == "raised"
        program.kill()
    assert (tmp_path / SOCKET).exists()

    raised = threading.Event()
    instance = claim(tmp_path, raised.set)
    assert instance is not None
    assert claim(tmp_path, pytest.fail) is None
    until(raised.is_set)
    instance.release()


def test_sync_has_the_tray_poll_at_once(tmp_path: Path) -> None:
    looked = threading.Semaphore(0)
    assert not send(tmp_path, SYNC)
    assert not is_running(tmp_path)
    assert list(tmp_path.iterdir()) == []  # a question leaves nothing behind
    instance = claim(tmp_path, pytest.fail, looked.release)
    assert instance is not None

    assert send(tmp_path, HERE)  # in turn: had it raised the tray, that had failed
    assert send(tmp_path, SYNC)

    assert looked.acquire(timeout=5)
    assert is_running(tmp_path)
    instance.release()
    assert not is_running(tmp_path)


def test_an_unknown_or_missing_command_raises_it(tmp_path: Path) -> None:
    raised = threading.Semaphore(0)
    instance = claim(tmp_path, raised.release, pytest.fail)
    assert instance is not None

    assert send(tmp_path, b"later")
    assert raised.acquire(timeout=5)
    with Client(str(tmp_path / SOCKET)):  # as whoever starts and hangs
        assert raised.acquire(timeout=5)
    instance.release()


def test_a_folder_too_deep_for_a_socket_still_holds_one(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 120)
    first = claim(deep, pytest.fail)
    assert first is not None

    assert claim(deep, pytest.fail) is None

    first.release()


def test_the_lock_is_the_persons_own(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    instance = claim(folder, pytest.fail)
    assert instance is not None

    assert folder.stat().st_mode & 0o077 == 0
    assert (folder / LOCK).read_text() == ""
    instance.release()


def test_a_folder_that_cannot_be_locked_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(DesktopError, match="Cannot lock"):
        claim(tmp_path / "file", pytest.fail)

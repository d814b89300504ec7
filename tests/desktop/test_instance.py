import contextlib
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from multiprocessing.connection import Client
from pathlib import Path

import pytest

from simulator.desktop.waiting import until
from tray_app.cli import doctor
from tray_app.cli.main import main
from tray_app.desktop import channel, channel_pipe
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

    with pytest.raises(DesktopError, match="runs already, but does not answer"):
        claim(deep, pytest.fail)
    first.release()


def test_callers_that_stall_delay_nobody(tmp_path: Path) -> None:
    looked = threading.Semaphore(0)
    instance = claim(tmp_path, lambda: None, looked.release)
    assert instance is not None
    stalled = [socket.socket(socket.AF_UNIX) for _ in range(40)]
    for caller in stalled:
        caller.connect(str(tmp_path / SOCKET))
        caller.send(b"\0\0\0\x10abc")  # a length, and then not so much

    begun = time.monotonic()
    assert all(send(tmp_path, SYNC) for _ in range(3))

    assert time.monotonic() - begun < 3 * channel.PATIENCE
    for _ in range(3):
        assert looked.acquire(timeout=5)
    for caller in stalled:
        caller.close()
    instance.release()


def test_a_tray_that_is_frozen_is_said_not_to_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INCIDENT_TRAY_HOME", str(tmp_path))
    with _start(tmp_path) as program:
        assert _line(program) == "first"
        program.send_signal(signal.SIGSTOP)
        assert not send(tmp_path, HERE)
        waiting = [_waiting(tmp_path) for _ in range(channel.BACKLOG + 2)]
        assert not send(tmp_path, HERE)  # though its queue is full
        assert main(["sync"]) == 1
        assert "does not answer" in capsys.readouterr().err
        assert main(["run", "--uid", "alice"]) == 1
        assert "runs already, but does not answer" in capsys.readouterr().err
        assert "does not answer" in doctor.running_tray().text
        for caller in waiting:
            caller.close()
        program.kill()


def _waiting(folder: Path) -> socket.socket:
    caller = socket.socket(socket.AF_UNIX)
    caller.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        caller.connect(str(folder / SOCKET))
    return caller


@pytest.mark.parametrize("end", ["tray", "caller"])
def test_another_user_is_neither_heard_nor_believed(
    end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The system vouches for the user; here one end takes itself for another one.
    raised = pytest.fail if end == "tray" else lambda: None
    instance = claim(tmp_path, raised, pytest.fail)
    assert instance is not None
    me, caller = os.geteuid(), threading.current_thread()

    def user() -> int:
        return me + ((threading.current_thread() is caller) == (end == "caller"))

    monkeypatch.setattr(os, "geteuid", user)
    assert not send(tmp_path, SYNC)
    monkeypatch.undo()
    instance.release()


@pytest.mark.parametrize(
    "garbage",
    [b"\xff\xff\xff\xff" + b"\x7f" * 8, b"\xff\xff\xff\xfe", b"\0\0\0\x11" + b"a" * 17],
)
def test_garbage_is_no_command_and_the_tray_lives(
    tmp_path: Path, garbage: bytes
) -> None:
    looked = threading.Semaphore(0)
    instance = claim(tmp_path, lambda: None, looked.release)
    assert instance is not None
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect(str(tmp_path / SOCKET))
        caller.send(garbage)

    assert send(tmp_path, SYNC)

    assert looked.acquire(timeout=5)
    instance.release()


def test_the_pipe_obeys_only_who_knows_the_secret(tmp_path: Path) -> None:
    commands: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    secret = channel_pipe.secret_in(tmp_path)
    address = str(tmp_path / "pipe")  # a socket stands in for Windows' pipe
    server = channel_pipe.PipeServer(address, secret, commands.put)
    with Client(address):  # stalls
        assert not channel_pipe.call(address, b"another", SYNC)
        assert channel_pipe.call(address, secret, SYNC)

    assert commands.get(timeout=5) == SYNC
    assert commands.empty()
    assert channel_pipe.secret_in(tmp_path) == secret
    server.close()


def test_who_has_taken_the_pipes_name_is_not_taken_for_the_tray(tmp_path: Path) -> None:
    address = str(tmp_path / "pipe")
    commands: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    squatter = channel_pipe.PipeServer(address, b"another", commands.put)

    assert not channel_pipe.call(address, channel_pipe.secret_in(tmp_path), SYNC)
    squatter.close()
    assert commands.empty()


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

"""A DynamoDB API on loopback: ministack, in a process of its own (ADR 0007)."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_START_TIMEOUT = 30.0
"""Seconds until the port must accept connections."""


def environment(port: int) -> dict[str, str]:
    """Return the environment of a client of the emulator on *port*."""
    endpoint = f"http://127.0.0.1:{port}"
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ENDPOINT_URL_DYNAMODB": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_REGION": "eu-west-1",
    }


def free_port() -> int:
    """Return a free loopback port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def emulator(
    settings: Mapping[str, str] | None = None, python: Path | None = None
) -> Iterator[int]:
    """
    Run the emulator until the context ends; yield its port.

    *settings* are added to its environment, for example `AUTH`. With *python* the
    emulator of that interpreter's environment runs, and functions run on it.

    Raises:
        RuntimeError: If it does not start.
    """
    program = shutil.which(
        "ministack", path=str((python or Path(sys.executable)).parent)
    )
    if program is None:
        raise RuntimeError("ministack is not installed here: run `make setup`")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="incident-tray-") as folder:
        log = Path(folder, "log")
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603  # our own dependency
                [program],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={
                    **_environment(folder),
                    "BIND_HOST": "127.0.0.1",
                    "GATEWAY_PORT": str(port),
                    **(settings or {}),
                },
            )
        try:
            _wait_for_port(process, port, log)
            yield port
        finally:
            end(process)


def _environment(folder: str) -> dict[str, str]:
    path = os.environ.get("PATH", "")  # noqa: TID251  # a child needs its PATH
    return {"PATH": path, "HOME": folder, "TMPDIR": folder, "LC_ALL": "C.UTF-8"}


def _wait_for_port(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    end = time.monotonic() + _START_TIMEOUT
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            probe.settimeout(0.2)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"ministack did not start: {log.read_text()[-300:]}")


def end(process: "subprocess.Popen[bytes]") -> None:
    """Terminate *process*; kill it after five seconds."""
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

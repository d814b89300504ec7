"""`python -m simulator`, as others start it."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.waiting import until


@contextmanager
def started(*arguments: str) -> "Iterator[subprocess.Popen[str]]":
    process = subprocess.Popen(
        [sys.executable, "-m", "simulator", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def base_url(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return str(json.loads(process.stdout.readline())["base_url"])


@pytest.mark.network
def test_it_says_where_it_is_lives_and_ends_at_once_when_told() -> None:
    with started("--users", "3", "--open", "4", "--rate", "6000") as process:
        state = base_url(process).removesuffix("/mgmt/openapi/5") + "/_sim/state"
        before = httpx.get(state).json()
        moved = until(
            lambda: httpx.get(state).json()["incidents"] != before["incidents"]
        )

        process.send_signal(signal.SIGTERM)
        code = process.wait(10)

    assert moved
    assert (len(before["users"]), code) == (3, 0)


@pytest.mark.network
def test_it_says_in_one_line_what_is_wrong() -> None:
    with started("--open", "0") as first:
        port = base_url(first).split(":")[2].split("/")[0]
        second = subprocess.run(
            [sys.executable, "-m", "simulator", "--port", port],
            capture_output=True,
            text=True,
            check=False,
        )
    wrong = subprocess.run(
        [sys.executable, "-m", "simulator", "--faults", "nope"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert second.returncode == 1
    assert second.stderr.startswith(f"Port {port} cannot be used")
    assert wrong.returncode == 2
    assert "'nope' is no fault" in wrong.stderr
    assert "Traceback" not in second.stderr + wrong.stderr

"""`python -m simulator`, as others start it."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from simulator.__main__ import main
from simulator.desktop.waiting import until


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
def test_it_says_in_one_line_that_its_port_is_taken() -> None:
    with started("--open", "0") as first:
        port = base_url(first).split(":")[2].split("/")[0]
        second = subprocess.run(
            [sys.executable, "-m", "simulator", "--port", port],
            capture_output=True,
            text=True,
            check=False,
        )
    assert second.returncode == 1
    assert second.stderr.startswith(f"Port {port} cannot be used")
    assert "Traceback" not in second.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--faults", "nope"], "'nope' is not a fault"),
        (["--faults", "cut:nope"], "'nope' is not an operation"),
        (["--port", "65536"], "--port must be within"),
        (["--open", "-1"], "must not be negative"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(words)

    assert message in capsys.readouterr().err

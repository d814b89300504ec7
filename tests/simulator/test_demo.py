"""The demonstration, as a stranger starts it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import pytest

from simulator.demo.__main__ import main
from simulator.demo.tray_process import has_desktop
from simulator.desktop.waiting import until

NOWHERE = {
    name: value
    for name, value in os.environ.items()
    if name not in ("DISPLAY", "WAYLAND_DISPLAY")
}


@contextmanager
def demo(*words: str) -> "Iterator[subprocess.Popen[str]]":
    process = subprocess.Popen(
        [sys.executable, "-m", "simulator.demo", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=NOWHERE,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def lines(*words: str) -> list[dict[str, object]]:
    with demo("--headless", "--json", *words) as process:
        out, problem = process.communicate(timeout=120)
    assert process.returncode == 0, problem
    return [json.loads(line) for line in out.splitlines()]


@pytest.mark.network
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_ten_cycles_lose_nothing_and_repeat_with_their_seed() -> None:
    *notifications, summary = lines("--cycles", "10", "--seed", "5")
    *again, _ = lines("--cycles", "10", "--seed", "5")

    assert summary == {
        "type": "summary",
        "syncs": 10,
        "changes": summary["changes"],
        "notifications": len(notifications),
        "lost": 0,
        "duplicates": 0,
    }
    assert notifications == again
    assert notifications
    assert {tuple(line) for line in notifications} == {
        ("type", "feed", "seq", "kinds", "incident_id", "severity", "title")
    }
    for feed in {line["feed"] for line in notifications}:
        seqs = [int(str(line["seq"])) for line in notifications if line["feed"] == feed]
        assert all(before < after for before, after in pairwise(seqs))


@pytest.mark.network
def test_one_cycle_is_the_baseline_alone() -> None:
    (summary,) = lines("--cycles", "1")

    assert (summary["syncs"], summary["changes"]) == (1, 0)


@pytest.mark.network
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_without_a_desktop_an_incident_is_printed_and_the_end_is_clean() -> None:
    with demo() as process:
        assert process.stdout is not None
        out = process.stdout
        seen: list[str] = []

        def is_printed() -> bool:
            seen.append(out.readline())
            return "■ Critical: payment-latency · checkout" in seen[-1]

        assert until(is_printed, seconds=90)
        process.send_signal(signal.SIGTERM)
        rest, problem = process.communicate(timeout=60)

    assert process.returncode == 0
    assert problem == ""
    assert "0 lost · 0 told twice" in rest
    assert "\x1b" not in "".join(seen) + rest


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--cycles", "0"], "--cycles must be 1 or more"),
        (["--cycles", "-3"], "--cycles must be 1 or more"),
        (["--seconds", "0"], "--seconds must be more than 0"),
        (["--seconds", "nan"], "--seconds must be more than 0"),
    ],
)
def test_doing_nothing_is_refused(
    words: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(words)

    assert stopped.value.code == 2
    assert line in capsys.readouterr().err


def test_json_is_for_cycles() -> None:
    with demo("--json") as process:
        _, problem = process.communicate(timeout=60)

    assert process.returncode == 2
    assert "--json needs --cycles" in problem


@pytest.mark.parametrize(
    ("variables", "platform", "there"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "win32", True),
        ({}, "darwin", True),
    ],
)
def test_a_desktop_is_looked_for(
    variables: dict[str, str], platform: str, *, there: bool
) -> None:
    assert has_desktop(variables, platform) is there

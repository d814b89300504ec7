"""The promise, over seeded schedules of everything that can go wrong."""

import json
import subprocess
import sys
from pathlib import Path

from tests.simulation.play import PROCESSES
from tests.simulation.schedule import Schedule
from tests.simulation.stepped_thread import SteppedThread

ROOT = Path(__file__).resolve().parents[2]


def test_2000_schedules_lose_nothing_repeat_nothing_and_remove_nothing_wrongly() -> (
    None
):
    result = subprocess.run(
        [sys.executable, "-m", "tests.simulation", "--seed", "7", "--schedules=2000"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )

    assert result.returncode == 0, result.stdout + result.stderr
    assert json.loads(result.stdout.splitlines()[-1]) == {
        "schedules": 2000,
        "lost": 0,
        "repeated": 0,
        "gaps": 0,
        "wrong_removals": 0,
        "seed": 7,
    }


def test_a_seed_plays_the_same_schedule_again() -> None:
    actors = [SteppedThread() for _ in range(PROCESSES)]
    once, again = (Schedule("7:11", actors) for _ in range(2))

    once.run()
    again.run()

    assert once.world.history == again.world.history
    assert once.table.heads == again.table.heads
    assert once.table.rows == again.table.rows
    assert once.now == again.now

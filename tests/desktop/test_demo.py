"""The demonstration on a desktop: the real tray shows what the simulator does."""

import os
import signal
import subprocess
import sys

import pytest

from simulator.desktop.notifd import Notifd
from simulator.desktop.waiting import until
from simulator.desktop.watcher import Watcher

pytestmark = [pytest.mark.desktop, pytest.mark.slow, pytest.mark.timeout(300)]


def test_the_demonstration_shows_an_incident_in_the_tray_and_ends_cleanly(
    bus: str, watcher: Watcher, notifd: Notifd
) -> None:
    del watcher
    environment = {
        **os.environ,
        "DBUS_SESSION_BUS_ADDRESS": bus,
        # The tray speaks over the bus: no display is opened.
        "DISPLAY": ":none",
    }
    with subprocess.Popen(
        [sys.executable, "-m", "simulator.demo"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        try:
            shown = until(
                lambda: [n for n in notifd.log if "payment-latency" in n.title],
                seconds=90,
            )
            process.send_signal(signal.SIGINT)
            out, problem = process.communicate(timeout=60)
        finally:
            process.kill()

    assert "Critical" in shown[0].title
    assert (process.returncode, problem) == (0, "")
    assert "Look at your tray" in out
    assert "0 lost · 0 told twice" in out

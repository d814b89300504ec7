"""Install and try the wheel outside the checkout, as a user would."""

import re
import shutil
import signal
import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from infra.release.wheel import ROOT, ReleaseError, require, run, uv
from simulator.api.server import serve
from simulator.desktop.loop_thread import LoopThread
from simulator.desktop.notifd import Notifd
from simulator.desktop.programs import Programs, start_bus
from simulator.desktop.waiting import until
from simulator.world.world import World

CONSTRAINTS = ROOT / "constraints.txt"
"""The versions that are tested, for pip: `make lock` takes them from the lock file."""
INCIDENT = "Checkout is down"
_TIMEOUT = 60.0
"""Seconds for the tray to start and notify, on a busy machine."""
_FINDING = re.compile(r"[✓✗?] [a-z]+: .+")
_PROBLEM = 1
"""The exit code of `doctor` while no tray runs."""


def pinned(constraints: str) -> set[str]:
    """Return each `name==version` that a constraints file pins, without its marker."""
    return {line.split(" ;")[0] for line in constraints.splitlines()}


class Stranger:
    """A home folder outside the checkout, with the wheel alone."""

    def __init__(self, wheel: Path, python: str) -> None:
        """*python* is an interpreter, or a version that uv finds."""
        self._wheel, self._python = wheel, python
        self._stack = ExitStack()
        self._programs = self._stack.enter_context(Programs())
        self._home = self._programs.home
        self._program = self._home / "environment" / "bin" / "incident-tray"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self._stack.close()

    def install_without_extra(self) -> str:
        """Install the wheel without its extra; check that it names the extra."""
        environment = self._home / "alone"
        uv("venv", "--quiet", f"--python={self._python}", str(environment))
        inside = f"--python={environment / 'bin' / 'python'}"
        uv("pip", "install", "--quiet", inside, str(self._wheel))
        ran = self._run([str(environment / "bin" / "incident-tray"), "--version"])
        line = ran.stderr.strip()
        require(ran.returncode == 1 and "[tray]" in line and "\n" not in line, line)
        return "named in a line"

    def install(self) -> str:
        """
        Install the wheel with its extra `tray`, as the guide says; return what came.

        Raises:
            ReleaseError: If a version is not the one of the lock file, with its name.
        """
        environment = self._home / "environment"
        uv("venv", "--quiet", f"--python={self._python}", str(environment))
        inside = f"--python={environment / 'bin' / 'python'}"
        tested = f"--constraints={CONSTRAINTS}"
        uv("pip", "install", "--quiet", inside, tested, f"{self._wheel}[tray]")
        uv("pip", "check", "--quiet", inside)
        ask = "import sys, tray_app; print(sys.version.split()[0], tray_app.__file__)"
        python, where = run(
            [str(environment / "bin" / "python"), "-I", "-c", ask], self._home
        ).split()
        require(Path(where).is_relative_to(environment), f"tray_app is that of {where}")
        freeze = ("pip", "freeze", "--exclude", "coralogix-incident-tray", inside)
        installed = set(uv(*freeze).split())
        untested = installed - pinned(CONSTRAINTS.read_text())
        require(not untested, f"not the tested versions: {sorted(untested)}")
        return f"{len(installed)} packages, all of the lock file, Python {python}"

    def version(self) -> str:
        """Check `--version` against the wheel's name; return it."""
        output = self._answer("--version").stdout.split()[-1]
        require(output == self._wheel.name.split("-")[1], f"--version says {output}")
        return output

    def doctor(self) -> str:
        """Run `doctor` before any setup; return its counts."""
        ran = self._answer("doctor", code=_PROBLEM)
        lines = ran.stdout.splitlines()
        odd = [line for line in lines if not _FINDING.fullmatch(line)]
        require(lines and not odd and not ran.stderr, f"doctor says {odd} {ran.stderr}")
        wrong = sum(line.startswith("✗") for line in lines)
        return f"{len(lines)} findings, {wrong} of them wrong"

    def desktop(self) -> str:
        """Install the desktop entry, and remove it again."""
        paths = [Path(line) for line in self._answer("desktop", "on").stdout.split()]
        require(paths and all(map(Path.exists, paths)), "desktop on: not all is there")
        (entry,) = (path for path in paths if path.suffix == ".desktop")
        require(
            f"{self._program}" in entry.read_text(), f"{entry} starts another program"
        )
        self._answer("desktop", "off")
        require(not any(map(Path.exists, paths)), "desktop off: something stays")
        return f"{len(paths)} files, put there and taken away"

    def solo(self) -> str:
        """Run the tray without AWS until it has shown an incident, and end it."""
        world = World(seed=1, users=2, open=3, rate=0.0, now=_now())
        running = self._stack.enter_context(serve(world))
        me = world.users[0]
        (self._home / "tray").mkdir()
        self._programs.environment |= {
            "INCIDENT_TRAY_HOME": str(self._home / "tray"),
            "INCIDENT_TRAY_API_KEY": me.key,
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }
        (self._home / "tray" / "settings.toml").write_text(
            f'[coralogix]\nbase_url = "{running.base_url}"\n'
        )
        screen = self._screen()
        words = ("run", "--solo", "--uid", me.email, "--poll", "1")
        tray = self._programs.start(str(self._program), *words)
        self._wait(lambda: self._knows("3"))
        world.open_incident(name=INCIDENT, severity="critical")
        self._wait(lambda: self._has_notified(screen))
        tray.send_signal(signal.SIGTERM)
        code = tray.wait(15)
        require(code == 0, f"the tray ended with {code}: {self._programs.logs()}")
        where = "on a notification server" if screen else "in `list`; no D-Bus here"
        return f"told {INCIDENT!r} {where}; ended with 0"

    def _screen(self) -> Notifd | None:
        """Start a bus and a notification server on it, where that is possible."""
        if shutil.which("dbus-daemon") is None:
            return None
        start_bus(self._programs)
        address = self._programs.environment["DBUS_SESSION_BUS_ADDRESS"]
        loop = self._stack.enter_context(LoopThread())
        screen = loop.run(Notifd.started(address))
        self._stack.callback(lambda: loop.run(screen.stopped()))
        return screen

    def _wait(self, condition: Callable[[], bool]) -> None:
        """Wait for *condition*. Raises ReleaseError with what the tray has said."""
        try:
            until(condition, seconds=_TIMEOUT)
        except AssertionError as exc:
            raise ReleaseError(f"nothing told; {self._programs.logs()}") from exc

    def _knows(self, open_: str) -> bool:
        """Whether the tray has polled and counts *open_* open incidents."""
        words = [str(self._program), "status", "--format", "{open}"]
        return self._run(words).stdout.strip() == open_

    def _has_notified(self, screen: Notifd | None) -> bool:
        if screen is None:
            return INCIDENT in self._run([str(self._program), "list"]).stdout
        return any(INCIDENT in notification.title for notification in screen.log)

    def _answer(self, *words: str, code: int = 0) -> "subprocess.CompletedProcess[str]":
        ran = self._run([str(self._program), *words])
        output = f"{' '.join(words)} ended with {ran.returncode}: {ran.stderr}"
        require(ran.returncode == code and "Traceback" not in ran.stderr, output)
        return ran

    def _run(self, command: list[str]) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command,
            env=self._programs.environment,
            cwd=self._home,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  # the simulated world begins now

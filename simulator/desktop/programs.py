"""Programs that a test starts; each is ended by its process id."""

import os
import select
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Self

import pytest

BUS_CONFIGURATION = """<!DOCTYPE busconfig PUBLIC
 "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <keep_umask/>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
  <limit name="max_incoming_bytes">1000000000</limit>
  <limit name="max_outgoing_bytes">1000000000</limit>
  <limit name="max_message_size">1000000000</limit>
  <limit name="max_completed_connections">100000</limit>
  <limit name="max_connections_per_user">100000</limit>
  <limit name="max_match_rules_per_connection">50000</limit>
  <limit name="max_replies_per_connection">50000</limit>
</busconfig>
"""
"""
A session bus that starts no service: with the stock configuration the first
notification starts the server that is installed, and no test ends it.
"""


class Programs:
    """A private home and everything that was started in it; ended last to first."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="desktop-"))
        self.environment = _environment(self.home)
        self._started: list[subprocess.Popen[bytes]] = []

    def start(
        self,
        *command: str,
        stdin: int = subprocess.DEVNULL,
        stdout: int | None = None,
        pass_fds: tuple[int, ...] = (),
    ) -> subprocess.Popen[bytes]:
        """Start *command*; its output goes to a log, unless *stdout* says otherwise."""
        need(command[0])
        with (self.home / f"{Path(command[0]).name}.log").open("ab") as log:
            program = subprocess.Popen(
                command,
                env=self.environment,
                stdin=stdin,
                stdout=log if stdout is None else stdout,
                stderr=log,
                pass_fds=pass_fds,
                start_new_session=True,
            )
        self._started.append(program)
        return program

    def end(self, program: subprocess.Popen[bytes], *, kill: bool = False) -> None:
        """End *program*; it has three seconds to do so by itself."""
        if program.poll() is None:
            program.kill() if kill else program.terminate()
        try:
            program.wait(3)
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()
        for stream in (program.stdin, program.stdout, program.stderr):
            if stream is not None:
                stream.close()
        self._started.remove(program)

    def answer(self, *command: str) -> str:
        """Run *command* to its end; return its output."""
        need(command[0])
        return subprocess.run(
            command,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        ).stdout.strip()

    def owns(self, name: str) -> bool:
        """Whether a program on the bus owns *name*."""
        bus = "org.freedesktop.DBus"
        send = ("dbus-send", "--session", "--print-reply=literal", f"--dest={bus}")
        call = ("/org/freedesktop/DBus", f"{bus}.NameHasOwner", f"string:{name}")
        return "true" in self.answer(*send, *call)

    def logs(self) -> str:
        """Return the output of all programs, for a failed test to show."""
        files = sorted(self.home.glob("*.log"))
        return "\n".join(f"{file.name}: {file.read_text()}" for file in files)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        for program in reversed(self._started.copy()):
            self.end(program)
        shutil.rmtree(self.home, ignore_errors=True)


def need(program: str) -> None:
    """Skip the test, and say why, where *program* is not installed."""
    if shutil.which(program) is None:
        pytest.skip(f"{program} is missing: tests/desktop/install.sh says what to do")


def start_bus(programs: Programs) -> subprocess.Popen[bytes]:
    """Start a private session bus; it listens once this returns."""
    socket = programs.home / "bus"
    socket.unlink(missing_ok=True)
    configuration = programs.home / "bus.conf"
    configuration.write_text(BUS_CONFIGURATION.format(socket=socket))
    programs.environment["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={socket}"
    command = ("dbus-daemon", f"--config-file={configuration}", "--nofork")
    program = programs.start(
        *command, "--nopidfile", "--print-address=1", stdout=subprocess.PIPE
    )
    first_line(program)
    return program


def first_line(
    program: subprocess.Popen[bytes],
    pipe: IO[str] | IO[bytes] | None = None,
    seconds: float = 30,
) -> str:
    """Return the first line that *program* prints: it is then ready."""
    output = pipe or program.stdout
    assert output is not None
    ready, _, _ = select.select([output], [], [], seconds)
    assert ready, f"{program.args!r} has printed nothing for {seconds:g} s"
    line = output.readline()
    return line if isinstance(line, str) else str(line, "utf-8")


def _environment(home: Path) -> dict[str, str]:
    """Return an environment with nothing of the person's own desktop in it."""
    folders = {
        "HOME": "home",
        "XDG_CONFIG_HOME": "home/.config",
        "XDG_CACHE_HOME": "home/.cache",
        "XDG_DATA_HOME": "home/.local/share",
        "XDG_STATE_HOME": "home/.local/state",
        "XDG_CONFIG_DIRS": "etc",  # what is installed here is not started there
        "XDG_RUNTIME_DIR": "run",
        "TMPDIR": "tmp",
    }
    for folder in folders.values():
        (home / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    quiet: Mapping[str, str] = {
        "NO_AT_BRIDGE": "1",
        "GTK_A11Y": "none",
        "GIO_USE_VFS": "local",
        "GSETTINGS_BACKEND": "memory",
        "LC_ALL": "C.UTF-8",
        "PATH": os.environ["PATH"],  # tests start installed programs
    }
    return {**quiet, **{name: str(home / where) for name, where in folders.items()}}

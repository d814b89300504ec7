"""The commands that try out the desktop: setup's test notification, and the doctor."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from simulator.desktop.loop_thread import LoopThread
from simulator.desktop.notifd import Notifd
from simulator.desktop.programs import Programs
from tray_app.app import logs
from tray_app.cli import probes
from tray_app.cli.main import main

ROOT = Path(__file__).resolve().parents[2]


def test_it_ends_with_a_button_that_is_pressed(
    tmp_path: Path, programs: Programs, bus: str, notifd: Notifd, loop: LoopThread
) -> None:
    environment = {
        **os.environ,
        "DBUS_SESSION_BUS_ADDRESS": bus,
        "INCIDENT_TRAY_HOME": str(tmp_path),
        "HOME": str(programs.home),
        "XDG_DATA_HOME": str(programs.home / "data"),
    }
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "tray_app", "setup"),
            *("--non-interactive", "--uid", "alice"),
        ],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdout is not None
        assert any("press its button" in line for line in program.stdout)
        (shown,) = notifd.live.values()
        assert shown.title == "Press Acknowledge on this"
        (key,) = (key for key, label in shown.actions.items() if label == "Acknowledge")
        loop.run(notifd.pressed(shown.id, key))
        output, _ = program.communicate(timeout=20)

    assert program.returncode == 0
    assert "It was pressed: all is well." in output


@pytest.mark.usefixtures("notifd")
def test_a_test_notification_not_pressed_fails_an_interactive_setup_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INCIDENT_TRAY_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr("tray_app.cli.setup.PATIENCE", 0.01)
    monkeypatch.setattr("tray_app.cli.setup.getpass", lambda _: "")
    monkeypatch.setattr("builtins.input", lambda _: "")

    assert main(["setup", "--non-interactive", "--uid", "alice"]) == 0
    assert main(["setup"]) == 1

    assert capsys.readouterr().err.count("nobody pressed it") == 2


def test_a_server_without_buttons_is_named(loop: LoopThread, bus: str) -> None:
    server = loop.run(Notifd.started(bus, ("body",)))

    assert probes.notifications() == "notifd, without buttons"

    loop.run(server.stopped())


@pytest.mark.usefixtures("notifd", "watcher")
def test_the_doctor_names_what_is_missing_and_hides_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("INCIDENT_TRAY_HOME", str(tmp_path))
    monkeypatch.setenv("INCIDENT_TRAY_API_KEY", "cxup_00000000000000000000000000")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    (tmp_path / "settings.toml").write_text('mode = "solo"\nnope = 1\n')
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / logs.NAME).write_text("Authorization: Bearer sesame123\n")
    bundle = tmp_path / "bundle.zip"

    assert main(["doctor", "--json", "--bundle", str(bundle)]) == 1

    lines = capsys.readouterr().out.splitlines()
    findings = {row["what"]: row for row in map(json.loads, lines)}
    assert "nope: there is no such setting" in findings["settings"]["text"]
    assert findings["tray"]["state"] == "wrong"
    assert findings["notifications"]["text"] == "notifd, with buttons"
    assert findings["panel"]["state"] == "ok"
    assert findings["autostart"]["state"] == "unknown"
    with zipfile.ZipFile(bundle) as written:
        assert "settings.toml" in written.namelist()
        text = b"".join(written.read(name) for name in written.namelist())
    assert b"sesame123" not in text
    assert b"cxup_" not in text

import plistlib
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Self

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.desktop.programs import Programs
from tray_app.desktop.autostart import (
    FileAutostart,
    autostart,
    desktop_entry,
    launch_agent,
)
from tray_app.desktop.autostart_windows import run_value
from tray_app.model.ports import DesktopError

COMMAND = ("/opt/in dir/incident-tray", "run", "--uid", 'a"b$c%d\\e')
words = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=12)


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_it_is_switched_on_and_off(tmp_path: Path, platform: str) -> None:
    start = autostart(home=tmp_path, config=tmp_path / ".config", platform=platform)
    assert not start.is_enabled()
    start.disable()

    start.enable(COMMAND)
    start.enable(COMMAND)
    assert start.is_enabled()

    start.disable()
    assert not start.is_enabled()


def test_it_is_off_when_the_desktop_switched_it_off(tmp_path: Path) -> None:
    start = autostart(home=tmp_path, config=tmp_path, platform="linux")
    start.enable(COMMAND)
    (file,) = (tmp_path / "autostart").iterdir()
    assert file.name == "coralogix-incident-tray.desktop"

    file.write_text(f"{file.read_text()}X-GNOME-Autostart-enabled=false\n")

    assert not start.is_enabled()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    start = FileAutostart(tmp_path / "file" / "x.desktop")

    with pytest.raises(DesktopError, match=r"Cannot write .*x\.desktop"):
        start.enable(COMMAND)


def test_the_desktop_entry_is_what_the_specification_wants() -> None:
    assert (
        desktop_entry(COMMAND).splitlines()
        == [
            "[Desktop Entry]",
            "Type=Application",
            "Name=Coralogix incidents",
            "Comment=Incidents in the system tray",
            r'Exec="/opt/in dir/incident-tray" run --uid "a\\"b\\$c%%d\\\\e"',
            "TryExec=/opt/in dir/incident-tray",
            "Icon=coralogix-incident-tray",
            "Terminal=false",
            "Categories=Network;Monitor;",
            "X-GNOME-Autostart-Delay=2",
            "",
        ][:-1]
    )


def test_the_desktop_entry_is_valid(programs: Programs, tmp_path: Path) -> None:
    entry = tmp_path / "x.desktop"
    entry.write_text(desktop_entry(COMMAND))

    assert programs.answer("desktop-file-validate", str(entry)) == ""


@given(st.lists(words, min_size=1, max_size=4))
def test_the_launch_agent_says_the_command(command: list[str]) -> None:
    agent = plistlib.loads(launch_agent(command).encode())

    assert agent["ProgramArguments"] == command
    assert agent["RunAtLoad"] is True
    assert "KeepAlive" not in agent  # whoever quits it wants it to stay away


def test_a_windows_command_quotes_what_has_spaces() -> None:
    assert run_value(["C:\\in dir\\tray.exe", "run"]) == '"C:\\in dir\\tray.exe" run'


class Registry:
    """The person's Run key, and no more of `winreg` than is used."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.module = SimpleNamespace(
            HKEY_CURRENT_USER=0,
            KEY_READ=1,
            KEY_SET_VALUE=2,
            REG_SZ=1,
            CreateKey=lambda *_: self,
            OpenKey=lambda *_: self,
            SetValueEx=self._set,
            DeleteValue=self._delete,
            QueryValueEx=self._query,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def _set(self, _key: object, name: str, *rest: object) -> None:
        self.values[name] = str(rest[-1])

    def _delete(self, _key: object, name: str) -> None:
        if self.values.pop(name, None) is None:
            raise FileNotFoundError(name)

    def _query(self, _key: object, name: str) -> str:
        if name not in self.values:
            raise FileNotFoundError(name)
        return self.values[name]


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    registry = Registry()
    monkeypatch.setitem(sys.modules, "winreg", registry.module)
    return registry


def test_windows_keeps_it_in_the_run_key(registry: Registry, tmp_path: Path) -> None:
    start = autostart(home=tmp_path, config=tmp_path, platform="win32")
    start.disable()
    assert not start.is_enabled()

    start.enable(["tray.exe", "run"])
    assert registry.values == {"Coralogix incidents": "tray.exe run"}
    assert start.is_enabled()

    start.disable()
    assert registry.values == {}

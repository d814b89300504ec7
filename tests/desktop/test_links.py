"""Opening a link, and putting one on the clipboard."""

import os
import queue
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.desktop.waiting import until
from tray_app.app.events import Event
from tray_app.app.side_effects import SideEffects
from tray_app.desktop.browser import is_https, open_path, open_url
from tray_app.desktop.clipboard import commands, copy
from tray_app.model.intents import SyncNow
from tray_app.model.ports import DesktopError
from tray_app.settings.environment import KEY, for_children

LINK = "https://example.app.coralogix.com/#/incidents/7?a=b&c=d"


def _program(folder: Path, name: str, script: str) -> dict[str, str]:
    """Put a program on a path of its own; return the environment to find it in."""
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    path = f"{folder}:{os.defpath}"
    return {"PATH": path, "OUTPUT": str(folder / "output"), "DISPLAY": ":none"}


def test_a_link_is_handed_to_the_desktop_as_one_word(tmp_path: Path) -> None:
    environment = _program(tmp_path, "xdg-open", 'printf "%s|" "$#" "$@" > "$OUTPUT"')

    open_url(LINK, environment, platform="linux")

    output = Path(environment["OUTPUT"])
    assert until(lambda: output.exists() and output.read_text()) == f"1|{LINK}|"


def test_our_own_files_are_opened_and_a_missing_one_is_named(
    tmp_path: Path,
) -> None:
    environment = _program(tmp_path, "xdg-open", 'printf "%s|" "$#" "$@" > "$OUTPUT"')
    settings = tmp_path / "my settings.toml"
    with pytest.raises(DesktopError, match="setup"):
        open_path(settings, environment, platform="linux")
    settings.touch()

    open_path(settings, environment, platform="linux")

    output = Path(environment["OUTPUT"])
    assert until(lambda: output.exists() and output.read_text()) == f"1|{settings}|"


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://",
        "https://[x",
        "--help",
        "https://exa\u202emple.com/",
        "https://example.com/ x",
        "https://example.com/\nx",
        "",
    ],
)
def test_only_https_is_opened(url: str) -> None:
    assert is_https(LINK)
    assert not is_https(url)
    with pytest.raises(DesktopError, match="no https link"):
        open_url(url, {})


def test_without_a_program_the_error_has_the_link() -> None:
    with pytest.raises(DesktopError, match=r"xdg-utils.*coralogix"):
        open_url(LINK, {"PATH": "/nonexistent", "DISPLAY": ":0"}, platform="linux")


@pytest.mark.parametrize(("name", "opens"), [("BROWSER", True), ("DISPLAY", False)])
def test_without_a_display_opening_fails(
    tmp_path: Path,
    name: str,
    opens: bool,  # noqa: FBT001  # a row of the table
) -> None:
    environment = _program(tmp_path, "xdg-open", 'touch "$OUTPUT"')
    del environment["DISPLAY"]
    environment[name] = "w3m" if opens else ""

    if opens:
        open_url(LINK, environment, platform="linux")
        until(Path(environment["OUTPUT"]).exists)
    else:
        with pytest.raises(DesktopError, match=r"no display here.*coralogix"):
            open_url(LINK, environment, platform="linux")


def test_a_program_that_cannot_be_started_is_an_error_with_the_link(
    tmp_path: Path,
) -> None:
    environment = _program(tmp_path, "xdg-open", "")
    (tmp_path / "xdg-open").write_text("#!/nowhere\n")

    with pytest.raises(DesktopError, match=r"Not opened \(No such file.*coralogix"):
        open_url(LINK, environment, platform="linux")


def test_a_browser_gets_the_environment_from_before_the_bundle() -> None:
    environment = {
        "LD_LIBRARY_PATH": "/bundle",
        "LD_LIBRARY_PATH_ORIG": "/own",
        "PYTHONHOME": "/bundle",
        "HOME": "/home/example",
    }

    assert for_children(environment, bundled=False) == environment
    assert for_children(environment, bundled=True) == {
        "LD_LIBRARY_PATH": "/own",
        "LD_LIBRARY_PATH_ORIG": "/own",
        "HOME": "/home/example",
    }


def test_text_is_fed_to_the_program_that_copies(tmp_path: Path) -> None:
    environment = _program(tmp_path, "xclip", 'cat > "$OUTPUT"') | {"DISPLAY": ":1"}

    copy(LINK, environment, platform="linux")

    assert Path(environment["OUTPUT"]).read_text() == LINK


def test_windows_is_fed_what_it_takes_for_unicode(tmp_path: Path) -> None:
    environment = _program(tmp_path, "clip", 'cat > "$OUTPUT"')

    copy(f"{LINK}ü", environment, platform="win32")

    output = Path(environment["OUTPUT"]).read_bytes()
    assert output[:2] in (b"\xff\xfe", b"\xfe\xff")
    assert output.decode("utf-16") == f"{LINK}ü"


def test_what_copies_depends_on_the_desktop() -> None:
    both = {"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}

    assert [command[0] for command in commands(both, "linux")] == [
        "wl-copy",
        "xclip",
        "xsel",
    ]
    assert [command[0] for command in commands(both, "darwin")] == ["pbcopy"]
    assert [command[0] for command in commands(both, "win32")] == ["clip"]


def test_a_missing_and_a_failing_program_to_copy_are_errors(tmp_path: Path) -> None:
    with pytest.raises(DesktopError, match="install wl-clipboard"):
        copy(LINK, {"PATH": "/nonexistent", "DISPLAY": ":1"}, platform="linux")

    environment = _program(tmp_path, "xclip", "exit 1") | {"DISPLAY": ":1"}
    with pytest.raises(DesktopError, match="Not copied"):
        copy(LINK, environment, platform="linux")


def test_no_program_of_the_desktop_gets_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = 'env > "$OUTPUT.new"; mv "$OUTPUT.new" "$OUTPUT"'
    output = tmp_path / "output"
    environment = _program(tmp_path, "xdg-open", script) | {KEY: "cxup_example"}
    _program(tmp_path, "xclip", script)
    _program(tmp_path, "aws", script)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    effects = SideEffects(
        put=events.put,
        poll=lambda _: None,
        connect=pytest.fail,
        clock=pytest.fail,
        profile="",
    )

    starts: tuple[Callable[[], None], ...] = (
        lambda: open_url(LINK, environment, platform="linux"),
        lambda: copy(LINK, environment, platform="linux"),
        effects.sign_in,
    )
    for start in starts:
        output.unlink(missing_ok=True)
        start()
        until(output.exists)
        assert f"OUTPUT={output}" in output.read_text()
        assert "cxup_example" not in output.read_text()
    assert isinstance(events.get(timeout=10), SyncNow)

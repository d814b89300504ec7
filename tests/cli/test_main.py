"""The command line as a whole: help, and errors as one line and a code."""

import argparse
import sys
from pathlib import Path

import pytest
from PIL import Image

from incidents.errors import (
    CredentialsError,
    IncidentsError,
    KeyRejectedError,
    SettingsError,
    StoreUnavailableError,
)
from tray_app.cli import autostart, main
from tray_app.cli.shell import argparse_tree
from tray_app.model.ports import DesktopError, KeychainError


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SettingsError("uid: is missing"), 2),
        (CredentialsError("The sign-in has expired."), 3),
        (KeyRejectedError("The key is wrong."), 3),
        (KeychainError("The keychain is locked."), 3),
        (StoreUnavailableError("No network."), 1),
        (DesktopError("No tray."), 1),
    ],
)
def test_an_error_is_a_line_and_a_code(
    error: IncidentsError | DesktopError,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(args: argparse.Namespace) -> int:
        del args
        raise error

    def parser() -> argparse.ArgumentParser:
        top = argparse.ArgumentParser()
        top.set_defaults(run=fail)
        return top

    monkeypatch.setattr(main, "parser", parser)

    assert main.main([]) == code
    assert capsys.readouterr().err == f"incident-tray: {error}\n"


_ID = "6f9619ff-8b86-d011-b42d-00c04fc964ff"


@pytest.mark.parametrize(
    "line",
    [
        f"--json --region eu2 --api-version 4 ack {_ID}",
        f"--region=eu2 ack --api-version 4 --json {_ID}",
        f"--api-version=4 --json --region eu2 ack -- {_ID}",
    ],
)
def test_what_every_command_that_asks_coralogix_takes_may_come_first(
    line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[argparse.Namespace] = []

    def run(args: argparse.Namespace) -> int:
        seen.append(args)
        return 0

    top = main.parser()
    commands = {name: below for name, _, below in argparse_tree.commands(top)}
    commands["ack"].set_defaults(run=run)
    monkeypatch.setattr(main, "parser", lambda: top)

    assert main.main(line.split()) == 0
    (args,) = seen
    assert args.json
    assert (args.region, args.api_version, args.ids) == ("eu2", "4", [_ID])


@pytest.mark.parametrize(
    "line",
    [
        f"--api-version 99 ack {_ID}",
        f"--api ack {_ID}",
        "--json",
        "--region",
        "--base-url https://api.eu2.coralogix.com completion bash",
    ],
)
def test_what_comes_first_is_checked_as_if_it_came_last(line: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        main.main(line.split())

    assert stopped.value.code == 2


def test_a_per_cent_sign_is_one_outside_of_argparse() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--share", help="50%% of it")

    assert argparse_tree.options(parser)["--share"] == "50% of it"


def test_a_bundle_starts_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "_MEIPASS", "/bundle", raising=False)

    assert autostart.own_command() == [sys.executable, "run"]


@pytest.mark.parametrize("switch", ["on", "off"])
def test_autostart_is_switched_and_told(
    switch: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert main.main(["autostart"]) == 1

    assert main.main(["autostart", switch]) == 0

    assert main.main(["autostart"]) == (0 if switch == "on" else 1)
    assert list(tmp_path.rglob("*.desktop")) == [
        *(
            [tmp_path / "autostart" / "coralogix-incident-tray.desktop"]
            * (switch == "on")
        )
    ]
    starts = "starts" if switch == "on" else "does not start"
    assert f"The tray {starts} with the session." in capsys.readouterr().out


def test_the_program_and_its_icon_are_put_among_the_desktops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert main.main(["desktop", "on"]) == 0

    entry, *icons = [Path(line) for line in capsys.readouterr().out.splitlines()]
    text = entry.read_text()
    assert entry.name == "coralogix-incident-tray.desktop"
    assert "Exec=" in text
    assert "Icon=coralogix-incident-tray\n" in text
    assert "Autostart" not in text
    for icon in icons:
        with Image.open(icon) as image:
            assert f"{image.width}x{image.height}" == icon.parts[-3]

    assert main.main(["desktop", "off"]) == 0
    assert main.main(["desktop", "off"]) == 0
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_where_there_is_no_such_place_nothing_is_said_to_be_put_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "darwin")

    assert main.main(["desktop", "on"]) == 1

    assert "nothing was put" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []

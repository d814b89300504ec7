"""What a shell completes, asked of the shells themselves."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from incidents.follow import Position
from incidents.models import IncidentId
from tests.cli.conftest import MINE, NOW, incident
from tray_app.cli import main
from tray_app.cli.shell import argparse_tree
from tray_app.ledger.ledger import Ledger
from tray_app.ledger.rows import FeedStep, Step
from tray_app.model.memory import Memory
from tray_app.model.output import Output

ROOT = Path(__file__).resolve().parents[2]
Complete = Callable[[str], set[str]]
_BASH = (
    'eval "$1"; COMP_WORDS=("${@:2}"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1));'
    ' _shtab_incident_tray; printf "%s\\n" "${COMPREPLY[@]}"'
)


def _run(*command: str, **variables: str) -> str:
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def _script(shell: str) -> str:
    return _run(sys.executable, "-m", "tray_app", "completion", shell)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Return a folder with the program in it, for the PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "incident-tray"
    start = f'cd {ROOT}; exec {sys.executable} -m tray_app "$@"'
    program.write_text(f"#!/bin/sh\n{start}\n")
    program.chmod(0o755)
    return folder


@pytest.fixture
def completed(program: Path) -> Complete:
    """Return what bash offers after a line."""
    script = _script("bash")
    bash = shutil.which("bash") or "bash"

    def complete(line: str) -> set[str]:
        words = line.split(" ")
        path = f"{program}:{os.environ['PATH']}"
        answer = _run(bash, "--norc", "-c", _BASH, "bash", script, *words, PATH=path)
        return set(answer.split())

    return complete


def test_bash_completes_commands_options_and_values(completed: Complete) -> None:
    assert completed("incident-tray auto") == {"autostart"}
    assert completed("incident-tray autostart ") == {"on", "off", "status"}
    assert "--help" in completed("incident-tray autostart -")
    assert completed("incident-tray completion z") == {"zsh"}
    assert completed("incident-tray list --from c") == {"critical"}
    assert completed("incident-tray status --format ") == {"waybar", "xbar"}


def test_bash_tells_apart_commands_with_the_same_name(completed: Complete) -> None:
    assert completed("incident-tray admin users ") == {
        "add",
        "remove",
        "import",
        "list",
    }
    own, of_operators = (
        completed(f"incident-tray {words} --") for words in ("status", "admin status")
    )
    assert "--format" in own - of_operators
    assert "--stack" in of_operators - own


@pytest.mark.usefixtures("ledger")
def test_bash_completes_the_ids_of_open_incidents_and_own_feeds(
    completed: Complete, home: Path
) -> None:
    (home / "settings.toml").write_text('uid = "alice"\nteam = "ops"\n')

    assert completed("incident-tray ack 00000001") == {incident(1).id}
    assert {id_[:8] for id_ in completed("incident-tray explain ")} == {
        f"0000000{number}" for number in range(1, 5)
    }
    assert completed("incident-tray feed ") == {"USER#alice", "TEAM#ops"}


def test_an_id_that_a_shell_would_run_is_not_offered(
    ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = replace(incident(5), id=IncidentId("$(touch hacked)"))
    position = Position(cursor=2, epoch="e")
    feed = FeedStep(position=position, puts={hostile.id: hostile})
    step = Step(at=NOW, output=Output(memory=Memory()), feeds={MINE: feed})
    ledger.accept(step)

    assert main.main(["_candidates", "ID"]) == 0

    printed = capsys.readouterr().out
    assert incident(1).id in printed
    assert "touch" not in printed


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_every_command_and_option(
    shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.main(["completion", shell]) == 0

    script = capsys.readouterr().out
    parsers = [main.parser()]
    while parsers:
        parser = parsers.pop()
        for flag in argparse_tree.options(parser):
            assert flag.lstrip("-") in script
        for name, _text, below in argparse_tree.commands(parser):
            assert name in script
            parsers.append(below)


@pytest.mark.skipif(shutil.which("zsh") is None, reason="there is no zsh here")
def test_zsh_completes_once_the_script_is_sourced(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text(_script("zsh"))
    lines = (
        "autoload -U compinit; compinit -u -D",
        f"source {script}",
        "print -- ${_comps[incident-tray]}",
    )

    answer = _run("zsh", "-f", "-c", "; ".join(lines))

    assert answer == "_shtab_incident_tray\n"


@pytest.mark.skipif(shutil.which("fish") is None, reason="there is no fish here")
def test_fish_completes_values_with_their_help(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text(_script("fish"))

    line = "incident-tray list --from c"
    answer = _run("fish", "-c", f"source {script}; complete -C '{line}'")

    assert answer == "critical\tonly this severity and worse ones\n"

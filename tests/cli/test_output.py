"""What comes out, wherever it goes: a pipe, a full disk, an old encoding, a bar."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from incidents.follow import Position
from incidents.models import UserId
from tests.cli.conftest import ALICE, MINE, NOW, incident
from tray_app.cli.main import main
from tray_app.ledger import serialization
from tray_app.ledger.ledger import Ledger
from tray_app.ledger.rows import FeedStep, Step
from tray_app.model.intents import Verb
from tray_app.model.memory import Memory
from tray_app.model.output import ChangeLine, Disposition, Output
from tray_app.model.state import Pending, Stage
from tray_app.model.view import Notification

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.usefixtures("ledger")


def _run(home: Path, *words: str, out: int, **more: str) -> tuple[int, str]:
    """Run a command that writes to *out*; return its code, and what it complains of."""
    ran = subprocess.run(
        [sys.executable, "-m", "tray_app", *words],
        cwd=ROOT,
        env={**os.environ, "INCIDENT_TRAY_HOME": str(home), **more},
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    return ran.returncode, ran.stderr


@pytest.mark.parametrize("buffered", ["", "1"])
@pytest.mark.parametrize("word", ["list", "--help"])
def test_a_reader_that_has_gone_has_seen_enough(
    home: Path, word: str, buffered: str
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        result = _run(home, word, out=writer, PYTHONUNBUFFERED=buffered)
    finally:
        os.close(writer)

    assert result == (0, "")


@pytest.mark.parametrize("buffered", ["", "1"])
def test_what_cannot_be_written_is_a_line_and_a_code(home: Path, buffered: str) -> None:
    with Path("/dev/full").open("w") as full:
        code, err = _run(home, "list", out=full.fileno(), PYTHONUNBUFFERED=buffered)

    assert (code, err) == (1, "incident-tray: No space left on device\n")


def test_where_nobody_can_be_told_the_code_still_tells(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("mode =")
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "tray_app", "whoami"],
            cwd=ROOT,
            env={**os.environ, "INCIDENT_TRAY_HOME": str(tmp_path)},
            stdout=full,
            stderr=full,
            timeout=60,
            check=False,
        )

    assert ended.returncode == 2


def test_a_sign_that_the_encoding_lacks_is_a_question_mark(
    home: Path, tmp_path: Path
) -> None:
    with (tmp_path / "out").open("wb") as out:
        code, err = _run(home, "list", out=out.fileno(), PYTHONIOENCODING="cp1252")

    assert (code, err) == (1, "")
    first = (tmp_path / "out").read_text("cp1252").splitlines()[0]
    assert first == "00000001  ? CRIT  payment-latency-1 · checkout · alice · 20 m"


def test_an_error_shows_what_was_typed_as_text(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["snooze", "1h", "\x1b[31m\u202ex\ny"]) == 1

    err = capsys.readouterr().err
    assert err == "incident-tray: No open incident has an id beginning with [31mx y.\n"


HOSTILE = (
    "<b>x</b>&lt; a|bash=/bin/sh %{A1:reboot:}y #[fg=red] \x1b[31m\u202egnp\r\n---\n"
    "^ca(1,reboot) javascript:alert(1) $(reboot) `reboot` " + "A" * 500
)


@pytest.fixture
def hostile(ledger: Ledger) -> Ledger:
    """Have every text that comes from elsewhere attack who shows it."""
    bad = replace(
        incident(5, assignees=(UserId(f"{HOSTILE}@x"), ALICE)),
        name=HOSTILE,
        description=HOSTILE,
        severity=HOSTILE,
        status=HOSTILE,
        labels=(("service", HOSTILE), (HOSTILE, HOSTILE)),
    )
    verdict = ChangeLine(
        feed=MINE,
        seq=2,
        id=bad.id,
        at=NOW,
        kinds=("opened",),
        text=HOSTILE,
        outcome=Disposition.NOTIFIED,
        rule=HOSTILE,
    )
    notification = Notification(key=f"incident:{bad.id}", id=f"{MINE}:2", title=HOSTILE)
    output = Output(memory=ledger.memory(), tell=(notification,), changes=(verdict,))
    position = Position(cursor=2, epoch="e")
    step = FeedStep(position=position, owners=frozenset({ALICE}), puts={bad.id: bad})
    failed = Pending(
        id=bad.id,
        verb=Verb.ACKNOWLEDGE,
        stage=Stage.FAILED,
        since=NOW,
        name=HOSTILE,
        reason=HOSTILE,
    )
    values = {"pending": serialization.PENDING.to_json((failed,))}
    ledger.accept(Step(at=NOW, output=output, feeds={MINE: step}, values=values))
    return ledger


@pytest.mark.usefixtures("hostile")
@pytest.mark.parametrize(
    "words",
    [
        "status",
        "list",
        "history",
        "history --told",
        "explain 00000005",
        "snooze 1h 00000005",
        "status --json",
        "list --json",
        "history --json",
        "explain --json 00000005",
        "status --format waybar",
        "status --format xbar",
        "status --format {text}",
    ],
)
def test_hostile_text_is_text_in_every_command(
    words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(words.split())

    captured = capsys.readouterr()
    assert captured.err == ""
    printed = captured.out.replace("\n", "")
    assert printed
    assert printed.isprintable()
    if "json" in words or "waybar" in words:
        assert all(json.loads(line) for line in captured.out.splitlines())


@pytest.mark.usefixtures("hostile")
def test_no_text_is_a_command_to_a_bar(capsys: pytest.CaptureFixture[str]) -> None:
    main(["status", "--format", "waybar"])
    tooltip = json.loads(capsys.readouterr().out)["tooltip"]
    assert ET.fromstring(f"<x>{tooltip}</x>").text  # noqa: S314  # our own
    assert "<b>" not in tooltip

    main(["status", "--format", "xbar"])
    for_the_bar, _, *menu = capsys.readouterr().out.splitlines()
    assert for_the_bar == "! 3/5"
    assert len(menu) == 6
    assert not any("|" in line or line.startswith("-") for line in menu)

    main(["status", "--format", "#[bold]{text}|"])
    line = capsys.readouterr().out
    assert line.startswith("#[bold]Coralogix")
    assert line.endswith("|\n")
    assert not set("<>{}[]|^&") & set(line[7:-2])


@pytest.mark.parametrize("bar", ["waybar", "xbar"])
def test_a_bar_gets_the_worst_and_how_many_more(
    bar: str, ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    many = {i.id: i for i in (incident(n, assignees=(ALICE,)) for n in range(1, 5001))}
    position = Position(cursor=1, epoch="a")
    step = FeedStep(position=position, owners=frozenset({ALICE}), puts=many)
    ledger.accept(Step(at=NOW, output=Output(memory=Memory()), feeds={MINE: step}))

    main(["status", "--format", bar])

    text = capsys.readouterr().out
    assert len(text) < 10_000
    assert "and 49" in text

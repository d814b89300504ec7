"""History and explain tell what happened and why; snooze and copy leave their mark."""

import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from incidents.follow import Position
from incidents.models import IncidentId
from tests.cli.conftest import ALICE, MINE, NOW, TEAM, incident
from tray_app.cli.main import main
from tray_app.ledger import serialization
from tray_app.ledger.ledger import Ledger
from tray_app.ledger.rows import FeedStep, Step
from tray_app.model.output import ChangeLine, Disposition, Output
from tray_app.model.state import Snoozes
from tray_app.model.view import Notification
from tray_app.present.reasons import OWN_FEED
from tray_app.settings import paths

pytestmark = pytest.mark.usefixtures("home")


def _lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_history_and_explain_tell_what_became_of_a_change(
    ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    snoozes = Snoozes(incidents={incident(1).id: NOW + timedelta(hours=1)})
    ledger.put("snoozes", serialization.SNOOZES.to_json(snoozes))
    assert main(["history"]) == 0
    (line,) = _lines(capsys)
    assert "opened “payment-latency-1”  [told: notify_from]" in line

    assert main(["history", "--told", "--json"]) == 0
    (line,) = _lines(capsys)
    assert json.loads(line)["state"] == "shown"

    assert main(["explain", "00000001"]) == 0
    id_, snoozed, change, told = _lines(capsys)
    assert id_ == incident(1).id
    assert "It is snoozed until" in snoozed
    assert change.endswith("[told: notify_from]")
    assert told.endswith("“Critical: payment-latency-1”  [shown]")


def test_an_incident_that_nothing_has_happened_to_is_said_to_be_one(
    ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    del ledger
    assert main(["explain", "00000003"]) == 0

    id_, said = _lines(capsys)
    assert id_ == incident(3).id
    assert said == "Nothing has happened to it that this tray has seen."


def test_what_both_feeds_tell_is_in_the_history_once(
    ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    own = incident(1, assignees=(ALICE,))
    verdict = ChangeLine(
        feed=TEAM,
        seq=1,
        id=own.id,
        at=NOW,
        kinds=("opened",),
        text="opened “payment-latency-1”",
        outcome=Disposition.SILENT,
        rule=OWN_FEED,
    )
    output = Output(memory=ledger.memory(), changes=(verdict,))
    ledger.accept(Step(at=NOW, output=output))

    assert main(["history"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1
    assert main(["explain", "00000001"]) == 0
    assert OWN_FEED in capsys.readouterr().out


@pytest.mark.parametrize("command", [["explain", "f"], ["history", "--since", "x"]])
def test_what_is_not_known_is_a_line(
    command: list[str], ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    del ledger
    assert main(command) in (1, 2)
    assert capsys.readouterr().err.startswith("incident-tray: ")


@pytest.mark.parametrize(
    ("words", "everything"),
    [(["1h"], True), (["23:59"], True), (["off"], False), ([], True)],
)
def test_a_snooze_is_left_for_the_tray_and_always_ends(
    words: list[str],
    everything: bool,  # noqa: FBT001  # a row of the table
    ledger: Ledger,
) -> None:
    assert main(["snooze", *words]) == 0

    assert ledger.changed()
    kept = serialization.SNOOZES.from_json(ledger.get("snoozes") or "")
    assert (kept.everything is not None) == everything
    assert main(["status"]) == 1


def test_one_incident_is_snoozed_and_woken(ledger: Ledger) -> None:
    assert main(["snooze", "2h", "00000001"]) == 0
    kept = serialization.SNOOZES.from_json(ledger.get("snoozes") or "")
    assert set(kept.incidents) == {incident(1).id}

    assert main(["snooze", "3h", "00000003"]) == 0
    kept = serialization.SNOOZES.from_json(ledger.get("snoozes") or "")
    assert set(kept.incidents) == {incident(1).id, incident(3).id}

    assert main(["snooze", "off", "00000003"]) == 0
    assert main(["snooze", "off", "00000001"]) == 0
    assert serialization.SNOOZES.from_json(ledger.get("snoozes") or "") == Snoozes()
    assert main(["snooze", "2h", "0000"]) == 1
    assert main(["snooze", "soon"]) == 2


@pytest.fixture
def long_ago(ledger: Ledger) -> Ledger:
    """Two changes before the one of now, an hour and two days ago, both told."""
    for seq, ago in ((2, timedelta(days=2)), (3, timedelta(hours=1))):
        verdict = ChangeLine(
            feed=MINE,
            seq=seq,
            id=incident(1).id,
            at=NOW - ago,
            kinds=("opened",),
            text=f"change {seq}",
            outcome=Disposition.NOTIFIED,
            rule="notify_from",
        )
        told = Notification(
            key=f"incident:{incident(1).id}", id=f"{MINE}:{seq}", title=f"told {seq}"
        )
        output = Output(memory=ledger.memory(), tell=(told,), changes=(verdict,))
        ledger.accept(Step(at=NOW - ago, output=output))
    return ledger


@pytest.mark.usefixtures("long_ago")
def test_history_is_the_newest_first_and_explain_the_oldest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def sequences(*words: str) -> list[int]:
        main([*words, "--json"])
        return [json.loads(line)["seq"] for line in _lines(capsys)]

    assert sequences("history") == [1, 3]
    assert sequences("history", "--since", "3d") == [1, 3, 2]
    main(["explain", "--json", "00000001"])
    assert [one["seq"] for one in json.loads(_lines(capsys)[0])["changes"]] == [2, 3, 1]


@pytest.mark.usefixtures("long_ago")
def test_only_what_was_told_since_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    main(["history", "--told", "--json"])
    assert len(_lines(capsys)) == 2

    main(["history", "--told", "--json", "--since", "3d"])
    assert len(_lines(capsys)) == 3


def test_an_id_that_begins_several_is_not_guessed_at(
    ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    del ledger
    assert main(["explain", "0"]) == 1

    assert "More than one incident has an id beginning with 0." in (
        capsys.readouterr().err
    )


def test_an_id_may_be_typed_in_capitals(ledger: Ledger) -> None:
    one = replace(incident(1), id=IncidentId("abcdef00-0000-4000-8000-000000000000"))
    position = Position(cursor=2, epoch="e")
    feeds = {MINE: FeedStep(position=position, puts={one.id: one})}
    output = Output(memory=ledger.memory())
    ledger.accept(Step(at=NOW, output=output, feeds=feeds))

    assert main(["snooze", "1h", "ABCD"]) == 0
    assert main(["explain", "ABCD"]) == 0


@pytest.fixture
def clipboard(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have a program that copies, into a file."""
    program = home / "bin" / "xclip"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\ncat > '{home}/copied'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.defpath}")
    monkeypatch.setenv("DISPLAY", ":none")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    return home / "copied"


def test_a_link_is_copied_and_said(
    ledger: Ledger, clipboard: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del ledger
    paths.settings_file().write_text(
        '[coralogix]\nlink = "https://ops.coralogix.com/#/insights?id={id}"\n'
    )

    assert main(["copy", "00000001"]) == 0

    link = f"https://ops.coralogix.com/#/insights?id={incident(1).id}"
    assert _lines(capsys) == [link]
    assert clipboard.read_text() == link

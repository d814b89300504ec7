"""Status, list, history and explain: what a tray knows, said in words and as JSON."""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from incidents.follow import Position
from tests.cli.conftest import ALICE, MINE, NOW, fresh, incident
from tray_app.cli.main import main
from tray_app.ledger import serialization
from tray_app.ledger.ledger import Ledger
from tray_app.ledger.rows import FeedStep, Step
from tray_app.model.output import Output
from tray_app.model.state import Problem, ProblemKind, Snoozes

pytestmark = pytest.mark.usefixtures("home")


def _lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_status_says_what_the_icon_does_and_what_needs_me(
    ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    del ledger
    assert main(["status"]) == 1

    (line,) = _lines(capsys)
    assert line == "Coralogix \u2013 4 open · 1 critical needs you"


def test_status_as_json_counts(
    ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    del ledger
    main(["status", "--json"])

    status = json.loads(_lines(capsys)[0])
    assert status["state"] == "critical"
    assert (status["open"], status["need"], status["mine"], status["unassigned"]) == (
        4,
        2,
        2,
        1,
    )
    assert (status["critical"], status["acknowledged"]) == (1, 1)
    assert datetime.fromisoformat(status["as_of"]) >= NOW


@pytest.mark.parametrize(
    ("template", "line"),
    [
        ("{sign} {need}/{open}", "■ 2/4"),
        ("{state}: {text}", "critical: Coralogix \u2013 4 open · 1 critical needs you"),
    ],
)
def test_status_fills_a_line_for_a_bar(
    template: str, line: str, ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    del ledger
    assert main(["status", "--format", template]) == 1
    assert _lines(capsys) == [line]


def test_bars_get_what_they_read(
    ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    del ledger
    main(["status", "--format", "waybar"])
    status = json.loads(_lines(capsys)[0])
    assert status["text"] == "■ 2/4"
    assert status["class"] == "critical"
    assert "payment-latency-3" in status["tooltip"]

    main(["status", "--format", "xbar"])
    assert _lines(capsys)[:2] == ["■ 2/4", "---"]


@pytest.mark.parametrize("template", ["{nope}", "{", "{open.real}", "{0}", "{open!z}"])
def test_a_format_that_names_something_else_is_refused(
    template: str, ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    del ledger
    assert main(["status", "--format", template]) == 2
    assert "names something else than state, sign" in capsys.readouterr().err


def test_old_data_is_stale_whatever_is_open(ledger: Ledger) -> None:
    ledger.put("ages", fresh(NOW - timedelta(hours=1)))

    assert main(["status"]) == 2
    assert main(["list"]) == 2


def test_ages_that_are_noted_once_a_minute_are_not_stale_for_that(
    ledger: Ledger,
) -> None:
    ledger.put("ages", fresh(datetime.now(UTC) - timedelta(seconds=200)))

    assert main(["status"]) == 1


def test_a_sign_in_that_is_over_says_so(ledger: Ledger) -> None:
    trouble = Problem(kind=ProblemKind.SIGNED_OUT, since=datetime.now(UTC))
    ledger.put("troubles", serialization.PROBLEMS.to_json((trouble,)))

    assert main(["status"]) == 3


def test_all_acknowledged_is_calm(ledger: Ledger) -> None:
    with ledger.writing() as db:
        db.execute("DELETE FROM incident WHERE feed != ?", (MINE,))
        db.execute("DELETE FROM incident WHERE id = ?", (incident(1).id,))

    assert main(["status"]) == 0


def test_without_a_tray_nothing_is_known(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["status"]) == main(["list"]) == 2

    assert "no tray has run" in capsys.readouterr().err
    assert list(home.iterdir()) == []


@pytest.mark.parametrize(
    ("flags", "numbers"),
    [
        ([], [1, 3, 4, 2]),
        (["--mine"], [1, 2]),
        (["--unassigned"], [3]),
        (["--team"], [4]),
        (["--mine", "--unassigned"], [1, 3, 2]),
        (["--from", "error"], [1, 4, 2]),
    ],
)
def test_list_shows_what_was_asked_for_the_urgent_first(
    flags: list[str],
    numbers: list[int],
    ledger: Ledger,
    capsys: pytest.CaptureFixture[str],
) -> None:
    del ledger
    assert main(["list", "--json", *flags]) == 1
    names = [json.loads(line)["name"] for line in _lines(capsys)]
    assert sorted(names) == sorted(f"payment-latency-{n}" for n in numbers)
    assert names[0] == f"payment-latency-{numbers[0]}"

    main(["list", *flags])
    assert len(_lines(capsys)) == len(numbers)


def test_a_line_of_the_list_is_one_line_whatever_the_name_is(
    ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    del ledger
    main(["list", "--mine"])

    assert _lines(capsys)[0] == (
        "00000001  ■ CRIT  payment-latency-1 · checkout · alice · 20 m"
    )


def test_what_is_muted_or_snoozed_says_so_in_the_list(
    ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    quiet = replace(incident(6, assignees=(ALICE,)), muted=True)
    step = FeedStep(
        position=Position(cursor=2, epoch="e"),
        owners=frozenset({ALICE}),
        puts={quiet.id: quiet},
    )
    output = Output(memory=ledger.memory())
    ledger.accept(Step(at=NOW, output=output, feeds={MINE: step}))
    over, lasting = NOW - timedelta(minutes=1), NOW + timedelta(hours=1)
    snoozes = Snoozes(incidents={incident(1).id: lasting, incident(2).id: over})
    ledger.put("snoozes", serialization.SNOOZES.to_json(snoozes))

    main(["list", "--mine"])

    first, second, third = _lines(capsys)
    assert first.endswith("payment-latency-1 · checkout · alice · snoozed · 20 m")
    assert second.endswith("payment-latency-6 · checkout · alice · muted · 20 m")
    assert third.endswith("payment-latency-2 · checkout · alice · ack'd · 20 m")

    main(["snooze", "1h", "00000003"])  # what is over is forgotten meanwhile
    snoozes = serialization.SNOOZES.from_json(ledger.get("snoozes") or "")
    assert set(snoozes.incidents) == {incident(1).id, incident(3).id}


def test_sync_needs_a_tray_and_open_needs_a_link(
    ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    del ledger
    assert main(["sync"]) == 1
    assert main(["open", "00000001"]) == 2

    assert "coralogix.link: is not set" in capsys.readouterr().err


@pytest.mark.parametrize(("age", "state"), [(0, "ok"), (1, "wrong")])
def test_the_doctor_says_whether_what_is_known_is_fresh(
    age: int,
    state: str,
    ledger: Ledger,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
    monkeypatch.setenv("INCIDENT_TRAY_API_KEY", "cxup_x")
    ledger.put("ages", fresh(datetime.now(UTC) - timedelta(hours=age)))

    main(["doctor", "--json"])

    findings = {finding["what"]: finding for finding in map(json.loads, _lines(capsys))}
    assert findings["known"]["state"] == state
    assert findings["known"]["text"].startswith("Coralogix \u2013 ")
    assert "No region" in findings["table"]["text"]


def test_freshness_that_cannot_be_read_is_a_damaged_ledger(ledger: Ledger) -> None:
    ledger.put("ages", "[]")

    assert main(["status"]) == 1

"""Status, list, history and explain: what a tray knows, said in words and as JSON."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import ALICE, MINE, NOW, TEAM, fresh, incident
from tray_app import keeping
from tray_app.cli.main import main
from tray_app.gates import ELSEWHERE, Outcome
from tray_app.ledger import Ledger
from tray_app.ledger_rows import Step
from tray_app.state import Snoozes, Trouble, TroubleKind
from tray_app.verdicts import Decided, Verdict

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

    told = json.loads(_lines(capsys)[0])
    assert told["state"] == "critical"
    assert (told["open"], told["need"], told["mine"], told["unassigned"]) == (
        4,
        2,
        2,
        1,
    )
    assert (told["critical"], told["acknowledged"]) == (1, 1)
    assert datetime.fromisoformat(told["as_of"]) >= NOW


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
    told = json.loads(_lines(capsys)[0])
    assert told["text"] == "■ 2/4"
    assert told["class"] == "critical"
    assert "payment-latency-3" in told["tooltip"]

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
    ledger.keep("ages", fresh(NOW - timedelta(hours=1)))

    assert main(["status"]) == 2
    assert main(["list"]) == 2


def test_ages_that_are_noted_once_a_minute_are_not_stale_for_that(
    ledger: Ledger,
) -> None:
    ledger.keep("ages", fresh(datetime.now(UTC) - timedelta(seconds=200)))

    assert main(["status"]) == 1


def test_a_sign_in_that_is_over_says_so(ledger: Ledger) -> None:
    trouble = Trouble(kind=TroubleKind.SIGNED_OUT, since=datetime.now(UTC))
    ledger.keep("troubles", keeping.troubles().dump_json((trouble,)).decode())

    assert main(["status"]) == 3


def test_all_acknowledged_is_calm(ledger: Ledger) -> None:
    ledger.connection.execute("DELETE FROM incident WHERE feed != ?", (MINE,))
    ledger.connection.execute("DELETE FROM incident WHERE id = ?", (incident(1).id,))

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
    found = [json.loads(line)["name"] for line in _lines(capsys)]
    assert sorted(found) == sorted(f"payment-latency-{n}" for n in numbers)
    assert found[0] == f"payment-latency-{numbers[0]}"

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


def test_history_and_explain_tell_what_became_of_a_change(
    ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger.keep(
        "snoozes",
        keeping.snoozes()
        .dump_json(Snoozes(incidents={incident(1).id: NOW + timedelta(hours=1)}))
        .decode(),
    )
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


def test_what_both_feeds_tell_is_in_the_history_once(
    ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    own = incident(1, assignees=(ALICE,))
    verdict = Verdict(
        feed=TEAM,
        seq=1,
        id=own.id,
        at=NOW,
        kinds=("opened",),
        text="opened “payment-latency-1”",
        outcome=Outcome.SILENT,
        rule=ELSEWHERE,
    )
    decided = Decided(memory=ledger.memory(), verdicts=(verdict,))
    ledger.accept(Step(at=NOW, decided=decided))

    assert main(["history"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1
    assert main(["explain", "00000001"]) == 0
    assert ELSEWHERE in capsys.readouterr().out


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
    before = ledger.version()
    assert main(["snooze", *words]) == 0

    assert ledger.version() != before
    kept = keeping.snoozes().validate_json(ledger.kept("snoozes") or "")
    assert (kept.everything is not None) == everything
    assert main(["status"]) == 1


def test_one_incident_is_snoozed_and_woken(ledger: Ledger) -> None:
    assert main(["snooze", "2h", "00000001"]) == 0
    kept = keeping.snoozes().validate_json(ledger.kept("snoozes") or "")
    assert set(kept.incidents) == {incident(1).id}

    assert main(["snooze", "off", "00000001"]) == 0
    assert keeping.snoozes().validate_json(ledger.kept("snoozes") or "") == Snoozes()
    assert main(["snooze", "2h", "0000"]) == 1
    assert main(["snooze", "soon"]) == 2


def test_sync_needs_a_tray_and_open_needs_a_link(
    ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    del ledger
    assert main(["sync"]) == 1
    assert main(["open", "00000001"]) == 2

    assert "coralogix.link: is not set" in capsys.readouterr().err


def test_freshness_that_cannot_be_read_is_a_damaged_ledger(ledger: Ledger) -> None:
    ledger.keep("ages", "[]")

    assert main(["status"]) == 1

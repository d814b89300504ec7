"""Acting on what the list shows, with the key that is there."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from incidents.models import IncidentId
from simulator.api.server import RunningServer, serve
from simulator.world.people import TEAM_KEY
from simulator.world.world import World
from tests.cli.conftest import incident
from tray_app.cli.main import main
from tray_app.ledger.ledger import Ledger
from tray_app.settings import environment

pytestmark = [pytest.mark.network, pytest.mark.usefixtures("home")]
KNOWN = incident(1).id


@pytest.fixture
def world() -> World:
    return World(seed=4, users=2, open=0)


@pytest.fixture
def coralogix(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningServer]:
    monkeypatch.setenv(environment.KEY, world.users[0].key)
    with serve(world) as running:
        yield running


def test_an_id_may_be_cut_short_as_the_list_cuts_it(
    coralogix: RunningServer, ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    del ledger
    main(["list", "--mine"])
    shown = capsys.readouterr().out.split()[0]

    main(["ack", shown, KNOWN.upper(), "--base-url", coralogix.base_url, "--json"])

    (told,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert told["id"] == KNOWN


@pytest.mark.parametrize(
    ("short", "said"),
    [
        ("0000", "No open incident"),
        ("000", "Give 4 signs of an id at least"),
        ("", "Give 4 signs of an id at least"),
        ("ffffffff", "No open incident"),
        ("\x1b[31mno", "which is a UUID: [31mno. No open incident"),
    ],
)
def test_what_could_be_another_one_or_none_is_not_acted_on(
    coralogix: RunningServer,
    ledger: Ledger,
    capsys: pytest.CaptureFixture[str],
    short: str,
    said: str,
) -> None:
    with ledger.writing() as db:
        db.execute("DELETE FROM incident WHERE id = ?", (KNOWN,))
    if short == "0000":
        said = "More than one open incident"

    assert main(["resolve", KNOWN, short, "--base-url", coralogix.base_url]) == 2

    assert said in capsys.readouterr().err
    assert coralogix.requests == ()


def test_without_a_tray_only_whole_ids_are_known(
    coralogix: RunningServer, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ack", "00000001", "--base-url", coralogix.base_url]) == 2

    assert "which is a UUID: 00000001. Nothing is known yet" in capsys.readouterr().err
    assert list(home.iterdir()) == []


def test_a_key_that_is_no_persons_needs_to_be_told_whom_to_assign_to(
    coralogix: RunningServer,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    id_ = world.open_incident()
    monkeypatch.setenv(environment.KEY, TEAM_KEY)
    where = ("--base-url", coralogix.base_url)

    assert main(["whoami", *where]) == 0
    assert capsys.readouterr().out.startswith("nobody\t")
    assert main(["assign", id_, *where]) == 2
    assert "Say who to assign to with --to." in capsys.readouterr().err
    assert {seen.method for seen in coralogix.requests} == {"GET"}
    assert main(["assign", id_, "--to", "a@b.c", *where]) == 3


def test_a_wrong_key_is_told_as_one_even_before_it_is_known_whose_it_is(
    coralogix: RunningServer, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(environment.KEY, "cxup_wrong")

    where = ("--base-url", coralogix.base_url)
    assert main(["assign", world.open_incident(), *where]) == 3


def test_an_incident_that_is_named_twice_is_acted_on_once(
    coralogix: RunningServer, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    id_ = world.open_incident()

    where = ("--base-url", coralogix.base_url)

    main(["ack", id_, id_.upper(), *where])
    assert capsys.readouterr().out.count(id_) == 1

    coralogix.faults.set("404:whoami")
    main(["assign", id_, id_.upper(), *where])
    assert capsys.readouterr().err.count(id_) == 1


def test_where_it_is_said_on_the_command_line_the_settings_do_not_matter(
    coralogix: RunningServer, home: Path
) -> None:
    settings = home / "settings.toml"
    settings.write_text('[coralogix]\nregion = "eu1"\napi_version = "3"\n')

    assert main(["whoami", "--base-url", coralogix.base_url]) == 0
    assert main(["whoami", "--base-url", coralogix.origin]) == 0
    assert {seen.path for seen in coralogix.requests} != set()


def test_an_incident_has_the_same_fields_wherever_it_is_json(
    coralogix: RunningServer,
    world: World,
    ledger: Ledger,
    capsys: pytest.CaptureFixture[str],
) -> None:
    del ledger
    id_ = world.open_incident()
    main(["list", "--json"])
    listed = json.loads(capsys.readouterr().out.splitlines()[0])

    assert main(["show", id_, "--json", "--base-url", coralogix.base_url]) == 0

    shown = json.loads(capsys.readouterr().out)
    assert listed.keys() - shown.keys() == {"whose"}
    beside = {"ok", "error", "duration_seconds", "events"}
    assert shown.keys() - listed.keys() == beside
    assert [len(label) for label in shown["labels"]] == [2] * len(shown["labels"])
    assert listed["labels"] == [["service", "checkout"]]


def test_how_long_it_lasted_is_said_in_words(
    coralogix: RunningServer, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    id_ = IncidentId(world.open_incident())
    where = ("--base-url", coralogix.base_url)
    assert main(["close", id_, *where]) == 0
    capsys.readouterr()

    assert main(["show", id_, *where]) == 0

    (closed,) = [
        line
        for line in capsys.readouterr().out.splitlines()
        if line.startswith("closed ")
    ]
    assert closed.endswith((" s", " min"))

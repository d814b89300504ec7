"""The commands that act, as a person or a script runs them, against the simulator."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from incidents.coralogix.http.routes import Version
from incidents.models import IncidentId
from simulator.api.server import RunningServer, serve
from simulator.world.world import TEAM_KEY, World
from tests.coralogix.fakes import SECRET, uid
from tray_app.cli.main import main
from tray_app.desktop.keychain import SystemKeychain
from tray_app.model.ports import KeychainError
from tray_app.settings import environment

Run = Callable[..., tuple[int, str, str]]
VERSIONS = pytest.mark.parametrize("version", list(Version))
KEYS = {"id", "ok", "status", "assignees", "error"}


@pytest.fixture
def world() -> World:
    return World(seed=4, users=3, open=0)


@pytest.fixture
def running(world: World) -> Iterator[RunningServer]:
    with serve(world) as server:
        yield server


@pytest.fixture
def run(
    world: World,
    running: RunningServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Run a command with the first user's key; answer code, output and errors."""
    keys = [user.key for user in world.users]
    monkeypatch.setenv("INCIDENT_TRAY_HOME", str(tmp_path))
    monkeypatch.setenv(environment.KEY, keys[0])

    def command(*arguments: str, where: bool = True) -> tuple[int, str, str]:
        place = ("--base-url", running.origin) if where else ()
        try:
            code = main([*arguments, *place])
        except SystemExit as end:
            code = int(end.code or 0)
        out, err = capsys.readouterr()
        assert not any(key in out + err for key in (*keys, TEAM_KEY, SECRET))
        assert "Traceback" not in err
        return code, out, err

    return command


def assignees(world: World, id_: str) -> list[str]:
    record = world.find(id_)
    assert record is not None
    return list(record.assignees)


@VERSIONS
def test_assign_is_to_me_unless_somebody_is_named(
    world: World, run: Run, version: Version
) -> None:
    id_ = world.open_incident()
    me, other = world.users[:2]

    code, out, _ = run("assign", id_, "--api-version", version)
    assert (code, assignees(world, id_)) == (0, [me.email])
    assert me.email in out

    code, out, _ = run("assign", id_, "--to", other.email, "--api-version", version)
    assert (code, assignees(world, id_)) == (0, [other.email])

    code, out, _ = run("unassign", id_, "--api-version", version)
    assert (code, assignees(world, id_)) == (0, [])
    assert "assigned to nobody" in out


@pytest.mark.parametrize(
    ("command", "status"),
    [("ack", "acknowledged"), ("resolve", "resolved"), ("close", "resolved")],
)
def test_the_other_actions_answer_an_object_for_each_id(
    world: World, run: Run, command: str, status: str
) -> None:
    ids = [world.open_incident() for _ in range(3)]

    code, out, err = run(command, *ids[:2], "--json")

    told = [json.loads(line) for line in out.splitlines()]
    assert (code, err) == (0, "")
    assert told == [
        {"id": id_, "ok": True, "status": status, "assignees": [], "error": None}
        for id_ in ids[:2]
    ]


def test_a_partial_failure_lists_each_id_and_exits_1(world: World, run: Run) -> None:
    first, second = world.open_incident(), world.open_incident()

    code, out, _ = run("ack", first, uid(7), second, "--json")

    told = [json.loads(line) for line in out.splitlines()]
    assert code == 1
    assert [(one["id"], one["ok"]) for one in told] == [
        (first, True),
        (uid(7), False),
        (second, True),
    ]
    assert all(one.keys() == KEYS for one in told)
    assert told[1]["status"] is None
    assert "no such incident" in told[1]["error"]

    code, out, err = run("ack", first, uid(7))
    assert code == 1
    assert first in out
    assert uid(7) in err


@pytest.mark.parametrize(
    "arguments",
    [
        ("ack",),
        ("ack", "not-an-id"),
        ("ack", uid(1), "*"),
        ("assign", uid(1), "--to", " "),
        ("resolve", uid(1), "--api-version", "99"),
        ("resolve", uid(1), "--region", "eu2"),
        ("close", uid(1), "--key", SECRET[:4]),
    ],
)
def test_a_wrong_command_is_a_usage_error_and_nothing_is_sent(
    running: RunningServer, run: Run, arguments: tuple[str, ...]
) -> None:
    code, out, err = run(*arguments)

    assert (code, out) == (2, "")
    assert err
    assert running.requests == ()


def test_a_version_that_contradicts_the_address_is_a_usage_error(
    running: RunningServer, run: Run
) -> None:
    for url in (running.base_url, f"{running.origin}/mgmt/openapi/3"):
        wrong = "4", "unversioned"
        for version in wrong:
            code, _, err = run(
                "ack", uid(1), "--base-url", url, "--api-version", version, where=False
            )
            assert code == 2
            assert "leave one of the two out" in err


@pytest.mark.parametrize("tail", ["", "/mgmt/openapi", "/mgmt/openapi/5"])
def test_each_form_of_the_base_url_works(
    world: World, running: RunningServer, run: Run, tail: str
) -> None:
    id_ = world.open_incident()

    code, *_ = run("ack", id_, "--base-url", running.origin + tail, where=False)

    assert code == 0


@pytest.mark.parametrize(
    "where",
    [
        ("--base-url", "http://api.eu2.coralogix.com"),
        ("--base-url", "https://api.eu2.coralogix.com/v1"),
        ("--region", "eu9"),
        (),
    ],
)
def test_where_coralogix_is_must_be_said_rightly(
    run: Run, where: tuple[str, ...]
) -> None:
    code, _, err = run("whoami", *where, where=False)

    assert code == 2
    assert err.startswith("incident-tray: ")
    assert err.count("\n") == 1


def test_the_settings_file_says_where_it_is_when_no_argument_does(
    world: World, running: RunningServer, run: Run, tmp_path: Path
) -> None:
    text = f'[coralogix]\nbase_url = "{running.origin}"\napi_version = "3"\n'
    tmp_path.joinpath("settings.toml").write_text(text)

    code, out, _ = run("whoami", where=False)

    assert (code, out.split("\t")[0]) == (0, world.users[0].email)


def test_whoami_as_json(world: World, run: Run) -> None:
    code, out, _ = run("whoami", "--json")

    me = json.loads(out)
    assert code == 0
    assert me["user"] == world.users[0].email
    assert me.keys() == {"user", "team", "team_id", "team_url"}


def test_a_team_key_that_acts_exits_3_and_says_which_permission(
    world: World, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = world.open_incident()
    monkeypatch.setenv(environment.KEY, TEAM_KEY)

    code, out, _ = run("ack", id_, "--json")

    told = json.loads(out)
    assert code == 3
    assert (told["ok"], told["id"]) == (False, id_)
    assert "incidents:acknowledge" in told["error"]


@pytest.mark.parametrize("key", ["cxup_wrong", "two words"])
def test_a_wrong_key_exits_3_or_2(
    world: World, run: Run, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv(environment.KEY, key)

    code, _, err = run("resolve", world.open_incident())

    assert code == (2 if " " in key else 3)
    assert key not in err


def test_no_key_in_the_environment_asks_the_keychain(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def empty(_: object) -> str:
        raise KeychainError("It holds no key.")

    monkeypatch.delenv(environment.KEY)
    monkeypatch.setattr(SystemKeychain, "key", empty)

    code, _, err = run("whoami")

    assert (code, err) == (3, "incident-tray: It holds no key.\n")


def test_show_tells_what_happened_in_words_and_as_json(world: World, run: Run) -> None:
    name = "Checkout\n\x1b[31mis slow"
    id_ = world.open_incident(name=name)
    world.assign(id_, "bob@example.com", by=world.users[0].email)
    world.acknowledge(id_, by="bob@example.com")

    code, out, _ = run("show", id_)
    assert code == 0
    assert out.startswith("Checkout [31mis slow\n")
    assert "\x1b" not in out
    assert "- assigned to bob@example.com by" in out
    assert "- acknowledged by bob@example.com" in out

    code, out, _ = run("show", id_.upper(), "--json")
    shown = json.loads(out)
    assert code == 0
    assert shown.keys() >= KEYS
    assert (shown["name"], shown["status"]) == (name, "acknowledged")
    assert [event["by"] for event in shown["events"]][-1] == "bob@example.com"

    code, out, _ = run("show", uid(7), "--json")
    assert (code, json.loads(out)["ok"]) == (1, False)


def test_nobody_known_is_told_to_say_who(
    world: World, running: RunningServer, run: Run
) -> None:
    id_ = world.open_incident()
    running.faults.set("404:whoami")

    code, out, _ = run("assign", id_, "--json")

    assert code == 1
    assert "Say it with --to" in json.loads(out)["error"]
    assert assignees(world, id_) == []


def test_a_script_gets_the_exit_code_and_the_lines(
    world: World, running: RunningServer, tmp_path: Path
) -> None:
    id_ = IncidentId(world.open_incident())

    result = subprocess.run(
        [
            sys.executable,
            "-m",
            "tray_app.cli.main",
            "assign",
            id_,
            "--json",
            "--base-url",
            running.base_url,
        ],
        env={
            "INCIDENT_TRAY_API_KEY": world.users[0].key,
            "INCIDENT_TRAY_HOME": str(tmp_path),
        },
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert (result.returncode, result.stderr) == (0, "")
    assert json.loads(result.stdout)["assignees"] == [world.users[0].email]

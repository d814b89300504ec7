"""Setting up: scriptable, again and again."""

from pathlib import Path

import pytest

from tests.desktop import test_keychain
from tests.desktop.test_keychain import Memory
from tray_app.cli.main import main
from tray_app.settings import environment, paths
from tray_app.settings.settings import Settings, load

memory = test_keychain.memory
pytestmark = pytest.mark.usefixtures("home")
ALONE = ["setup", "--non-interactive", "--no-test"]


def test_what_is_given_is_written_and_kept_the_next_time() -> None:
    assert main([*ALONE, "--uid", "alice", "--team", "ops", "--table", "told"]) == 0
    assert main([*ALONE, "--coralogix-region", "eu2"]) == 0

    settings = load(paths.settings_file())
    assert (settings.uid, settings.team, settings.table) == ("alice", "ops", "told")
    assert settings.coralogix.region == "eu2"
    assert "# The DynamoDB table." in paths.settings_file().read_text()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ([], "setup: --uid: who you are in the table is not known"),
        (["--uid", "a b"], "setup: uid: 'a b' is no name: letters"),
        (["--uid", "a", "--coralogix-region", "mars"], "setup: There is no such"),
    ],
)
def test_a_mistake_is_a_line_and_nothing_is_written(
    words: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*ALONE, *words]) == 2

    assert capsys.readouterr().err.startswith(f"incident-tray: {line}")
    assert not paths.settings_file().exists()


def test_solo_needs_no_table() -> None:
    assert main([*ALONE, "--mode", "solo", "--coralogix-region", "us1"]) == 0

    settings = load(paths.settings_file())
    assert settings == Settings(mode="solo", uid="me", coralogix=settings.coralogix)


def test_another_region_takes_the_place_of_a_base_url() -> None:
    paths.settings_file().write_text(
        'uid = "alice"\n[coralogix]\nbase_url = "https://api.eu2.coralogix.com"\n'
    )

    assert main([*ALONE, "--coralogix-region", "us1"]) == 0

    coralogix = load(paths.settings_file()).coralogix
    assert (coralogix.region, coralogix.base_url) == ("us1", "")


def test_the_key_goes_to_the_keychain_and_nowhere_else(
    home: Path,
    memory: Memory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(environment.KEY, " cxup_example\n")

    assert main([*ALONE, "--uid", "alice"]) == 0

    assert list(memory.stored.values()) == ["cxup_example"]
    assert "cxup" not in "".join(capsys.readouterr())
    assert not any(
        "cxup" in path.read_text(errors="replace")
        for path in home.rglob("*")
        if path.is_file()
    )


def test_what_can_be_no_key_is_not_kept(
    memory: Memory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(environment.KEY, "cxup two words")

    assert main([*ALONE, "--uid", "alice"]) == 2

    assert memory.stored == {}
    assert "cxup" not in capsys.readouterr().err


def test_starting_with_the_session_is_as_it_was_unless_said(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    entry = home / "config" / "autostart" / "coralogix-incident-tray.desktop"

    for flags, there in (
        ([], False),
        (["--autostart"], True),
        ([], True),
        (["--no-autostart"], False),
    ):
        assert main([*ALONE, "--uid", "alice", *flags]) == 0
        assert entry.exists() == there


def test_a_persons_comments_and_order_stay_when_settings_are_changed() -> None:
    main([*ALONE, "--uid", "alice"])
    path = paths.settings_file()
    own = "# Mine, do not touch.\n\n[rules]\nburst = 5 # a lot\n"
    path.write_text(f'uid = "alice"\n{own}')

    main([*ALONE, "--uid", "bob"])

    assert path.read_text() == f'uid = "bob"\n{own}'


def test_the_old_file_is_kept_beside(home: Path) -> None:
    main([*ALONE, "--uid", "alice"])
    before = paths.settings_file().read_text()

    main([*ALONE, "--uid", "bob"])

    assert (home / "settings.toml.before").read_text() == before


@pytest.mark.parametrize("function", ["builtins.input", "tray_app.cli.setup.getpass"])
def test_when_nobody_answers_it_says_so(
    function: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def closed(_: str) -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", lambda _: "eu1")
    monkeypatch.setattr(function, closed)

    assert main(["setup", "--no-test", "--mode", "solo"]) == 2

    assert "nobody answers" in capsys.readouterr().err


def test_it_asks_and_takes_what_is_set_as_the_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    main([*ALONE, "--uid", "alice", "--team", "ops"])
    answers = iter(["", "carol", "-", "", "", "eu-west-1", "eu1"])
    prompts: list[str] = []

    def answer(question: str) -> str:
        prompts.append(question)
        return next(answers)

    monkeypatch.setattr("builtins.input", answer)
    monkeypatch.setattr("tray_app.cli.setup.getpass", lambda _: "")

    assert main(["setup", "--no-test"]) == 0

    settings = load(paths.settings_file())
    assert (settings.uid, settings.team) == ("carol", "")
    assert (settings.region, settings.coralogix.region) == ("eu-west-1", "eu1")
    assert "[alice]" in prompts[1]

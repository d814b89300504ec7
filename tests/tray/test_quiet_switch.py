"""The menu's switch for the quiet hours: kept, and overruled by changed settings."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.tray.desk import NOW, OWN, Desk
from tests.tray.desk import state as state_with
from tray_app.app import restore
from tray_app.app.main_loop import under
from tray_app.app.restore import initial_state
from tray_app.ledger.ledger import Ledger
from tray_app.model.intents import ToggleQuietHours
from tray_app.model.rules import QuietHours, QuietSwitch, Rules
from tray_app.model.state import TrayState
from tray_app.settings import paths
from tray_app.settings.settings import Settings

ON, OFF = (Rules(quiet_hours=QuietHours(on=on)) for on in (True, False))


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv(paths.HOME, str(tmp_path))
    monkeypatch.delenv(paths.CONFIG, raising=False)
    (tmp_path / "settings.toml").write_text('uid = "ada"\n')
    return Desk(path=tmp_path / "ledger.db", feeds=(OWN,))


def restarted(desk: Desk, rules: Rules) -> TrayState:
    """The state of a new run under the settings' *rules*."""
    again = Desk(path=desk.path, feeds=desk.feeds)
    state = initial_state(Settings(uid="ada", rules=rules), (OWN,), again.journal)
    again.journal.close()
    return state


def test_a_restart_and_the_command_line_find_it_as_it_was_switched(
    desk: Desk,
) -> None:
    desk.app.handle(ToggleQuietHours())
    desk.journal.close()

    assert restarted(desk, OFF).rules == ON
    with Ledger(desk.path) as ledger:
        assert restore.known_state(ledger, NOW).rules == ON


def test_settings_that_change_later_count_again(desk: Desk) -> None:
    desk.app.handle(ToggleQuietHours())
    desk.journal.close()

    state = restarted(desk, ON)

    assert state.rules == ON
    assert state.quiet is None


def test_switched_back_nothing_differs_from_the_settings(desk: Desk) -> None:
    desk.app.handle(ToggleQuietHours())
    desk.app.handle(ToggleQuietHours())

    assert desk.app.state.rules == OFF
    assert desk.app.state.quiet is None
    desk.journal.close()


def test_settings_read_again_for_another_reason_leave_it() -> None:
    switch = QuietSwitch(on=True, instead_of=False)
    state = state_with(rules=ON, quiet=switch)

    same = under(state, Settings(uid="ada", rules=replace(OFF, count=False)))

    assert same.rules == replace(ON, count=False)
    assert same.quiet == switch
    assert under(state, Settings(uid="ada", rules=ON)).quiet is None

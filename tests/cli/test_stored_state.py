"""What `watch` shows: the stored state, read again only after it was written."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.cli.conftest import MINE, NOW
from tray_app.actions import actions
from tray_app.ledger import serialization
from tray_app.ledger.ledger import Ledger
from tray_app.ledger.rows import Step
from tray_app.model.intents import Verb
from tray_app.model.memory import Memory
from tray_app.model.output import Output
from tray_app.model.state import Me, Pending, Snoozes, Stage, TrayState
from tray_app.settings import paths
from tray_app.watch.stored_state import StoredState

NOTHING = TrayState(me=Me(uid="alice"))
SNOOZED = Snoozes(everything=NOW + timedelta(hours=1))


@pytest.fixture
def stored(home: object) -> Iterator[StoredState]:
    del home
    with closing(StoredState()) as opened:
        yield opened


def test_there_is_no_state_before_a_tray_has_run(stored: StoredState) -> None:
    assert stored.updated(NOTHING, NOW) == NOTHING


def test_the_state_is_read_again_only_after_the_tray_has_written(
    stored: StoredState, ledger: Ledger
) -> None:
    first = stored.updated(NOTHING, NOW)
    assert first.user_feed
    assert stored.updated(first, NOW) is first

    ledger.put("snoozes", serialization.SNOOZES.to_json(SNOOZED))

    assert stored.updated(first, NOW).snoozes == SNOOZED


def test_a_ledger_that_the_tray_has_replaced_is_opened_instead(
    stored: StoredState, ledger: Ledger
) -> None:
    first = stored.updated(NOTHING, NOW)
    ledger.close()
    path = paths.ledger_file()
    path.rename(path.with_suffix(".damaged"))

    with Ledger(path) as new:
        new.put("snoozes", serialization.SNOOZES.to_json(SNOOZED))
        assert stored.updated(first, NOW).snoozes == SNOOZED


def test_an_action_that_the_tray_holds_back_is_shown_and_never_sent_here(
    stored: StoredState, ledger: Ledger
) -> None:
    id_ = next(iter(ledger.feeds()[MINE].incidents))
    action = Pending(id=id_, verb=Verb.RESOLVE, stage=Stage.HELD, since=NOW)
    ledger.put("pending", serialization.PENDING.to_json((action,)))

    state = stored.updated(NOTHING, NOW)

    assert stored.with_pending(state).pending == {id_: action}
    transition = actions.due(state, Memory(), NOW + timedelta(minutes=1))
    assert transition.send == ()


def test_what_the_key_here_may_do_outlasts_what_is_read(
    stored: StoredState, ledger: Ledger
) -> None:
    del ledger
    refused = replace(NOTHING, can_act=False, forbidden=frozenset({Verb.RESOLVE}))

    state = stored.updated(refused, NOW)

    assert not state.can_act
    assert state.forbidden == {Verb.RESOLVE}


def test_nothing_but_changed_snoozes_is_written(
    stored: StoredState, ledger: Ledger
) -> None:
    state = stored.updated(NOTHING, NOW)
    ledger.changed()
    same = {"snoozes": serialization.SNOOZES.to_json(state.snoozes), "seen": "x"}
    step = Step(at=NOW, output=Output(memory=Memory()), values=same)

    stored.accept(step, dict)
    assert not ledger.changed()

    changed = {"snoozes": serialization.SNOOZES.to_json(SNOOZED), "seen": "x"}
    stored.accept(replace(step, values=changed), dict)
    assert ledger.read(serialization.SNOOZES) == SNOOZED
    assert ledger.get("seen") != "x"

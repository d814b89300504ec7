"""What `watch` shows: the stored state, read again only after it was written."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from tests.cli.conftest import NOW
from tray_app.ledger import serialization
from tray_app.ledger.ledger import Ledger
from tray_app.model.state import Snoozes
from tray_app.settings import paths
from tray_app.watch.stored_state import StoredState

SNOOZED = Snoozes(everything=NOW + timedelta(hours=1))


@pytest.fixture
def stored(home: object) -> Iterator[StoredState]:
    del home
    with closing(StoredState()) as opened:
        yield opened


def test_there_is_no_state_before_a_tray_has_run(stored: StoredState) -> None:
    assert stored.changed_state(NOW) is None


def test_the_state_is_read_again_only_after_the_tray_has_written(
    stored: StoredState, ledger: Ledger
) -> None:
    assert stored.changed_state(NOW) is not None
    assert stored.changed_state(NOW) is None

    ledger.put("snoozes", serialization.SNOOZES.to_json(SNOOZED))

    changed = stored.changed_state(NOW)
    assert changed is not None
    assert changed.snoozes == SNOOZED


def test_a_ledger_that_the_tray_has_replaced_is_opened_instead(
    stored: StoredState, ledger: Ledger
) -> None:
    stored.changed_state(NOW)
    ledger.close()
    path = paths.ledger_file()
    path.rename(path.with_suffix(".damaged"))

    with Ledger(path) as new:
        new.put("snoozes", serialization.SNOOZES.to_json(SNOOZED))
        changed = stored.changed_state(NOW)

    assert changed is not None
    assert changed.snoozes == SNOOZED

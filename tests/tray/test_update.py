"""A newer version: compared with care, shown in the menu, told once a week."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from incidents import VERSION
from tests.tray.desk import NOW, WATCHED, Clock, Desk, state
from tests.tray.world import Account, Writer
from tray_app.app.effects import Effects
from tray_app.app.intents import handle
from tray_app.model.intents import ShowDoctor
from tray_app.model.rules import QuietHours, Rules
from tray_app.model.state import Snoozes, TrayState
from tray_app.model.view import Item, Urgency
from tray_app.present import menu, upgrade

HOUR = timedelta(hours=1)
SETTLED = timedelta(seconds=6)
"""After an hour without a look, the network has had its time."""


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("0.1.1", "0.1.0"),
        ("0.10", "0.9.9"),
        ("1", "0.9"),
        ("v1.3", "1.2"),
        ("1.3.0.1", "1.3"),
        ("1.3", "1.3rc2"),
        ("1.3rc1", "1.3b9"),
        ("1.3b1", "1.3a1"),
        ("1.3a1", "1.3.dev7"),
        ("1.3.dev1", "1.2.9"),
        ("1.3.post1", "1.3"),
        ("1.3+ours.2", "1.2"),
    ],
)
def test_the_newer_of_two_versions_is_known(theirs: str, ours: str) -> None:
    assert upgrade.newer(theirs, ours)
    assert not upgrade.newer(ours, theirs)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("1.3", "1.3"),
        ("1.3.0", "1.3"),
        ("1.3", "1.3.0"),
        ("1.3+b", "1.3+a"),
        ("", "0.1.0"),
        ("2.0", ""),
        ("latest", "0.1.0"),
        ("2", "main"),
        ("9" * 10_000, "0.1.0"),
        ("٩.0", "0.1.0"),
        ("2.0\n", "0.1.0"),
        ("2.0 <b>", "0.1.0"),
        ("-1", "0.1.0"),
    ],
)
def test_the_same_and_the_unreadable_are_not_newer(theirs: str, ours: str) -> None:
    assert not upgrade.newer(theirs, ours)


def test_the_menu_has_a_row_for_it_that_says_how(desk: Desk) -> None:
    def rows(known: TrayState) -> list[Item]:
        found = (one for one in menu.build(known, NOW).entries if isinstance(one, Item))
        return [one for one in found if one.label.startswith("Update")]

    known = state(newer="1.3.0", rules=Rules(updates=False))
    (row,) = rows(known)
    assert row == Item(label="Update to 1.3.0…", intent=ShowDoctor())
    assert rows(state()) == []

    hands: Effects = desk.hands
    _, (said,) = handle(ShowDoctor(), known, hands, NOW)
    assert said.title == "All is well"
    assert said.body.splitlines()[0] == (
        f"The team's sync runs 1.3.0, and this is {VERSION}:"
        " update it the way you installed it."
    )


def test_it_is_told_in_passing() -> None:
    _, (said,) = upgrade.hint(WATCHED, state(newer="1.3.0"), NOW)

    assert said.title == "Update to 1.3.0"
    assert said.body == f"The team's sync runs it, and this is {VERSION}."
    assert said.urgency is Urgency.LOW
    assert said.expires_after
    assert not said.sound


@pytest.mark.parametrize(
    ("known", "later"),
    [
        (state(), False),
        (state(newer="1.3.0", rules=Rules(updates=False)), False),
        (state(newer="1.3.0", snoozes=Snoozes(everything=NOW + HOUR)), True),
        (
            state(
                newer="1.3.0",
                rules=Rules(
                    quiet_hours=QuietHours(on=True, start=time(11), end=time(13))
                ),
            ),
            True,
        ),
    ],
)
def test_nothing_is_told_where_there_is_none_or_in_a_rest(
    known: TrayState, *, later: bool
) -> None:
    memory, said = upgrade.hint(WATCHED, known, NOW)

    assert (memory, said) == (WATCHED, ())
    assert bool(upgrade.hint(memory, known, NOW + 2 * HOUR)[1]) is later


def test_each_version_has_its_own_week_even_if_two_take_turns() -> None:
    memory, told = WATCHED, []
    for hour in range(24 * 8):
        known = state(newer=("1.3.0", "1.4.0")[hour % 2])
        memory, said = upgrade.hint(memory, known, NOW + hour * HOUR)
        told += [(hour, one.title) for one in said]

    assert told == [
        (0, "Update to 1.3.0"),
        (1, "Update to 1.4.0"),
        (24 * 7, "Update to 1.3.0"),
        (24 * 7 + 1, "Update to 1.4.0"),
    ]
    assert set(memory.updates) == {"1.3.0", "1.4.0"}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(tmp_path: Path, clock: Clock) -> Iterator[Desk]:
    made = Desk(path=tmp_path / "l.db", clock=clock)
    yield made
    made.journal.close()


def syncs(folder: Path, clock: Clock, version: str) -> Writer:
    return Writer(folder / "f.db", Account(seed=1, clock=clock), version=version)


def looked(desk: Desk, writer: Writer) -> None:
    """Let an hour pass, with a sync and a look at its end."""
    desk.clock.now += HOUR
    writer.sync()
    desk.app.tick()
    desk.clock.now += SETTLED
    desk.app.tick()
    desk.answer(writer.store)


def test_one_version_is_told_once_a_week_whatever_is_restarted(
    tmp_path: Path, clock: Clock
) -> None:
    writer = syncs(tmp_path, clock, "99.0")
    told: list[datetime] = []
    for _ in range(15):
        desk = Desk(path=tmp_path / "l.db", clock=clock)
        for _ in range(24):
            looked(desk, writer)
            hints = [one for one in desk.screen.notifications if one.key == "update"]
            told += [clock.now for _ in hints]
            desk.screen.notifications.clear()
        desk.journal.close()
    writer.store.close()

    gaps = [after - before for before, after in pairwise(told)]
    assert len(told) == 3
    assert all(timedelta(0) <= gap - upgrade.A_WEEK < 2 * HOUR for gap in gaps)


def test_the_hint_goes_once_the_sync_is_not_newer_any_more(
    tmp_path: Path, desk: Desk
) -> None:
    newer = syncs(tmp_path, desk.clock, "99.0")
    looked(desk, newer)
    assert desk.app.state.newer == "99.0"
    newer.store.close()

    for version in (VERSION, "", "0.0.1"):
        writer = syncs(tmp_path, desk.clock, version)
        desk.app.state = replace(desk.app.state, newer="99.0")
        looked(desk, writer)
        assert desk.app.state.newer == ""
        writer.store.close()

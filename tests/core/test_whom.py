"""Names are asked for once, where they are told, and decide nothing."""

from dataclasses import replace

import pytest

from incidents.errors import KeyRejectedError, SourceError, SourceUnavailableError
from incidents.models import Incident, UserId
from incidents.sync.acknowledgers import with_names
from tests.core.builders import ALICE, BOB, FEED, Source, facts, incident, state
from tests.core.test_sync import ALICES, TEAM, House, settled

OPEN = incident("a", assignees=(ALICE,))
TAKEN = replace(OPEN, status="acknowledged")


def house_where(*before: Incident, details: Incident | None = None) -> House:
    house = settled(*before)
    house.source.details = [details] if details else []
    return house


def by(house: House, feed: str = TEAM) -> UserId | None:
    return house.store.rows(TEAM if feed == TEAM else ALICES, 0)[
        -1
    ].change.incident.acknowledged_by


def test_who_acknowledged_is_asked_where_the_listing_does_not_say() -> None:
    house = house_where(OPEN, details=replace(TAKEN, acknowledged_by=BOB))
    house.source.open = [TAKEN]

    report = house.sync()

    assert (report.api_calls, report.complete) == (2, True)
    assert by(house) == by(house, ALICES) == BOB
    assert house.source.glanced == [["a"]]


def test_a_quiet_sync_and_the_next_change_go_on_from_there() -> None:
    house = house_where(OPEN, details=replace(TAKEN, acknowledged_by=BOB))
    house.source.open = [TAKEN]
    house.sync()

    assert house.sync().quiet
    house.source.open = [replace(TAKEN, severity="critical")]
    house.sync()

    assert len(house.kinds(TEAM)) == 2
    assert by(house) == BOB
    assert len(house.source.glanced) == 2


def test_nobody_is_asked_where_the_listing_says_it_or_there_is_nothing_to_say() -> None:
    house = house_where(OPEN)

    house.source.open = [replace(TAKEN, acknowledged_by=BOB)]
    house.sync()
    house.source.open = [OPEN, incident("b")]
    house.sync()

    assert house.source.glanced == []


def test_a_beginning_tells_nobody_and_asks_for_no_names() -> None:
    house = settled(TAKEN)

    assert house.source.glanced == []


@pytest.mark.parametrize("error", [SourceUnavailableError("x"), KeyRejectedError("x")])
def test_without_an_answer_it_is_told_without_a_name(error: SourceError) -> None:
    house = house_where(OPEN)
    house.source.glance_fails = error
    house.source.open = [TAKEN]

    report = house.sync()

    assert report.complete
    assert report.error == ""
    assert by(house) is None
    assert house.sync().quiet


def test_what_is_no_longer_so_names_nobody() -> None:
    house = house_where(OPEN, details=replace(OPEN, acknowledged_by=BOB))
    house.source.open = [TAKEN]

    house.sync()

    assert by(house) is None


def test_without_anybody_to_ask_it_is_told_all_the_same() -> None:
    house = house_where(OPEN)
    house.looks_for_names = False
    house.source.open = [TAKEN]

    house.sync()

    assert by(house) is None
    assert house.source.glanced == []


def test_what_has_not_changed_is_not_asked_for_again() -> None:
    house = house_where(OPEN)
    house.source.open = [TAKEN]
    house.sync()
    house.source.glanced.clear()

    house.source.open = [TAKEN, incident("b")]
    house.warm.states.clear()  # as in another process: what is held is read anew
    house.sync()

    assert house.source.glanced == []
    assert by(house) is None


def test_a_baseline_that_was_broken_off_asks_for_no_names() -> None:
    source = Source(details=[replace(TAKEN, acknowledged_by=BOB)])
    behind = {FEED: state(ready=False)}

    told, calls = with_names(source, facts(TAKEN), behind)

    assert (told, calls) == (facts(TAKEN), 0)
    assert source.glanced == []


def test_a_name_longer_than_a_feed_holds_is_left_out() -> None:
    long = UserId("x" * 300)
    source = Source(details=[replace(TAKEN, acknowledged_by=long)])

    told, calls = with_names(source, facts(TAKEN), {FEED: state(OPEN)})

    assert calls == 1
    assert told.wanted[FEED][TAKEN.id].acknowledged_by is None

"""What opens and ends between two syncs is told once, and costs one more call."""

from dataclasses import replace

import pytest

from incidents.changes import Kind
from incidents.errors import SourceUnavailableError
from incidents.models import Incident
from incidents.sync.audience import Scope
from incidents.sync.bounds import LIMIT, size
from tests.core.builders import ALICE, MINUTE, incident
from tests.core.test_sync import ALICES, BOBS, TEAM, House


def house(*open_: Incident, scope: Scope = Scope.TEAM) -> House:
    made = House(looks_for_brief=True, scope=scope)
    made.source.open = list(open_)
    made.sync()
    return made


def flap(made: House, **fields: object) -> Incident:
    """Let one open and end between the last sync and the next."""
    came = incident("flap", opened_at=made.now + MINUTE / 2, status="resolved")
    made.source.ended = [replace(came, **fields)]  # type: ignore[arg-type]  # each test knows
    return made.source.ended[0]


def test_it_is_told_to_those_it_concerned_and_held_by_nobody() -> None:
    made = house(incident())
    flap(made, assignees=(ALICE,))

    report = made.sync()

    assert (report.changes, report.api_calls, report.complete) == (2, 2, True)
    assert made.kinds(TEAM) == [{Kind.OPENED, Kind.RESOLVED}]
    assert made.kinds(ALICES) == [{Kind.OPENED, Kind.ASSIGNED, Kind.RESOLVED}]
    assert made.kinds(BOBS) == []
    assert made.held(TEAM) == {"a"}
    assert made.held(ALICES) == set()


def test_it_is_told_once_however_often_it_is_listed() -> None:
    made = house()
    flap(made)
    made.sync()

    for _ in range(3):
        assert made.sync().quiet

    assert len(made.kinds(TEAM)) == 1


def test_a_crash_before_the_status_tells_nothing_twice() -> None:
    made = house()
    flap(made)
    before = made.table.status
    made.sync()
    made.table.status = before

    made.sync()

    assert len(made.kinds(TEAM)) == 1


def test_each_sync_looks_back_to_where_the_one_before_began() -> None:
    made = house()
    made.sync()

    assert made.source.windows == [(made.now - MINUTE, made.now)]


def test_what_was_seen_open_is_told_in_the_usual_way_and_not_again() -> None:
    made = house()
    opened = incident("x", opened_at=made.now + MINUTE / 2)
    made.source.open = [opened]
    made.sync()
    made.source.open, made.source.ended = [], [replace(opened, status="resolved")]

    for _ in range(3):
        made.sync()

    assert made.kinds(TEAM) == [{Kind.OPENED}, {Kind.RESOLVED}]


def test_what_is_open_by_one_listing_and_ended_by_the_other_is_left_to_the_next() -> (
    None
):
    made = house()
    both = flap(made)
    made.source.open = [replace(both, status="triggered")]

    made.sync()

    assert made.kinds(TEAM) == [{Kind.OPENED}]


def test_when_it_cannot_be_listed_the_next_sync_looks_as_far_back() -> None:
    made = house()
    since = made.now
    flap(made)
    made.source.brief_fails = SourceUnavailableError("down")

    report = made.sync()

    assert not report.complete
    assert "just ended" in report.error
    made.source.brief_fails = None
    assert made.sync().complete
    assert made.source.windows[-1] == (since, made.now)
    assert made.kinds(TEAM) == [{Kind.OPENED, Kind.RESOLVED}]


def test_it_is_bounded_like_everything_else() -> None:
    made = house()
    flap(made, description="d" * 9_000)
    made.sync()

    (row,) = made.store.rows(TEAM, 0)

    assert row.change.after
    assert size(row.change.after) <= LIMIT


def test_what_concerns_nobody_here_is_quiet_where_only_the_assigned_count() -> None:
    made = house(scope=Scope.ASSIGNED)
    flap(made)

    assert made.sync().quiet


@pytest.mark.parametrize("times", [1, 2])
def test_nothing_more_is_asked_where_nobody_wants_it(times: int) -> None:
    made = House()
    for _ in range(times):
        report = made.sync()

    assert made.source.windows == []
    assert report.api_calls == 1

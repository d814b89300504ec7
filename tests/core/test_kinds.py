"""What a pair of incidents is called."""

from datetime import timedelta

import pytest

from incidents.changes import Change, Kind
from incidents.models import Incident, rank
from tests.core.builders import ALICE, BOB, LONG_AGO, MINUTE, NOW, incident

TABLE: list[tuple[dict[str, object], dict[str, object], set[Kind]]] = [
    ({}, {"status": "acknowledged"}, {Kind.ACKNOWLEDGED}),
    ({"status": "acknowledged"}, {}, {Kind.UNACKNOWLEDGED}),
    ({}, {"status": "resolved"}, {Kind.RESOLVED}),
    ({"status": "acknowledged"}, {"status": "resolved"}, {Kind.RESOLVED}),
    ({"status": "resolved"}, {}, {Kind.REOPENED}),
    ({"status": "resolved"}, {"status": "acknowledged"}, {Kind.ACKNOWLEDGED}),
    ({}, {"status": "no_data"}, {Kind.EDITED}),
    ({}, {"severity": "critical"}, {Kind.SEVERITY_RAISED}),
    ({"severity": "critical"}, {}, {Kind.SEVERITY_LOWERED}),
    ({"severity": "low"}, {"severity": "info"}, {Kind.SEVERITY_RAISED}),
    ({"severity": "warning"}, {"severity": "no_data"}, {Kind.SEVERITY_RAISED}),
    ({"severity": "no_data"}, {"severity": "other"}, {Kind.EDITED}),
    ({}, {"assignees": (ALICE,)}, {Kind.ASSIGNED}),
    ({"assignees": (ALICE,)}, {}, {Kind.UNASSIGNED}),
    ({"assignees": (ALICE,)}, {"assignees": (BOB,)}, {Kind.ASSIGNED, Kind.UNASSIGNED}),
    ({}, {"muted": True}, {Kind.MUTED}),
    ({"muted": True}, {}, {Kind.UNMUTED}),
    ({}, {"snoozed_until": NOW}, {Kind.SNOOZED}),
    ({"snoozed_until": LONG_AGO}, {"snoozed_until": NOW}, {Kind.SNOOZED}),
    ({"snoozed_until": NOW}, {}, {Kind.EDITED}),
    ({"snoozed_until": NOW}, {"snoozed_until": NOW, "muted": True}, {Kind.MUTED}),
    ({}, {"name": "Another"}, {Kind.EDITED}),
    ({}, {"description": "More"}, {Kind.EDITED}),
    ({}, {"labels": (("app", "shop"),)}, {Kind.EDITED}),
    (
        {},
        {"severity": "critical", "muted": True, "assignees": (BOB,)},
        {Kind.SEVERITY_RAISED, Kind.MUTED, Kind.ASSIGNED},
    ),
]


def but(fields: dict[str, object]) -> Incident:
    return incident("a", **fields)


@pytest.mark.parametrize(("before", "after", "kinds"), TABLE)
def test_a_difference_has_its_kinds(
    before: dict[str, object], after: dict[str, object], kinds: set[Kind]
) -> None:
    change = Change(before=but(before), after=but(after), observed_at=NOW)

    assert change.kinds == kinds


ARRIVALS: list[tuple[Incident, bool, set[Kind]]] = [
    (incident(opened_at=NOW), False, {Kind.OPENED}),
    (incident(opened_at=NOW), True, {Kind.OPENED, Kind.ASSIGNED}),
    (incident(opened_at=LONG_AGO), False, {Kind.REOPENED}),
    (incident(opened_at=LONG_AGO), True, {Kind.ASSIGNED}),
    (incident(opened_at=NOW - 3 * MINUTE), False, {Kind.OPENED}),
    (incident(opened_at=NOW - 4 * MINUTE), False, {Kind.REOPENED}),
    (
        incident(opened_at=NOW, status="acknowledged"),
        False,
        {Kind.OPENED, Kind.ACKNOWLEDGED},
    ),
    (incident(opened_at=NOW, status="resolved"), False, {Kind.OPENED, Kind.RESOLVED}),
]


@pytest.mark.parametrize(("after", "joined", "kinds"), ARRIVALS)
def test_an_arrival_has_its_kinds(
    after: Incident,
    joined: bool,  # noqa: FBT001  # a column of a table
    kinds: set[Kind],
) -> None:
    change = Change(
        before=None, after=after, observed_at=NOW, since=NOW - MINUTE, joined=joined
    )

    assert change.kinds == kinds


def test_what_arrives_when_nothing_was_read_before_has_opened() -> None:
    change = Change(before=None, after=incident(), observed_at=NOW)

    assert change.kinds == {Kind.OPENED}


def test_what_the_source_denies_has_vanished() -> None:
    change = Change(before=incident(), after=None, observed_at=NOW)

    assert change.kinds == {Kind.VANISHED}


def test_what_left_a_feed_was_unassigned_even_if_nothing_else_shows_it() -> None:
    same = incident(assignees=(ALICE,))

    change = Change(before=same, after=same, observed_at=NOW, left=True)

    assert change.kinds == {Kind.UNASSIGNED}


@pytest.mark.parametrize("same", [None, incident()])
def test_no_difference_is_no_change(same: Incident | None) -> None:
    with pytest.raises(ValueError, match="difference"):
        Change(before=same, after=same, observed_at=NOW)


def test_what_moves_by_itself_is_no_change() -> None:
    moved = incident(updated_at=NOW + timedelta(days=1), acknowledged_by=ALICE)

    with pytest.raises(ValueError, match="difference"):
        Change(before=incident(), after=moved, observed_at=NOW)


def test_an_unknown_severity_ranks_above_warning_and_below_error() -> None:
    order = ["low", "info", "warning", "no_data", "error", "critical"]

    assert sorted(order, key=rank) == order


@pytest.mark.parametrize(
    ("status", "is_open", "needs_attention"),
    [
        ("triggered", True, True),
        ("acknowledged", True, False),
        ("resolved", False, False),
        ("no_data", True, True),
    ],
)
def test_an_unknown_status_is_open_and_needs_somebody(
    status: str,
    is_open: bool,  # noqa: FBT001  # a column of a table
    needs_attention: bool,  # noqa: FBT001  # a column of a table
) -> None:
    one = incident(status=status)

    assert (one.is_open, one.needs_attention) == (is_open, needs_attention)

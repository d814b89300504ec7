"""What the events of a row say: who did it, and until when it was snoozed."""

from datetime import UTC, datetime

import pytest

from incidents.coralogix.incidents.incident_row import read_row
from incidents.models import Incident
from tests.coralogix.fakes import row, uid

ALICE, BOB = "alice@example.com", "bob@example.com"
Event = dict[str, object]


def acknowledge(user: str) -> Event:
    return {"id": "1", "acknowledge": {"acknowledgedBy": {"userId": user}}}


def close(user: str) -> Event:
    return {"id": "2", "close": {"closedBy": {"userId": user}}}


def snooze(minutes: object = 30, **fields: object) -> Event:
    payload = {"startTime": "2026-01-02T03:04:05Z", "durationMinutes": minutes}
    return {"id": "3", "snoozeIndicator": {**payload, "userId": ALICE, **fields}}


def of(events: object, status: str = "TRIGGERED") -> Incident:
    return read_row(row(events=events, status=f"INCIDENT_STATUS_{status}"), [])


def test_the_newest_acknowledgement_names_who_it_was() -> None:
    seen = of([acknowledge(ALICE), acknowledge(BOB)], "ACKNOWLEDGED")

    assert (seen.acknowledged_by, seen.resolved_by) == (BOB, None)


def test_once_it_has_triggered_again_nobody_has_acknowledged() -> None:
    assert of([acknowledge(ALICE)]).acknowledged_by is None


def test_who_resolved_is_named_beside_who_acknowledged() -> None:
    seen = of([acknowledge(ALICE), close(BOB)], "RESOLVED")

    assert (seen.acknowledged_by, seen.resolved_by) == (ALICE, BOB)


def test_the_person_behind_an_event_stands_in_for_one_it_does_not_name() -> None:
    event = {"acknowledge": {}, "administrativeEvent": {"userId": BOB}}
    asleep = {**snooze(userId=""), "administrativeEvent": {"userId": BOB}}

    assert of([event], "ACKNOWLEDGED").acknowledged_by == BOB
    assert of([asleep]).snoozed_by == BOB


def test_a_snooze_has_its_end_and_whoever_asked_for_it() -> None:
    seen = of([snooze(600), acknowledge(BOB), snooze(30)])

    assert seen.snoozed_until == datetime(2026, 1, 2, 3, 34, 5, tzinfo=UTC)
    assert seen.snoozed_by == ALICE


@pytest.mark.parametrize(
    "odd",
    [
        snooze("30"),
        snooze(None),
        snooze(0),
        snooze(-5),
        snooze(minutes=True),
        snooze(10**18),
        snooze(startTime=None),
        snooze(startTime="yesterday"),
        snooze(startTime="2026-01-02T03:04:05"),
        {"snoozeIndicator": 5},
        {"snoozeIndicator": None},
        5,
        None,
    ],
)
def test_an_odd_event_is_passed_over_and_costs_nothing(odd: object) -> None:
    alone, beside = of([odd]), of([snooze(), odd])

    assert alone.snoozed_until is None
    assert beside.snoozed_until == datetime(2026, 1, 2, 3, 34, 5, tzinfo=UTC)


@pytest.mark.parametrize("events", [None, {}, {"a": 1}, "text", 5, [[]]])
def test_events_that_are_none_cost_no_incident(events: object) -> None:
    seen = of(events, "ACKNOWLEDGED")

    assert (seen.id, seen.acknowledged_by) == (uid(1), None)

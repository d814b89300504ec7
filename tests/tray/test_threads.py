"""What is noted of one incident: openings, ends, and when it starts anew."""

from dataclasses import replace
from datetime import timedelta

import pytest

from incidents.models import Incident
from tests.tray.desk import MINUTE, NOW, OWN, TEAM, incident, news
from tray_app.model.memory import Memory, Thread
from tray_app.policy.threads import OPENINGS, noted

ONE = incident()
ENDED = replace(ONE, status="resolved", closed_at=NOW)
LATER = NOW + MINUTE
TOLD = Thread(
    touched_at=NOW, notified_at=NOW, reminded=2, openings=(NOW,), acknowledged_at=NOW
)


@pytest.mark.parametrize("after", [ENDED, None], ids=["resolved", "vanished"])
def test_an_end_is_noted_and_what_was_said_stays(after: Incident | None) -> None:
    found = noted(news(ONE, after, at=LATER), TOLD)

    assert found == replace(TOLD, touched_at=LATER, resolved_at=LATER)


def test_one_opening_that_both_feeds_tell_is_one() -> None:
    first = noted(news(None, ONE, feed=TEAM, at=LATER), None)
    told = replace(first, notified_at=LATER)

    assert first.openings == (LATER,)
    assert noted(news(None, ONE, feed=OWN, at=LATER), told) == told


def test_a_new_opening_starts_anew_and_remembers_the_ends_and_openings_of_a_day() -> (
    None
):
    old = tuple(NOW - timedelta(hours=hours) for hours in (30, 20, 1))
    before = replace(TOLD, openings=old, resolved_at=NOW, on_screen=True, flapping=True)

    found = noted(news(ENDED, ONE, at=LATER), before)

    assert found == Thread(
        touched_at=LATER,
        openings=(*old[1:], LATER),
        resolved_at=NOW,
        on_screen=True,
        flapping=True,
    )
    many = replace(TOLD, openings=tuple(NOW - n * MINUTE for n in range(40, 0, -1)))
    assert len(noted(news(ENDED, ONE, at=LATER), many).openings) == OPENINGS


def test_an_acknowledgement_taken_back_may_be_reminded_of_anew() -> None:
    before = replace(ONE, status="acknowledged")

    found = noted(news(before, ONE, at=LATER), TOLD)

    assert (found.notified_at, found.reminded, found.acknowledged_at) == (None, 0, None)
    assert found.openings == TOLD.openings


def test_what_is_over_is_forgotten_a_day_after_it_was_last_touched() -> None:
    thread = noted(news(ONE, replace(ONE, severity="error"), at=LATER), TOLD)
    memory = Memory(threads={ONE.id: thread})
    a_day = LATER + timedelta(days=1)

    assert memory.pruned(a_day - MINUTE, NOW, ()) is memory
    assert memory.pruned(a_day, NOW, ()).threads == {}
    assert memory.pruned(a_day, NOW, {ONE.id}) is memory

"""The laws of comparing and replaying, for any two snapshots."""

from hypothesis import given
from hypothesis import strategies as st

from incidents.changes import Change
from incidents.diff import diff, replay
from incidents.feeds import FeedState
from incidents.models import Incident, IncidentId, UserId
from incidents.sync.plan import steps
from incidents.sync.publish import publish
from tests.core.builders import (
    FEED,
    NOW,
    Incidents,
    facts,
    head,
    incident,
)
from tests.core.strategies import HELD, OPEN, some_incidents
from tests.simulation.faulty_store import FaultyStore
from tests.simulation.table import Table

RESOLVED = some_incidents(st.just("resolved"))
SPLITS = st.sampled_from((3, 5, 95))


def changes(
    held: Incidents, wanted: Incidents, gone: dict[IncidentId, Incident | None]
) -> list[Change]:
    return diff(held, wanted, gone, observed_at=NOW)


def fates(held: Incidents, wanted: Incidents) -> dict[IncidentId, Incident | None]:
    """What became of everything that is held and no longer wanted."""
    return {id_: held[id_] for id_ in held if id_ not in wanted}


@given(HELD, HELD)
def test_replaying_the_difference_leads_from_one_to_the_other(
    held: Incidents, wanted: Incidents
) -> None:
    difference = changes(held, wanted, fates(held, wanted))

    assert replay(held, difference) == wanted


@given(HELD)
def test_nothing_differs_from_itself(held: Incidents) -> None:
    assert changes(held, held, {}) == []


@given(HELD, HELD)
def test_replaying_twice_is_replaying_once(held: Incidents, wanted: Incidents) -> None:
    difference = changes(held, wanted, fates(held, wanted))

    once = replay(held, difference)

    assert replay(once, difference) == once


@given(HELD, HELD)
def test_silence_removes_nothing(held: Incidents, wanted: Incidents) -> None:
    after = replay(held, changes(held, wanted, {}))

    assert after == {**held, **wanted}


@given(HELD, HELD, st.dictionaries(st.sampled_from("abcdef"), st.none() | RESOLVED))
def test_what_ended_leaves_and_what_was_not_held_is_not_told(
    held: Incidents, wanted: Incidents, ended: dict[str, Incident | None]
) -> None:
    gone = {
        IncidentId(id_): incident(id_, status="resolved") if one else None
        for id_, one in ended.items()
    }

    told = changes(held, wanted, gone)

    assert {one.incident.id for one in told} <= held.keys() | wanted.keys()
    assert replay(held, told) == {
        **{id_: one for id_, one in held.items() if id_ not in gone},
        **wanted,
    }


@given(HELD, HELD)
def test_every_change_says_how_it_changed(held: Incidents, wanted: Incidents) -> None:
    assert all(one.kinds for one in changes(held, wanted, fates(held, wanted)))


@given(HELD, HELD, SPLITS, st.booleans())
def test_steps_are_contiguous_bounded_and_lead_to_the_truth(
    held: Incidents,
    wanted: Incidents,
    actions: int,
    complete: bool,  # noqa: FBT001  # hypothesis passes by position
) -> None:
    began = FeedState(head=head(seq=7, digest="?"), incidents=held)
    known = facts(
        *wanted.values(),
        ended=dict.fromkeys(held.keys() - wanted.keys()),
        actions=actions,
        complete=complete,
    )

    seq, rev, now = 7, 1, dict(held)
    for step in steps(FEED, began, known):
        assert 1 + len(step.changes) + len(step.puts) + len(step.deletes) <= actions
        assert step.head.seq == seq + len(step.changes)
        assert step.head.rev == rev + 1
        assert step.expected is not None
        assert (step.expected.seq, step.expected.rev) == (seq, rev)
        seq, rev, now = step.head.seq, step.head.rev, replay(now, step.changes)

    assert now == (wanted if complete else {**held, **wanted})


@given(st.lists(HELD, min_size=1, max_size=5), SPLITS)
def test_a_feed_replays_from_any_cursor_to_the_truth(
    worlds: list[Incidents], actions: int
) -> None:
    store = FaultyStore(table=Table())
    states: dict[int, Incidents] = {}
    for number, wanted in enumerate(worlds):
        held = store.state(FEED)
        known = facts(
            *wanted.values(),
            sync=f"s{number}",
            ended=dict.fromkeys(held.incidents.keys() - wanted.keys()),
            actions=actions,
        )
        publish(store, known, {FEED: held}, workers=1)
        states[store.table.heads[FEED].seq] = wanted

    rows = list(store.rows(FEED, 0))
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    for cursor, then in states.items():
        later = [row.change for row in rows if row.seq > cursor]
        assert replay(then, later) == worlds[-1]


@given(OPEN)
def test_who_did_it_and_when_it_moved_is_no_change(one: Incident) -> None:
    moved = incident(
        one.id,
        status=one.status,
        severity=one.severity,
        muted=one.muted,
        assignees=one.assignees,
        acknowledged_by=UserId("someone"),
        updated_at=NOW,
    )

    assert moved == one

"""The bound holds for any text, and what is within it is not touched."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from incidents.models import Incident, IncidentId, UserId
from incidents.sync.bounds import LIMIT, bound, size

MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
TEXT = st.text(max_size=3_000) | st.text('\0\n"\\\x7f€😀', max_size=3_000)
SHORT = st.text(max_size=300)
USERS = SHORT.map(UserId)
PAIRS = st.tuples(SHORT, SHORT)


@st.composite
def incidents(draw: st.DrawFn) -> Incident:
    many = draw(st.sampled_from([1, 60]))
    texts = draw(st.lists(TEXT, min_size=6, max_size=6))
    return Incident(
        id=IncidentId(texts[0]),
        name=texts[1],
        severity=texts[2],
        status=texts[3],
        state=texts[4],
        description=texts[5],
        assignees=tuple(sorted(draw(st.sets(USERS, max_size=5)))) * many,
        labels=tuple(sorted(draw(st.lists(PAIRS, max_size=5)) * many)),
        opened_at=MOMENT,
        updated_at=MOMENT,
        closed_at=MOMENT,
        assigned_by=tuple(draw(st.lists(st.tuples(USERS, USERS), max_size=5)) * many),
        acknowledged_by=draw(USERS | st.none()),
        resolved_by=draw(USERS | st.none()),
        snoozed_until=MOMENT,
        snoozed_by=draw(USERS | st.none()),
    )


def plain(**fields: object) -> Incident:
    return replace(
        Incident(
            id=IncidentId("00000000-0000-0000-0000-000000000001"),
            name="Checkout is slow",
            severity="error",
            status="triggered",
            opened_at=MOMENT,
            updated_at=MOMENT,
        ),
        **fields,  # type: ignore[arg-type]  # each test passes what fits
    )


@given(incidents(), st.sets(USERS))
def test_the_bound_holds_and_asking_again_changes_nothing(
    incident: Incident, keep: set[UserId]
) -> None:
    once = bound(incident, keep)

    assert size(once) <= LIMIT
    assert bound(once, keep) is once


@given(incidents())
def test_what_was_within_the_bound_is_the_very_same_and_the_rest_is_marked(
    incident: Incident,
) -> None:
    once = bound(incident)

    assert once == incident or once.cut
    assert size(incident) > LIMIT - 500 or once == incident


@given(incidents(), incidents())
def test_what_a_person_would_not_call_a_change_moves_no_cut(
    incident: Incident, other: Incident
) -> None:
    retriggered = replace(
        incident,
        updated_at=datetime(2026, 2, 1, tzinfo=UTC),
        closed_at=None,
        assigned_by=other.assigned_by,
        acknowledged_by=other.acknowledged_by,
        resolved_by=other.resolved_by,
        snoozed_by=other.snoozed_by,
    )

    assert bound(retriggered) == bound(incident)


def test_a_usual_incident_is_not_touched() -> None:
    usual = plain(
        description="The 95th percentile is above two seconds. " * 4,
        assignees=(UserId("alice@example.com"),),
        labels=tuple((f"label_{n}", "a value of some length") for n in range(9)),
        assigned_by=((UserId("alice@example.com"), UserId("bob@example.com")),),
        acknowledged_by=UserId("alice@example.com"),
    )

    assert bound(usual) is usual


def test_registered_people_stay_when_assignees_are_left_out() -> None:
    crowd = tuple(UserId(f"{n:03}@example.com") for n in range(100))
    kept = {crowd[97], crowd[99]}

    once = bound(plain(assignees=crowd), kept)

    assert kept <= set(once.assignees)
    assert once.assignees == tuple(sorted(once.assignees))
    assert set(once.assignees) < set(crowd)


def test_a_long_description_gives_way_before_labels_do() -> None:
    labels = tuple((f"label_{n}", "value") for n in range(20))

    once = bound(plain(description="long " * 400, labels=labels))

    assert once.labels == labels
    assert once.description.endswith("…")
    assert size(once) > LIMIT - 500

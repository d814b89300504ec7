"""Who gets what, and the short proofs that nothing differs."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.feeds import User, team_feed, user_feed
from incidents.fingerprint import digest
from incidents.models import Incident, IncidentId, UserId
from incidents.sync.audience import Audience, Scope
from incidents.sync.bounds import LIMIT, size
from tests.core.builders import ALICE, BOB, NOW, Incidents, by_id, incident
from tests.core.strategies import HELD

ALICE_USER = User(uid="alice", ids=frozenset({ALICE, UserId("0a-1")}))
BOB_USER = User(uid="bob", ids=frozenset({BOB}))
EVERYBODY = Audience.of(Scope.TEAM, "ops", [ALICE_USER, BOB_USER])
ASSIGNED = Audience.of(Scope.ASSIGNED, "ops", [ALICE_USER, BOB_USER])
TEAM, ALICES, BOBS = team_feed("ops"), user_feed("alice"), user_feed("bob")


@pytest.mark.parametrize(
    ("assignees", "feeds"),
    [
        ((), set()),
        (("alice@example.com",), {ALICES}),
        (("ALICE@Example.com",), {ALICES}),
        (("0A-1",), {ALICES}),
        (("0a-1", "alice@example.com"), {ALICES}),
        (("alice@example.com", "bob@example.com"), {ALICES, BOBS}),
        (("carol@example.com",), set()),
    ],
)
def test_people_are_matched_by_any_of_their_ids_in_any_case(
    assignees: tuple[str, ...], feeds: set[str]
) -> None:
    one = incident(assignees=tuple(map(UserId, assignees)))

    split = EVERYBODY.split(by_id(one))

    assert {feed for feed, held in split.items() if held} == feeds | {TEAM}


def test_every_feed_is_there_even_if_empty() -> None:
    assert EVERYBODY.split({}) == {TEAM: {}, ALICES: {}, BOBS: {}}
    assert ASSIGNED.split({}) == {ALICES: {}, BOBS: {}}


def test_what_is_resolved_is_in_no_feed() -> None:
    split = EVERYBODY.split(by_id(incident(status="resolved", assignees=(ALICE,))))

    assert not any(split.values())


def test_a_feed_holds_no_more_of_an_incident_than_the_bound() -> None:
    large = incident(name="n" * 9_000, description="d" * 9_000)

    (held,) = EVERYBODY.split(by_id(large))[TEAM].values()

    assert size(held) <= LIMIT
    assert held.cut


@given(HELD)
def test_a_team_sees_everything_that_anybody_sees(incidents: Incidents) -> None:
    split = EVERYBODY.split(incidents)

    assert split[TEAM] == incidents
    assert all(held.items() <= incidents.items() for held in split.values())


def test_an_audience_has_what_some_feed_of_it_shows() -> None:
    assert EVERYBODY.has(incident())
    assert ASSIGNED.has(incident(assignees=(UserId("BOB@example.com"),)))
    assert not ASSIGNED.has(incident())


@given(HELD, st.randoms())
def test_a_digest_does_not_depend_on_order(
    incidents: Incidents, chance: Random
) -> None:
    many = list(incidents.values())
    chance.shuffle(many)

    assert digest(many, []) == digest(incidents.values(), [])


@given(HELD, HELD)
def test_digests_agree_exactly_where_incidents_do(a: Incidents, b: Incidents) -> None:
    assert (digest(a.values(), []) == digest(b.values(), [])) == (a == b)


@pytest.mark.parametrize(
    "other",
    [
        replace(incident(), id=IncidentId("b")),
        incident(name="Other"),
        incident(severity="low"),
        incident(status="acknowledged"),
        incident(state="resolved"),
        incident(assignees=(ALICE,)),
        incident(muted=True),
        incident(snoozed_until=NOW),
        incident(description="Other"),
        incident(labels=(("a", "b"),)),
        incident(opened_at=NOW),
        incident(cut=True),
    ],
)
def test_every_field_that_makes_a_change_moves_the_digest(other: Incident) -> None:
    assert digest([other], []) != digest([incident()], [])


def test_what_is_no_change_moves_no_digest() -> None:
    moved = incident(
        updated_at=NOW, closed_at=NOW, acknowledged_by=ALICE, snoozed_by=ALICE
    )

    assert digest([moved], []) == digest([incident()], [])


def test_whose_feed_it_is_moves_the_digest() -> None:
    assert digest([], [ALICE]) != digest([], [])
    assert digest([], [ALICE, BOB]) == digest([], [BOB, ALICE])
    assert digest([], [], "team") != digest([], [], "assigned")


@pytest.mark.parametrize("name", ["", "a b", "*", "a#b", "a/b", "ä", "x" * 129, "-a"])
def test_what_could_be_mistaken_is_no_name(name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        user_feed(name)
    with pytest.raises(ValueError, match="no name"):
        team_feed(name)

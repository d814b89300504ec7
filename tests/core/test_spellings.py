"""Ids of people are matched in any case, and asked for as they are spelled."""

from incidents.feeds import User
from incidents.models import UserId
from incidents.stores.records import user_from_json, user_to_json
from incidents.sync.audience import Audience, Scope

LOWER, AS_GIVEN = UserId("alice@example.com"), UserId("Alice@Example.com")
ALICE = User(uid="alice", ids=frozenset({LOWER}), spellings=frozenset({AS_GIVEN}))


def test_every_spelling_that_is_known_is_asked_for() -> None:
    audience = Audience.of(Scope.ASSIGNED, "", [ALICE])

    assert audience.spellings == {LOWER, AS_GIVEN}
    assert audience.ids == {LOWER}


def test_a_spelling_is_stored_where_it_says_more_than_the_ids() -> None:
    plain = User(uid="bob", ids=frozenset({UserId("bob@example.com")}))

    assert user_from_json(user_to_json(ALICE)) == ALICE
    assert "spellings" not in user_to_json(plain)
    assert user_from_json(user_to_json(plain)) == plain

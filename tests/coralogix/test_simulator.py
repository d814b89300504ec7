"""Every action in each of the four versions, against the simulator over real HTTP."""

from collections.abc import Callable, Iterator

import pytest

from incidents.backoff import Backoff
from incidents.coralogix.http.acting_client import ActingHttp
from incidents.coralogix.http.key import Key
from incidents.coralogix.http.limits import Limits
from incidents.coralogix.http.regions import Address
from incidents.coralogix.http.routes import Version
from incidents.coralogix.incidents import actions
from incidents.coralogix.incidents.actions import Action
from incidents.coralogix.incidents.actor import CoralogixActor
from incidents.coralogix.incidents.reader import CoralogixReader
from incidents.errors import (
    IncidentMissingError,
    KeyRejectedError,
    NotConfirmedError,
    PermissionMissingError,
)
from incidents.models import IncidentId, UserId
from simulator.api.server import RunningServer, serve
from simulator.world.world import TEAM_KEY, World
from tests.coralogix.fakes import uid

QUICK = Limits(backoff=Backoff(first=0.0, longest=0.0, attempts=4))
VERSIONS = pytest.mark.parametrize("version", list(Version))
Connect = Callable[[RunningServer, Version, str], CoralogixActor]


@pytest.fixture
def world() -> World:
    return World(seed=4, users=3, open=0)


@pytest.fixture
def connect() -> Iterator[Connect]:
    made: list[CoralogixActor] = []

    def connected(running: RunningServer, version: Version, key: str) -> CoralogixActor:
        http = ActingHttp(Address(running.origin, version), Key(key), limits=QUICK)
        made.append(CoralogixActor(http))
        return made[-1]

    yield connected
    for actor in made:
        actor.disconnect()


def opened(world: World, count: int = 2) -> list[IncidentId]:
    return [IncidentId(world.open_incident()) for _ in range(count)]


def assignees(world: World, id_: str) -> list[str]:
    record = world.find(id_)
    assert record is not None
    return list(record.assignees)


def status(world: World, id_: str) -> str:
    record = world.find(id_)
    assert record is not None
    return record.status


@VERSIONS
def test_assign_ends_with_the_assignee_and_unassign_with_nobody(
    world: World, connect: Connect, version: Version
) -> None:
    first, second = opened(world)
    me, other = world.users[:2]
    with serve(world) as running:
        actor = connect(running, version, me.key)

        now = actor.assign([first, second], UserId(other.email))
        assert now[first].assignees == (other.email,)
        assert assignees(world, first) == assignees(world, second) == [other.email]

        now = actor.unassign([first])
        assert now[first].assignees == ()
        assert assignees(world, first) == []
        assert assignees(world, second) == [other.email]
        assert {seen.version for seen in running.requests} == {version}
        assert len(running.requests) == 2


@VERSIONS
@pytest.mark.parametrize(
    ("deed", "after"),
    [
        (actions.ACKNOWLEDGE, "INCIDENT_STATUS_ACKNOWLEDGED"),
        (actions.RESOLVE, "INCIDENT_STATUS_RESOLVED"),
        (actions.CLOSE, "INCIDENT_STATUS_RESOLVED"),
    ],
)
def test_the_other_actions_end_as_their_names_say(
    world: World, connect: Connect, version: Version, deed: Action, after: str
) -> None:
    first, second, third = opened(world, 3)
    with serve(world) as running:
        actor = connect(running, version, world.users[0].key)

        outcomes = actor.perform(deed, [first, second])

        assert [outcome.ok for outcome in outcomes] == [True, True]
        assert len(running.requests) == 1
    assert [status(world, id_) for id_ in (first, second)] == [after, after]
    assert status(world, third) == "INCIDENT_STATUS_TRIGGERED"


@VERSIONS
def test_looking_works_in_each_version(
    world: World, connect: Connect, version: Version
) -> None:
    (id_,) = opened(world, 1)
    me = world.users[0]
    with serve(world) as running:
        actor = connect(running, version, me.key)
        actor.assign([id_], UserId(me.email))

        assert actor.whoami().user == me.email
        assert actor.show(id_).assignees == (me.email,)
        assert actor.people().counts == {me.email: 1}
        events = actor.timeline(id_)
        assert events.malformed == 0
        assert me.email in {event.by for event in events.events}


@VERSIONS
def test_the_reader_reads_the_same_in_each_version(
    world: World, version: Version
) -> None:
    wanted = opened(world, 5)
    with serve(world) as running:
        http = ActingHttp(Address(running.origin, version), Key(TEAM_KEY), limits=QUICK)
        reader = CoralogixReader(http)

        listing = reader.list_open(None)
        lookup = reader.look_up([*wanted, IncidentId(uid(7))])
        reader.close()

    assert listing.complete
    assert listing.incidents == lookup.incidents
    assert set(lookup.incidents) == set(wanted)
    assert lookup.missing == {uid(7)}


@VERSIONS
@pytest.mark.parametrize("fault", ["lost*1", "lost=504*1", "half*1", "torn*1"])
def test_an_action_whose_answer_is_lost_is_found_to_be_done_and_sent_once(
    world: World, connect: Connect, version: Version, fault: str
) -> None:
    (id_,) = opened(world, 1)
    me = world.users[0]
    with serve(world, faults=fault) as running:
        actor = connect(running, version, me.key)

        now = actor.assign([id_], UserId(me.email))

        assert now[id_].assignees == (me.email,) == tuple(assignees(world, id_))
        assert [s.method for s in running.requests].count("POST") <= 1


@VERSIONS
def test_an_action_that_never_happened_is_not_told_as_done(
    world: World, connect: Connect, version: Version
) -> None:
    (id_,) = opened(world, 1)
    with serve(world, faults="504*1") as running:
        actor = connect(running, version, world.users[0].key)

        with pytest.raises(NotConfirmedError):
            actor.acknowledge([id_])

    assert status(world, id_) == "INCIDENT_STATUS_TRIGGERED"


def test_a_team_key_may_look_but_not_assign_or_acknowledge(
    world: World, connect: Connect
) -> None:
    (id_,) = opened(world, 1)
    with serve(world) as running:
        actor = connect(running, Version.V5, TEAM_KEY)

        assert actor.show(id_).is_open
        for deed in (
            actions.ACKNOWLEDGE,
            actions.assign_to(UserId("a")),
            actions.UNASSIGN,
        ):
            (outcome,) = actor.perform(deed, [id_])
            assert isinstance(outcome.error, PermissionMissingError)
            assert "personal key" in str(outcome.error)
    assert assignees(world, id_) == []


def test_a_key_nobody_has_is_refused(world: World, connect: Connect) -> None:
    ids = opened(world, 1)
    with serve(world) as running:
        (outcome,) = connect(running, Version.V5, "cxup_wrong").perform(
            actions.RESOLVE, ids
        )

    assert isinstance(outcome.error, KeyRejectedError)


@VERSIONS
def test_one_that_does_not_exist_costs_no_other(
    world: World, connect: Connect, version: Version
) -> None:
    first, second = opened(world)
    with serve(world) as running:
        actor = connect(running, version, world.users[0].key)

        outcomes = actor.perform(
            actions.ACKNOWLEDGE, [first, IncidentId(uid(7)), second]
        )

    assert [outcome.ok for outcome in outcomes] == [True, False, True]
    assert isinstance(outcomes[1].error, IncidentMissingError)


def test_a_long_list_of_ids_reaches_the_api_in_parts_however_they_travel(
    world: World, connect: Connect
) -> None:
    ids = opened(world, 1_100)
    with serve(world) as running:
        for version in (Version.V5, Version.V3):
            actor = connect(running, version, world.users[0].key)
            outcomes = actor.perform(actions.ACKNOWLEDGE, ids)
            assert all(outcome.ok for outcome in outcomes)

    assert {status(world, id_) for id_ in ids} == {"INCIDENT_STATUS_ACKNOWLEDGED"}


@VERSIONS
def test_null_for_what_is_unset_and_labels_as_pairs_are_read_the_same(
    world: World, version: Version
) -> None:
    opened(world, 4)
    listings = []
    for faults in ("", "nulls", "pairs"):
        with serve(world, faults=faults) as running:
            http = ActingHttp(
                Address(running.origin, version), Key(TEAM_KEY), limits=QUICK
            )
            listings.append(CoralogixReader(http).list_open(None).incidents)
            http.close()

    assert listings[0] == listings[1] == listings[2]
    assert len(listings[0]) == 4

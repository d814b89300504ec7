"""The laws of the world: one seed, one history; the truth holds together."""

import json
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidents.coralogix.incidents.incident_row import read_rows
from simulator.api.control import truth
from simulator.api.encoding import row_bytes, span, stamp
from simulator.world.people import create_people
from simulator.world.records import MAX_EVENTS, IncidentRecord
from simulator.world.texts import HOSTILE
from simulator.world.world import BEGINNING, World

SEEDS = st.integers(0, 2**32)
WORLDS = st.builds(
    World,
    seed=SEEDS,
    users=st.integers(0, 8),
    open=st.integers(0, 30),
    rate=st.floats(1, 120),
    hostile=st.sampled_from([0.0, 0.5]),
    uuid_share=st.sampled_from([0.0, 0.5]),
)
EXAMPLES = settings(deadline=None, max_examples=25)


@EXAMPLES
@given(seed=SEEDS, minutes=st.lists(st.floats(0, 20), max_size=6))
def test_one_seed_has_one_history_however_time_is_cut(
    seed: int, minutes: list[float]
) -> None:
    at_once, in_steps = (World(seed, users=4, open=12, rate=30) for _ in range(2))
    for minute in [*sorted(minutes), 20.0]:
        in_steps.advance(BEGINNING + timedelta(minutes=minute))
    at_once.advance(BEGINNING + timedelta(minutes=20))

    assert truth(in_steps) == truth(at_once)


def test_another_seed_has_another_history() -> None:
    assert truth(World(1)) != truth(World(2))


def test_time_never_goes_back_and_stands_still_without_a_rate() -> None:
    world = World(rate=0)
    before = truth(world)["incidents"]

    world.advance(BEGINNING + timedelta(days=1))
    world.advance(BEGINNING)

    assert world.now == BEGINNING + timedelta(days=1)
    assert truth(world)["incidents"] == before


@EXAMPLES
@given(world=WORLDS)
def test_the_truth_holds_together(world: World) -> None:
    world.advance(BEGINNING + timedelta(minutes=10))

    for record in world.records():
        assert_sound(record, world)
    open_ids = [record.id for record in world.records() if record.is_open]
    assert sorted(world.open_ids) == sorted(open_ids)
    assert len(set(world.closed_ids)) == len(world.closed_ids)
    assert set(world.closed_ids).isdisjoint(world.open_ids)


def assert_sound(record: IncidentRecord, world: World) -> None:
    people = {user.id for user in world.users}
    last = record.events[-1]
    assert set(record.assignees) <= people
    assert len(set(record.assignees)) == len(record.assignees)
    assert record.created <= record.updated <= world.now
    assert last.at <= world.now
    assert (record.closed is None) == record.is_open
    assert [e.at for e in record.events] == sorted(e.at for e in record.events)
    # The events alone tell the same story as the fields.
    owners: set[str] = set()
    engine_events = [event for event in record.events if event.kind == "upsertState"]
    for event in record.events:
        owners = {event.to} if event.kind == "assignment" else owners
        owners = set() if event.kind == "unassign" else owners
    assert owners <= set(record.assignees)
    assert bool(owners) == bool(record.assignees)
    assert engine_events[-1].key == record.key
    assert engine_events[-1].muted == record.muted
    if any(event.kind == "close" for event in record.events[-1:]):
        assert not record.is_open


@EXAMPLES
@given(world=WORLDS)
def test_every_incident_can_be_read_and_says_all_of_its_fields(world: World) -> None:
    world.advance(BEGINNING + timedelta(minutes=5))
    rows = truth(world)["incidents"]
    assert isinstance(rows, list)

    read = read_rows(rows)

    assert not read.quarantined
    assert len(read.incidents) == len(rows)
    assert all(FIELDS <= row.keys() <= FIELDS | MAYBE for row in rows)


FIELDS = {
    *("id", "state", "status", "severity", "assignments", "isMuted", "metaLabels"),
    *("contextualLabels", "displayLabels", "events", "createdAt", "duration"),
    *("lastStateUpdateTime", "lastStateUpdateKey"),
}
MAYBE = {"name", "description", "closedAt"}


@EXAMPLES
@given(world=WORLDS)
def test_an_event_has_one_payload_and_one_originator(world: World) -> None:
    world.advance(BEGINNING + timedelta(minutes=5))
    rows = json.loads(json.dumps(truth(world)))["incidents"]

    for event in (event for row in rows for event in row["events"]):
        assert len(event.keys() & PAYLOADS) == 1
        assert len(event.keys() & {"administrativeEvent", "operationalEvent"}) == 1


PAYLOADS = {"upsertState", "assignment", "unassign", "acknowledge", "close"}


def test_the_number_of_open_incidents_stays_about_where_it_began() -> None:
    world = World(users=10, open=200, rate=60)

    world.advance(BEGINNING + timedelta(days=1))

    assert 150 < len(world.open_ids) < 250


def test_everything_that_can_happen_happens() -> None:
    world = World(users=10, open=50, rate=60)
    world.advance(BEGINNING + timedelta(hours=12))
    records = list(world.records())

    kinds = {event.kind for record in records for event in record.events}

    assert kinds == PAYLOADS
    assert {record.status.rpartition("_")[2] for record in records} == {
        "TRIGGERED",
        "ACKNOWLEDGED",
        "RESOLVED",
    }
    assert {record.muted for record in records} == {True, False}
    assert any(len(record.assignees) > 1 for record in records)
    assert any(record.name is None for record in records)


def test_what_ended_may_come_back() -> None:
    world = World(open=1)
    id_ = world.open_ids[0]

    world.resolve(id_)
    closed = truth(world)["incidents"]
    world.retrigger(id_)

    assert closed != truth(world)["incidents"]
    assert list(world.open_ids) == [id_]
    assert list(world.closed_ids) == []


def test_of_what_ended_only_the_newest_is_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("simulator.world.store.MAX_CLOSED", 2)
    world = World(open=4)
    ended = list(world.open_ids[:3])

    for id_ in ended:
        world.resolve(id_)

    assert list(world.closed_ids) == ended[1:]
    assert world.find(ended[0]) is None
    assert len(list(world.records())) == 3


def test_an_incident_keeps_how_it_began_and_what_came_last() -> None:
    world = World(open=1)
    (record,) = world.records()
    first = record.events[0]

    for _ in range(MAX_EVENTS + 5):
        world.retrigger(record.id)

    assert len(record.events) == MAX_EVENTS
    assert record.events[0] == first
    assert record.events[-1].key == record.key


def test_a_person_resolves_without_the_alert_engine() -> None:
    world = World(open=2)
    by_person, by_itself = world.open_ids[:2]

    world.resolve(by_person, by=world.users[0].id)
    world.resolve(by_itself)

    states = {record.id: record.state for record in world.records()}
    assert states[by_person] == "INCIDENT_STATE_TRIGGERED"
    assert states[by_itself] == "INCIDENT_STATE_RESOLVED"


def test_a_second_person_may_help() -> None:
    world = World(open=1)
    (id_,) = world.open_ids
    first, second, lead = (user.id for user in world.users[:3])

    world.assign(id_, first, by=lead)
    world.assign(id_, second, by=lead, keep=True)
    record = world.find(id_)

    assert record is not None
    assert record.assignees == (first, second)


@pytest.mark.parametrize("count", [1, 720, 5_000])
def test_no_two_people_are_called_the_same(count: int) -> None:
    people = create_people(count, World().random)

    for name in ("uid", "email", "uuid", "key", "id"):
        assert len({getattr(person, name) for person in people}) == count


def test_a_world_of_20000_incidents_and_5000_people_can_be_made() -> None:
    world = World(users=5_000, open=20_000, rate=600)

    world.advance(BEGINNING + timedelta(minutes=1))

    assert abs(len(world.open_ids) - 20_000) < 600
    assert len(world.users) == 5_000


def test_the_json_of_an_incident_is_made_once_until_it_changes() -> None:
    world = World(open=1)
    record = next(world.records())
    cached = row_bytes(record)

    assert row_bytes(record) is cached
    world.mute(record.id, not record.muted)
    assert row_bytes(record) != cached


@pytest.mark.parametrize(
    ("digits", "text"),
    [
        (0, "2026-01-05T09:00:00Z"),
        (3, "2026-01-05T09:00:00.123Z"),
        (6, "2026-01-05T09:00:00.123456Z"),
        (9, "2026-01-05T09:00:00.123456192Z"),
    ],
)
def test_a_time_has_as_many_digits_as_protobuf_gives_it(digits: int, text: str) -> None:
    assert stamp(BEGINNING.replace(microsecond=123_456), digits) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(3600, "3600s"), (1.5, "1.500s"), (0.000_25, "0.000250s")]
)
def test_a_duration_is_in_seconds_as_protobuf_writes_it(
    seconds: float, text: str
) -> None:
    assert span(timedelta(seconds=seconds)) == text


def test_no_hostile_text_is_longer_than_the_vendor_allows() -> None:
    assert all(1 <= len(text) <= 500 for text in HOSTILE)

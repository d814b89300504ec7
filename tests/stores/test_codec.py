"""What is stored comes back, stays small, and is refused where it must be."""

import json
import random
import string
import zlib
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidents.changes import Change
from incidents.errors import StoreDamagedError, StoreError, StoreNewerError
from incidents.feeds import SCHEMA, Head, SyncStatus, User, expiry
from incidents.models import Incident, IncidentId, UserId
from incidents.stores import codec, records
from incidents.stores.dynamodb import items
from incidents.sync.bounds import bound
from simulator.demo.capacity import item_size
from tests.stores import examples
from tests.stores.examples import ALICE, NOW, changed, head, incident

if TYPE_CHECKING:
    from incidents.stores.dynamodb.items import Item

RETENTION = timedelta(days=30)
EPOCH = "0197c2a0-5c1e-7000-8000-000000000000"


def change_item(change: Change) -> "Item":
    return items.change_item(ALICE, 123_456, EPOCH, change, RETENTION)


@settings(deadline=None, max_examples=100)
@given(examples.incidents)
def test_an_incident_comes_back_from_json_and_packed(one: Incident) -> None:
    text = json.dumps(codec.incident_to_json(one))

    assert repr(codec.incident_from_json(json.loads(text))) == repr(one)
    assert repr(codec.unpack_incident(codec.pack_incident(one))) == repr(one)
    assert repr(items.incident_of(items.state_item(ALICE, one, None))) == repr(one)


@settings(deadline=None, max_examples=100)
@given(examples.changes)
def test_a_change_comes_back_where_it_stood(change: Change) -> None:
    row = items.row_of(change_item(change))

    assert repr(row.change) == repr(change)
    assert (row.seq, row.epoch) == (123_456, EPOCH)


@settings(deadline=None, max_examples=100)
@given(
    st.builds(
        Head,
        seq=st.integers(0, 10**12 - 1),
        rev=st.integers(1, 10**12),
        epoch=st.text(string.printable),
        writer=st.text(string.printable),
        watermark=st.just(NOW),
        digest=st.text(string.hexdigits),
        ready=st.booleans(),
        owners=st.frozensets(st.emails().map(UserId), max_size=3),
        marks=st.lists(
            st.tuples(st.dates(date(2000, 1, 1)), st.integers(1, 10**9)), max_size=40
        ).map(lambda marks: tuple(sorted(marks))),
    )
)
def test_a_head_comes_back(one: Head) -> None:
    assert items.head_of(items.head_item(ALICE, one)) == one
    assert records.head_from_json(records.head_to_json(one)) == one


@settings(deadline=None, max_examples=50)
@given(
    st.builds(
        User,
        uid=st.from_regex(r"[a-z][a-z0-9]{0,9}", fullmatch=True),
        ids=st.frozensets(st.emails().map(UserId), max_size=3),
        name=st.text(st.characters(codec="utf-8")),
    )
)
def test_a_user_comes_back(one: User) -> None:
    assert items.user_of(items.user_item(one)) == one


def test_a_fresh_status_is_what_an_empty_item_says() -> None:
    assert items.status_of({}) == SyncStatus()


# Bounds


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 10**9), wide=st.booleans())
def test_a_change_of_any_incident_fits_4_kb(seed: int, wide: bool) -> None:  # noqa: FBT001  # hypothesis gives it by name
    one, other = _large(seed, wide=wide), _large(seed + 1, wide=wide)

    item = change_item(changed(bound(one), bound(other)))

    assert item_size(item) <= 4096


def _large(seed: int, *, wide: bool) -> Incident:
    """Make an incident that nothing in compresses."""
    chance = random.Random(seed)
    alphabet = [chr(c) for c in range(0x4E00, 0x9FA5)] if wide else string.printable

    def text(size: int) -> str:
        return "".join(chance.choices(alphabet, k=size))

    return replace(
        incident(text(chance.randint(1, 40))),
        name=text(chance.randint(1, 2000)),
        severity=text(30),
        status=text(30),
        description=text(20_000),
        assignees=tuple(sorted(UserId(text(20)) for _ in range(30))),
        labels=tuple(sorted((text(10), text(40)) for _ in range(50))),
    )


def test_what_is_usual_takes_one_write_unit_an_item() -> None:
    one = replace(
        incident("3f0c9a52-7d1b-4e57-9a0c-1f2e3d4c5b6a"),
        name="[payments] checkout-api error rate above 5 % for 10 minutes",
        description="Error rate of checkout-api is 7.3 %, threshold 5 %. Runbook: "
        "https://runbooks.example.com/checkout/error-rate. Owner: payments on call.",
        labels=tuple((f"label{n}", f"value-{n * 7919}") for n in range(8)),
    )
    acknowledged = replace(
        one, status="acknowledged", acknowledged_by=UserId("alice@example.com")
    )
    marks = tuple((NOW.date() + timedelta(n), 1 + n * 2_000) for n in range(31))
    sized = {
        "change": item_size(change_item(changed(one, acknowledged))),
        "state": item_size(items.state_item(ALICE, acknowledged, None)),
        "head": item_size(
            items.head_item(ALICE, replace(head(62_000, 90_000), marks=marks))
        ),
    }

    assert {name: size for name, size in sized.items() if size > 1024} == {}


def test_the_longest_status_takes_one_write_unit() -> None:
    status = SyncStatus(
        watermark=NOW,
        attempted_at=NOW,
        failures=10**9,
        problem="p" * 10_000,
        open=10**9,
        quarantined=10**9,
        scope="assigned",
        team="t" * 128,
        digest="d" * 32,
        writer="w" * 64,
        audited_at=NOW,
        registry=10**9,
        retention_days=365,
        version="9" * 10_000,
    )
    item: Item = {
        **items.STATUS,
        **items.status_attributes(status),
        "registry": {"N": "9"},
    }

    assert item_size(item) <= 1024


# What people filter on, and when it ends


def test_a_change_names_what_people_filter_on() -> None:
    item = change_item(changed(None, incident()))

    named = {name: item[name].get("S") for name in ("incident", "severity", "status")}
    assert named == {"incident": "i1", "severity": "critical", "status": "triggered"}
    assert item["sk"] == {"S": "C#000000123456"}


@pytest.mark.parametrize("word", ["x" * 101, "a\nb", "\x1b[31m"])
def test_a_word_that_nobody_would_filter_on_is_stored_once(word: str) -> None:
    item = change_item(changed(None, incident(severity=word)))

    assert "severity" not in item
    assert items.row_of(item).change.incident.severity == word


def test_a_change_ends_when_its_day_does_after_the_retention() -> None:
    item = change_item(changed(None, incident()))

    ends = expiry(NOW.date(), RETENTION)
    assert item[records.TTL] == {"N": str(int(ends.timestamp()))}


def test_changes_are_in_the_order_of_their_sequences_as_text() -> None:
    seqs = [1, 9, 10, 99, 100, 10**11, items.LAST_SEQ]

    assert sorted(map(items.change_sk, seqs)) == [items.change_sk(seq) for seq in seqs]


# What comes from elsewhere


def test_fields_of_the_future_are_passed_over() -> None:
    data = {**codec.incident_to_json(incident()), "colour": {"of": "the sky"}}
    item: Item = {
        **items.head_item(ALICE, head(1, 2)),
        "colour": {"L": [{"NULL": True}]},
    }

    assert codec.incident_from_json(data) == incident()
    assert items.head_of(item) == head(1, 2)


def test_what_an_older_version_left_out_is_as_it_was_then() -> None:
    data = codec.incident_to_json(incident())
    for name in ("state", "closed_at", "assigned_by", "cut", "acknowledged_by"):
        del data[name]

    assert codec.incident_from_json(data) == incident()


@pytest.mark.parametrize(
    "item",
    [
        {**change_item(changed(None, incident())), "v": {"N": str(SCHEMA + 1)}},
        {**items.state_item(ALICE, incident(), None), "v": {"N": str(SCHEMA + 1)}},
    ],
    ids=["change", "state"],
)
def test_an_item_of_a_newer_version_is_refused(item: "Item") -> None:
    read = items.row_of if "change" in item else items.incident_of

    with pytest.raises(StoreNewerError, match="upgrade"):
        read(item)


GOOD = codec.incident_to_json(incident())


@pytest.mark.parametrize(
    "data",
    [
        {},
        {**GOOD, "id": 7},
        {**GOOD, "name": None},
        {**GOOD, "muted": "yes"},
        {**GOOD, "assignees": "alice"},
        {**GOOD, "assignees": [7]},
        {**GOOD, "labels": [["only one"]]},
        {**GOOD, "labels": {"a": "b"}},
        {**GOOD, "opened_at": "yesterday"},
        {**GOOD, "opened_at": "2026-11-24T09:30:00"},
        {**GOOD, "opened_at": None},
        {**GOOD, "resolved_by": 7},
    ],
)
def test_an_incident_that_is_none_is_said_to_be_damaged(
    data: dict[str, object],
) -> None:
    with pytest.raises(StoreDamagedError, match="an incident"):
        codec.incident_from_json(data)


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=60) | st.binary(max_size=60).map(zlib.compress))
def test_bytes_that_are_nothing_of_ours_are_said_to_be_damaged(packed: bytes) -> None:
    for unpack in (codec.unpack_incident, codec.unpack_change):
        with pytest.raises(StoreDamagedError):
            unpack(packed)


def test_a_bomb_is_not_unpacked() -> None:
    with pytest.raises(StoreDamagedError):
        codec.unpack_incident(zlib.compress(b"[" + b" " * 50_000_000 + b"]"))


@pytest.mark.parametrize("cut", [0, 1, 10, 50])
def test_a_value_that_was_cut_short_is_said_to_be_damaged(cut: int) -> None:
    packed = codec.pack_change(changed(None, incident()))

    with pytest.raises(StoreDamagedError):
        codec.unpack_change(packed[:cut])


def test_an_item_without_what_makes_it_one_is_said_to_be_damaged() -> None:
    for read in (items.row_of, items.incident_of, items.head_of, items.user_of):
        with pytest.raises(StoreDamagedError):
            read({"pk": {"S": "x"}, "sk": {"S": "C#x"}})


def test_nothing_that_was_stored_is_shown_in_an_error() -> None:
    data = {**GOOD, "name": ["SECRET"], "id": "SECRET"}

    with pytest.raises(StoreError) as caught:
        codec.incident_from_json(data)

    assert "SECRET" not in str(caught.value)


def test_a_change_that_is_none_is_said_to_be_damaged() -> None:
    data = json.loads(json.dumps(codec.incident_to_json(incident())))
    none = {"before": data, "after": data, "observed_at": NOW.isoformat()}

    with pytest.raises(StoreDamagedError):
        codec.unpack_change(zlib.compress(json.dumps(none).encode()))


def test_ids_too_long_for_a_key_keep_apart() -> None:
    ids = [IncidentId("x" * 1200), IncidentId("x" * 1201)]

    assert len({codec.key(id_) for id_ in ids}) == 2
    assert all(len(codec.key(id_).encode()) <= 1000 for id_ in ids)

"""Read and write units, by worked examples of the published rules."""

import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING

import pytest

from incidents.stores.dynamodb import items
from incidents.stores.dynamodb.capacity import Meter, item_size, read_units, write_units
from incidents.stores.dynamodb.transaction import transaction
from tests.stores.examples import ALICE, baseline, changed, following, incident

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from incidents.stores.dynamodb.capacity import Item

KB = 1024
RETENTION = timedelta(days=30)


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": ""}, 0),
        ({"S": "abc"}, 3),
        ({"S": "ä€😀"}, 9),
        ({"B": b"\x00" * 7}, 7),
        ({"BOOL": True}, 1),
        ({"NULL": True}, 1),
        ({"N": "0"}, 1),
        ({"N": "7"}, 2),
        ({"N": "27"}, 2),
        ({"N": "-27"}, 3),
        ({"N": "123"}, 3),
        ({"N": "1000000"}, 2),
        ({"N": "0.001"}, 2),
        ({"N": "1764064800"}, 5),
        ({"N": "1" * 38}, 20),
        ({"N": str(Decimal("-1.5E+3"))}, 3),
        ({"SS": ["ab", "cde"]}, 5),
        ({"NS": ["7", "-27"]}, 5),
        ({"BS": [b"ab", b"c"]}, 3),
        ({"L": []}, 3),
        ({"L": [{"S": "ab"}, {"NULL": True}]}, 3 + 3 + 2),
        ({"M": {}}, 3),
        ({"M": {"ab": {"S": "cd"}, "e": {"L": []}}}, 3 + 5 + 5),
    ],
)
def test_a_value_has_the_size_that_the_rules_say(
    value: "AttributeValueTypeDef", size: int
) -> None:
    assert item_size({"name": value}) == len("name") + size


def test_an_item_is_its_names_and_values() -> None:
    item: Item = {"pk": {"S": "USER#alice"}, "sk": {"S": "HEAD"}, "seq": {"N": "12"}}

    assert item_size(item) == (2 + 10) + (2 + 4) + (3 + 2)


@pytest.mark.parametrize(
    ("size", "eventual", "strong"),
    [
        (0, 0.5, 1),
        (1, 0.5, 1),
        (4 * KB, 0.5, 1),
        (4 * KB + 1, 1, 2),
        (8 * KB, 1, 2),
        (10 * KB, 1.5, 3),
        (400 * KB, 50, 100),
    ],
)
def test_a_read_is_charged_by_each_4_kb_begun(
    size: int, eventual: float, strong: float
) -> None:
    assert read_units(size, strong=False) == eventual
    assert read_units(size, strong=True) == strong


@pytest.mark.parametrize(
    ("size", "plain", "transactional"),
    [
        (0, 1, 2),
        (KB, 1, 2),
        (KB + 1, 2, 4),
        (3 * KB, 3, 6),
        (3 * KB + 512, 4, 8),
        (400 * KB, 400, 800),
    ],
)
def test_a_write_is_charged_by_each_kb_begun_and_twice_in_a_transaction(
    size: int, plain: float, transactional: float
) -> None:
    assert write_units(size) == plain
    assert write_units(size, transactional=True) == transactional


def test_the_items_of_a_query_are_charged_together() -> None:
    meter = Meter()
    items: list[Item] = [{"x": {"S": "y" * 1023}} for _ in range(6)]

    meter.query(items, strong=False)
    assert meter.read_units == 1.0
    meter.query([], strong=False)
    assert meter.read_units == 1.5
    meter.query(items, strong=True)
    assert meter.read_units == 3.5


def test_the_items_of_a_transaction_are_charged_one_by_one() -> None:
    meter = Meter()

    meter.transaction([100, 100, KB + 1])

    assert meter.write_units == 8.0
    assert meter.read_units == 0.0


def test_a_meter_counts_what_many_threads_do_and_begins_anew() -> None:
    meter = Meter()

    def work() -> None:
        for _ in range(1000):
            meter.read(0, strong=True)
            meter.write(0)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (meter.read_units, meter.write_units) == (4000.0, 4000.0)
    meter.reset()
    assert (meter.read_units, meter.write_units) == (0.0, 0.0)


def test_a_write_is_charged_for_the_larger_of_what_was_there_and_what_is() -> None:
    # Digits of a seed, which packing does not make much smaller.
    long = replace(incident(), name=str(Random(1).getrandbits(9_000)))
    short = incident()
    larger = following(baseline(long), changed(long, short))
    gone = following(larger, changed(short, None))

    (*_, put) = transaction("t", larger, RETENTION)
    (*_, delete) = transaction("t", gone, RETENTION)

    assert put.size == item_size(items.state_item(ALICE, long)) > KB
    assert delete.size == item_size(items.state_item(ALICE, short)) < KB

"""Read and write units, by worked examples of the published rules."""

import threading
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from incidents.stores.dynamodb.meter import Meter
from simulator.demo.capacity import item_size, query_units, read_units, write_units

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from incidents.stores.dynamodb.items import Item

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
    items: list[Item] = [{"x": {"S": "y" * 1023}} for _ in range(6)]

    assert query_units(items, strong=False) == 1.0
    assert query_units([], strong=False) == 0.5
    assert query_units(items, strong=True) == 2.0


def test_a_meter_sums_what_many_threads_were_charged_and_starts_again() -> None:
    meter = Meter()

    def work() -> None:
        for _ in range(1000):
            meter.add_read({"CapacityUnits": 0.5}, {"CapacityUnits": 0.5})
            meter.add_write({"CapacityUnits": 1.0})

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (meter.read_units, meter.write_units) == (4000.0, 4000.0)
    meter.reset()
    assert (meter.read_units, meter.write_units) == (0.0, 0.0)


def test_a_transaction_that_was_done_already_is_charged_as_a_read() -> None:
    meter = Meter()

    meter.add_write({"CapacityUnits": 6.0, "WriteCapacityUnits": 6.0})
    meter.add_write({"CapacityUnits": 4.0, "ReadCapacityUnits": 4.0})

    assert (meter.read_units, meter.write_units) == (4.0, 6.0)


def test_an_engine_that_says_nothing_costs_nothing() -> None:
    meter = Meter()

    meter.add_read({})
    meter.add_read()
    meter.add_write()

    assert (meter.read_units, meter.write_units) == (0.0, 0.0)

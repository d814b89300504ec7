"""What a month costs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tray_app.operating.cost import FIXED_COSTS, estimate, month_of
from tray_app.operating.facts import Usage

START = datetime(2026, 11, 1, tzinfo=UTC)
MONTH = timedelta(days=30)
NOTHING = Usage(since=START, until=START + MONTH, read_units=0, write_units=0)


@pytest.mark.parametrize(
    ("now", "start", "end"),
    [
        ("2026-11-25T14:00:00+00:00", "2026-11-01", "2026-12-01"),
        ("2026-12-31T23:59:59+00:00", "2026-12-01", "2027-01-01"),
        ("2027-01-01T00:30:00+01:00", "2026-12-01", "2027-01-01"),
    ],
)
def test_a_month_is_that_of_utc(now: str, start: str, end: str) -> None:
    month = month_of(datetime.fromisoformat(now))

    assert [day.date().isoformat() for day in month] == [start, end]


def test_a_quiet_month_of_minutes_costs_cents() -> None:
    # One write and one read unit a sync, 0.2 s at 256 MB.
    syncs = 30 * 24 * 60
    quiet = replace(
        NOTHING,
        read_units=syncs,
        write_units=syncs,
        invocations=syncs,
        gb_seconds=syncs * 0.2 * 0.25,
    )

    bill = estimate(quiet, deployed=False)

    assert bill.parts["writes"] + bill.parts["reads"] == pytest.approx(0.0324)
    assert 0.05 < bill.month < 0.10


def test_what_stands_costs_whatever_happens() -> None:
    bill = estimate(NOTHING, deployed=True)

    assert bill.month == bill.so_far == pytest.approx(sum(FIXED_COSTS.values()))
    assert estimate(NOTHING, deployed=False).month == 0


@settings(deadline=None, max_examples=50)
@given(
    units=st.floats(0, 1e9),
    days=st.floats(0.01, 30),
    deployed=st.booleans(),
)
def test_the_month_is_what_was_used_so_far_and_as_much_again_each_day(
    units: float,
    days: float,
    deployed: bool,  # noqa: FBT001  # drawn by name
) -> None:
    until = START + timedelta(days=days)
    use = replace(NOTHING, read_units=units, write_units=units, until=until)

    bill = estimate(use, deployed=deployed)

    assert bill.month == pytest.approx(sum(bill.parts.values()))
    assert bill.so_far == pytest.approx(bill.month * days / 30, rel=1e-6)


def test_the_first_moment_of_a_month_divides_by_nothing() -> None:
    bill = estimate(replace(NOTHING, until=START), deployed=True)

    assert bill.month == pytest.approx(sum(FIXED_COSTS.values()))

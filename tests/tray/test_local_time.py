"""What people read on the clock, in a night in which the clocks change, and abroad."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time

import pytest

from tray_app.app.clock import local_now
from tray_app.app.intents import morning
from tray_app.model.local_time import system_time
from tray_app.model.rules import QuietHours
from tray_app.settings.durations import until

Travel = Callable[[str], None]
NIGHT = QuietHours(on=True)
BEFORE_SPRING = datetime(2026, 3, 28, 21, 30, tzinfo=UTC)
BEFORE_AUTUMN = datetime(2026, 10, 24, 20, 30, tzinfo=UTC)


@pytest.fixture
def travel(monkeypatch: pytest.MonkeyPatch) -> Iterator[Travel]:
    def to(zone: str) -> None:
        monkeypatch.setenv("TZ", zone)
        time.tzset()

    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Europe/Berlin")
        time.tzset()
        yield to
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("evening", "seven"),
    [
        (BEFORE_SPRING, datetime(2026, 3, 29, 5, tzinfo=UTC)),
        (BEFORE_AUTUMN, datetime(2026, 10, 25, 6, tzinfo=UTC)),
    ],
)
def test_a_night_of_changed_clocks_ends_by_the_clock_on_the_wall(
    travel: Travel, evening: datetime, seven: datetime
) -> None:
    travel("Europe/Berlin")
    now = system_time(evening)

    end = NIGHT.until(now)

    assert end == seven
    assert f"{end:%H:%M}" == "07:00"
    assert f"{seven.astimezone(now.tzinfo):%H:%M}" == "07:00"
    assert NIGHT.until(system_time(seven - timedelta(minutes=1))) == seven
    assert NIGHT.until(system_time(seven)) is None
    nine = seven + timedelta(hours=2)
    assert morning(now) == nine
    assert now + until(clock_time(9), now) == nine


def test_spans_are_what_passes_on_such_a_night(travel: Travel) -> None:
    travel("Europe/Berlin")
    now = system_time(BEFORE_SPRING)
    later = system_time(BEFORE_SPRING + timedelta(hours=8))

    assert later - now == timedelta(hours=8)
    assert now + timedelta(hours=8) == later


def test_each_quiet_minute_of_both_nights_is_quiet_once(travel: Travel) -> None:
    travel("Europe/Berlin")
    hours = QuietHours(on=True, start=clock_time(2, 30), end=clock_time(4))
    for evening, quiet in ((BEFORE_SPRING, 30), (BEFORE_AUTUMN, 150)):
        minutes = [system_time(evening + timedelta(minutes=n)) for n in range(720)]
        ends = [hours.until(now) for now in minutes]

        assert sum(end is not None for end in ends) == quiet
        for now, end in zip(minutes, ends, strict=True):
            assert end is None or now < end


def test_a_zone_that_changes_while_it_runs_is_noticed(travel: Travel) -> None:
    travel("Europe/London")
    assert local_now().tzname() in {"GMT", "BST"}

    travel("Asia/Tokyo")

    assert local_now().utcoffset() == timedelta(hours=9)

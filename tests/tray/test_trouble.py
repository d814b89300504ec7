"""Our own trouble, a row each: icon at once, one notification at most, a way out."""

from dataclasses import replace
from datetime import timedelta

import pytest

from incidents.errors import (
    AccessDeniedError,
    CredentialsError,
    IncidentsError,
    KeyRejectedError,
    SettingsError,
    SourceFailingError,
    SourceGarbledError,
    SourceUnavailableError,
    StoreBusyError,
    StoreMissingError,
    StoreNewerError,
    StoreUnavailableError,
    ThrottledError,
)
from tests.tray.desk import MINUTE, NOW, WATCHED, aged, incident, state
from tray_app.feed.schedule import Timing
from tray_app.model.freshness import Freshness
from tray_app.model.intents import OpenCoralogix, OpenSettings, ShowDoctor, SignIn
from tray_app.model.ports import (
    DesktopError,
    KeychainError,
    KeychainLockedError,
    KeychainMissingError,
)
from tray_app.model.rules import Rules
from tray_app.model.state import Problem, ProblemKind, Snoozes, TrayState
from tray_app.model.view import Badge, Item
from tray_app.present import badge, menu, problems

Kind = ProblemKind


def wrong(kind: ProblemKind, **fields: object) -> TrayState:
    """A state with one trouble, and a critical incident under it."""
    detail = "It is so."
    found = Problem(kind=kind, since=NOW, detail=detail)
    return state(incident(), problems=(found,), **fields)


@pytest.mark.parametrize(
    ("kind", "minutes", "title"),
    [
        (Kind.SIGNED_OUT, 0, "Sign-in expired"),
        (Kind.DENIED, 0, "Access denied"),
        (Kind.TABLE_MISSING, 0, "Table not found"),
        (Kind.FEED_MISSING, 3, "Your feed does not exist yet"),
        (Kind.KEYCHAIN_LOCKED, 0, "The keychain is locked"),
        (Kind.KEYCHAIN_MISSING, 0, "There is no key to act with"),
        (Kind.KEY_REJECTED, 0, "Your Coralogix key was rejected"),
        (Kind.UNREADABLE, 3, "Incidents cannot be read"),
        (Kind.OFFLINE, 15, "Offline since 12:00"),
        (Kind.FEED_STOPPED, 0, "Incident feed has stopped"),
        (Kind.SYNC_FAILING, 0, None),
        (Kind.BUSY, 0, None),
        (Kind.CLOCK_SKEW, 0, "This computer's clock is wrong"),
        (Kind.NO_NOTIFICATIONS, 0, None),
        (Kind.NO_TRAY, 1, "No tray on this desktop"),
        (Kind.LEDGER_REBUILT, 0, "The local database was damaged"),
        (Kind.DISK_FULL, 0, "Disk full"),
        (Kind.SETTINGS, 0, "The settings have a mistake"),
        (Kind.RESTART, 0, "Settings wait for a new start"),
    ],
)
def test_each_trouble_is_told_once_when_it_has_lasted(
    kind: ProblemKind, minutes: int, title: str | None
) -> None:
    known, memory, told = wrong(kind), WATCHED, []
    for minute in range(60):
        memory, tell, _ = problems.announced(memory, known, NOW + minute * MINUTE)
        told += [(minute, one.title) for one in tell]

    assert told == ([(minutes, title)] if title else [])


@pytest.mark.parametrize("kind", list(Kind))
def test_each_trouble_is_in_the_menu_with_a_way_out(kind: ProblemKind) -> None:
    first = menu.build(wrong(kind), NOW).entries[0]

    assert isinstance(first, Item)
    assert first.label.startswith("⚠ ")
    assert first.intent in (SignIn(), ShowDoctor(), OpenCoralogix(), OpenSettings())


@pytest.mark.parametrize("kind", list(Kind))
def test_the_doctor_says_more_of_each_trouble_than_to_see_the_doctor(
    kind: ProblemKind,
) -> None:
    (said,) = problems.explained(wrong(kind), NOW, 1)

    assert said.startswith("⚠ ")
    assert "Doctor" not in said
    assert ". " in said or "It is so." in said


def test_a_mistake_in_the_settings_comes_before_what_follows_from_it() -> None:
    _, (said,), _ = problems.announced(WATCHED, wrong(Kind.SETTINGS), NOW)

    assert said.body == "It is so.\nThe old ones stay in force."
    assert [one.label for one in said.buttons] == ["Settings"]
    assert said.click == OpenSettings()


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Kind.SIGNED_OUT, Badge.SIGNED_OUT),
        (Kind.DENIED, Badge.SIGNED_OUT),
        (Kind.TABLE_MISSING, Badge.SIGNED_OUT),
        (Kind.FEED_MISSING, Badge.SIGNED_OUT),
        (Kind.UNREADABLE, Badge.STALE),
        (Kind.OFFLINE, Badge.OFFLINE),
        (Kind.KEY_REJECTED, Badge.CRITICAL),
        (Kind.NO_NOTIFICATIONS, Badge.CRITICAL),
        (Kind.BUSY, Badge.CRITICAL),
    ],
)
def test_the_icon_hides_what_is_open_only_where_nothing_is_watched(
    kind: ProblemKind, expected: Badge
) -> None:
    assert badge.icon(wrong(kind), NOW).badge is expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [(Kind.DENIED, Badge.CRITICAL), (Kind.FEED_MISSING, Badge.SIGNED_OUT)],
)
def test_one_feed_that_is_denied_hides_no_other_and_one_s_own_has_to_be_there(
    kind: ProblemKind, expected: Badge
) -> None:
    before = replace(wrong(kind), freshness=aged(NOW + MINUTE))

    assert badge.icon(before, NOW + MINUTE).badge is expected


def test_a_server_that_is_busy_from_the_start_is_not_connecting_for_ever() -> None:
    busy = wrong(Kind.BUSY, freshness=Freshness())

    assert badge.icon(busy, NOW + 3 * MINUTE).badge is Badge.STARTING
    assert badge.icon(busy, NOW + 4 * MINUTE).badge is Badge.STALE


@pytest.mark.parametrize("kind", [Kind.KEYCHAIN_LOCKED, Kind.KEY_REJECTED])
def test_a_key_in_trouble_marks_the_icon_while_reading_goes_on(
    kind: ProblemKind,
) -> None:
    assert badge.icon(wrong(kind), NOW).failed
    old = Freshness(read_at=NOW - 10 * MINUTE, watermark=NOW - 10 * MINUTE)
    assert badge.icon(wrong(kind, freshness=old), NOW).badge is Badge.SIGNED_OUT


def test_a_trouble_that_comes_again_is_told_again() -> None:
    known = wrong(Kind.SIGNED_OUT)
    memory, first, _ = problems.announced(WATCHED, known, NOW)
    memory, _, gone = problems.announced(memory, state(), NOW + MINUTE)
    again = replace(known.problems[0], since=NOW + 2 * MINUTE)
    _, second, _ = problems.announced(
        memory, state(problems=(again,)), NOW + 2 * MINUTE
    )

    assert gone == ("trouble:signed out",)
    assert first[0].id != second[0].id


def test_a_feed_that_is_back_says_so_in_passing() -> None:
    memory, _, _ = problems.announced(WATCHED, wrong(Kind.FEED_STOPPED), NOW)

    _, tell, gone = problems.announced(memory, state(), NOW + MINUTE)

    assert [one.title for one in tell] == ["Feed is back"]
    assert gone == ()


def test_being_offline_is_not_told_while_resting() -> None:
    late = NOW + 20 * MINUTE
    resting = wrong(Kind.OFFLINE, snoozes=Snoozes(everything=NOW + timedelta(hours=2)))

    assert problems.announced(WATCHED, resting, late)[1] == ()


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (CredentialsError("x"), Kind.SIGNED_OUT),
        (AccessDeniedError("x"), Kind.DENIED),
        (StoreMissingError("x"), Kind.TABLE_MISSING),
        (KeyRejectedError("x"), Kind.KEY_REJECTED),
        (ThrottledError("x"), Kind.BUSY),
        (SourceFailingError("x"), Kind.BUSY),
        (StoreBusyError("x"), Kind.BUSY),
        (SourceUnavailableError("x"), Kind.OFFLINE),
        (StoreUnavailableError("x"), Kind.OFFLINE),
        (SourceGarbledError("x"), Kind.UNREADABLE),
        (SettingsError("x"), Kind.UNREADABLE),
        (StoreNewerError("x"), Kind.UNREADABLE),
        (KeychainLockedError("x"), Kind.KEYCHAIN_LOCKED),
        (KeychainMissingError("x"), Kind.KEYCHAIN_MISSING),
        (KeychainError("x"), Kind.KEYCHAIN_MISSING),
    ],
)
def test_every_failure_is_sorted_by_what_to_do(
    error: IncidentsError | DesktopError, kind: ProblemKind
) -> None:
    assert problems.of_failure(error, NOW).kind is kind


def test_a_feed_that_stops_while_the_table_answers_is_noticed_after_3_intervals() -> (
    None
):
    now = NOW + timedelta(minutes=3, seconds=16)
    fresh = Freshness(read_at=now, watermark=NOW)
    before = Freshness(read_at=now - MINUTE, watermark=NOW)

    stopped = problems.derived(state(freshness=fresh), now)
    going = problems.derived(state(freshness=before), now - MINUTE)

    assert stopped.problem(Kind.FEED_STOPPED) == Problem(
        kind=Kind.FEED_STOPPED, since=NOW
    )
    assert going.problems == ()
    assert problems.derived(stopped, now) == stopped
    back = replace(stopped, freshness=aged(now))
    assert problems.derived(back, now).problems == ()


def test_a_clock_that_is_wrong_is_noticed_by_a_feed_from_the_future() -> None:
    ahead = state(freshness=Freshness(read_at=NOW, watermark=NOW + 3 * MINUTE))

    found = problems.derived(ahead, NOW)

    assert found.problem(Kind.CLOCK_SKEW)
    _, (said,), _ = problems.announced(WATCHED, found, NOW)
    assert said.body == "It is 12:00 here, and 12:03 at the sync."


def watched(
    ahead: timedelta, *, stops_after: timedelta | None = None, looks: int = 60
) -> tuple[TrayState, set[str]]:
    """Look every 15 s at a sync of every minute, with a clock that is *ahead*."""
    known, memory = state(freshness=Freshness(poll=timedelta(seconds=15))), WATCHED
    titles = set()
    for look in range(looks):
        there = timedelta(seconds=15 * look)
        now = NOW + there + ahead
        alive = there if stops_after is None else min(there, stops_after)
        mark = NOW + alive // MINUTE * MINUTE - timedelta(seconds=20)
        fresh = replace(known.freshness, read_at=now).marked(mark, now)
        known = problems.derived(replace(known, freshness=fresh), now)
        memory, tell, _ = problems.announced(memory, known, now)
        titles |= {one.title for one in tell}
    return known, titles


@pytest.mark.parametrize("minutes", [-60, -3, 4, 10, 24 * 60])
def test_a_clock_that_is_wrong_is_told_as_that_and_the_feed_goes_on(
    minutes: int,
) -> None:
    known, titles = watched(minutes * MINUTE)

    assert titles == {"This computer's clock is wrong"}
    assert not known.freshness.feed_is_old(NOW + 15 * MINUTE + minutes * MINUTE)


@pytest.mark.parametrize("seconds", [-100, 0, 60, 115])
def test_a_clock_that_is_nearly_right_is_nobodys_trouble(seconds: int) -> None:
    assert watched(timedelta(seconds=seconds))[1] == set()


@pytest.mark.parametrize("minutes", [0, 10])
def test_a_feed_that_stops_is_told_under_a_wrong_clock_too(minutes: int) -> None:
    _, titles = watched(minutes * MINUTE, stops_after=5 * MINUTE)

    assert "Incident feed has stopped" in titles


def test_a_feed_that_had_stopped_before_we_looked_is_no_wrong_clock() -> None:
    _, titles = watched(60 * MINUTE, stops_after=timedelta(0))

    assert titles == {"Incident feed has stopped"}


def test_a_clock_set_right_is_no_trouble_any_more() -> None:
    known, _ = watched(10 * MINUTE)
    now = NOW + 16 * MINUTE
    fresh = known.freshness.marked(now - MINUTE, now)

    assert problems.derived(replace(known, freshness=fresh), now).problems == ()


def told_of_a_clock(ahead: timedelta, phase: int) -> set[str]:
    """What an hour says under a clock that is *ahead*, looking as `Timing` has it."""
    timing = Timing(poll=timedelta(seconds=20))
    known, memory = state(freshness=Freshness(poll=timedelta(seconds=20))), WATCHED
    titles, moment = set(), timedelta(seconds=phase)
    while moment < timedelta(hours=1):
        now = NOW + moment + ahead
        ask = timing.due(known, now, moment)
        if ask is not None:
            answer = now + timedelta(seconds=0.3)
            fresh = replace(known.freshness, read_at=answer)
            if ask.status:
                fresh = fresh.marked(NOW + moment // MINUTE * MINUTE, answer)
            known = problems.derived(replace(known, freshness=fresh), answer)
            memory, tell, _ = problems.announced(memory, known, answer)
            titles |= {one.title for one in tell}
            timing.answered(moment + (answer - now), status=ask.status)
        moment += timedelta(seconds=1)
    return titles


@pytest.mark.parametrize("phase", range(0, 60, 7))
def test_a_clock_more_than_two_minutes_ahead_is_told_within_the_hour(
    phase: int,
) -> None:
    skewed = {"This computer's clock is wrong"}

    assert told_of_a_clock(timedelta(seconds=125), phase) == skewed
    assert told_of_a_clock(timedelta(seconds=119), phase) == set()


def test_a_snooze_never_hides_that_nothing_is_watched() -> None:
    known = wrong(
        Kind.SIGNED_OUT,
        snoozes=Snoozes(everything=NOW + timedelta(hours=1)),
        rules=Rules(),
    )

    assert problems.announced(WATCHED, known, NOW)[1]


@pytest.mark.parametrize("kind", ProblemKind)
def test_a_long_reason_makes_no_wide_menu(kind: ProblemKind) -> None:
    long = Problem(kind=kind, since=NOW, detail="x" * 500)

    (line,) = problems.lines(state(problems=(long,)), NOW, 1)

    assert len(line.label) <= 60

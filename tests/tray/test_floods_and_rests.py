"""Bursts, the first start, absences, snoozes, quiet hours, flapping."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidents.follow import ResyncReason
from incidents.models import Incident, IncidentId
from tests.tray.desk import (
    ADA,
    MINUTE,
    NOW,
    OWN,
    TEAM,
    WATCHED,
    aged,
    incident,
    news,
    state,
)
from tray_app.app.intents import morning
from tray_app.model.memory import Memory, QuietReason, Thread
from tray_app.model.output import Disposition
from tray_app.model.rules import QuietHours, Rules, Topic
from tray_app.model.state import Snoozes
from tray_app.model.view import Urgency
from tray_app.policy.decide import baseline, decide
from tray_app.policy.decisions import (
    Announcement,
    Baseline,
    Decision,
    Digest,
    Reminder,
    ReminderKind,
    Summary,
    Tell,
)
from tray_app.policy.reasons import Rule


def opened(
    ones: Sequence[Incident],
    memory: Memory = WATCHED,
    now: datetime = NOW,
    **fields: object,
) -> Decision:
    changes = [news(None, one, seq=n, at=now) for n, one in enumerate(ones, 1)]
    fresh = {"freshness": aged(now), **fields}
    return decide(memory, changes, state(*ones, **fresh), now=now)


def about(one: Announcement) -> str:
    """The incident that *one* is about, or what it is."""
    match one:
        case Tell() | Reminder():
            return one.incident.id
        case _:
            return type(one).__name__


def topics(decision: Decision) -> list[Topic]:
    return [one.meaning.topic for one in decision.tell if isinstance(one, Tell)]


def digest_of(decision: Decision) -> Digest:
    digest = decision.tell[-1]
    assert isinstance(digest, Digest)
    return digest


def summary_of(decision: Decision) -> Summary:
    (summary,) = decision.tell
    assert isinstance(summary, Summary)
    return summary


def errors(number: int) -> list[Incident]:
    names = ("payment-latency", "payment-latency", "kafka-lag")
    return [
        incident(f"{n:04}", severity="error", name=names[n % 3]) for n in range(number)
    ]


def test_up_to_three_at_once_are_told_one_by_one_the_worst_first() -> None:
    ones = [incident("a", severity="error"), incident("b"), incident("c")]

    assert [about(one) for one in opened(ones).tell] == ["b", "c", "a"]


def test_more_than_three_in_ten_seconds_are_one_digest() -> None:
    found = opened(errors(9))

    assert len(found.tell) == 1
    digest = digest_of(found)
    names = Counter(one.name for one in digest.incidents.values())
    assert names == {"payment-latency": 6, "kafka-lag": 3}
    assert all(one.opened for one in digest.incidents.values())
    assert digest.id == "digest:TEAM#ops:9"
    assert {one.outcome for one in found.verdicts} == {Disposition.DIGEST}


def test_a_digest_counts_by_the_alert_where_that_is_known() -> None:
    ones = [replace(one, labels=(("alert_name", "disk"),)) for one in errors(4)]

    names = [one.name for one in digest_of(opened(ones)).incidents.values()]
    assert names == ["disk"] * 4


@pytest.mark.parametrize(("number", "said"), [(3, 3), (4, 0)])
def test_a_few_endings_are_said_and_many_only_clear_the_screen(
    number: int, said: int
) -> None:
    ones = [replace(one, assignees=(ADA,)) for one in errors(number)]
    stands = Thread(touched_at=NOW, notified_at=NOW, on_screen=True)
    memory = replace(WATCHED, threads={one.id: stands for one in ones})
    ended = [
        news(one, replace(one, status="resolved", closed_at=NOW), seq=n, feed=OWN)
        for n, one in enumerate(ones)
    ]

    found = decide(memory, ended, state(), now=NOW)

    assert len(found.tell) == said
    assert len(found.withdraw) == number - said
    assert {one.outcome for one in found.verdicts} == {
        Disposition.UPDATED if said else Disposition.WITHDRAWN
    }
    assert any(one.on_screen for one in found.memory.threads.values()) is bool(said)


def test_a_few_critical_ones_and_mine_are_told_beside_the_digest() -> None:
    found = opened([*errors(7), *(incident(f"c{n}") for n in range(5))])

    assert [about(one) for one in found.tell] == ["c0", "c1", "Digest"]
    digest = digest_of(found)
    assert Counter(one.severity for one in digest.incidents.values()) == {
        "error": 7,
        "critical": 3,
    }
    assert digest.urgency is Urgency.CRITICAL


def test_a_thousand_at_once_and_again_are_at_most_four_notifications() -> None:
    memory, keys = WATCHED, set()
    for look in range(3):
        ones = [incident(f"{look}-{n}") for n in range(1000)]
        now = NOW + look * timedelta(seconds=15)
        found = opened(ones, memory, now)
        memory = found.memory
        keys |= {about(one) for one in found.tell}
        assert len(found.tell) <= 3
        assert len(found.verdicts) == 1000

    assert len(keys) <= 4


def test_ten_a_minute_are_enough_and_the_flood_ends_by_itself() -> None:
    memory: Memory = WATCHED
    told: list[str] = []
    for n in range(12):
        now = NOW + n * timedelta(seconds=5)
        one = incident(str(n), severity="error", opened_at=now)
        found = opened([one], memory, now)
        memory, told = found.memory, [*told, *(about(said) for said in found.tell)]
    assert "Digest" in told
    later = NOW + 10 * MINUTE
    calm = opened([incident("later")], replace(memory, seen_at=later), later)

    assert [about(one) for one in calm.tell] == ["later"]


def test_in_a_flood_what_has_ended_only_leaves_the_screen() -> None:
    mine = incident("mine", assignees=(ADA,))
    stands = {mine.id: Thread(touched_at=NOW, notified_at=NOW, on_screen=True)}
    ended = replace(mine, status="resolved", closed_at=NOW)
    changes = [
        *(news(None, one, seq=n) for n, one in enumerate(errors(5), 1)),
        news(mine, ended, feed=OWN, seq=9),
    ]

    found = decide(
        replace(WATCHED, threads=stands), changes, state(*errors(5)), now=NOW
    )

    assert [about(one) for one in found.tell] == ["Digest"]
    assert found.withdraw == ("mine",)


def test_what_a_flood_held_is_forgotten_with_it() -> None:
    memory = opened(errors(5)).memory
    calm = state(freshness=aged(NOW + MINUTE))

    assert memory.burst is not None
    assert decide(memory, (), calm, now=NOW + MINUTE).memory.burst is None


def test_a_second_flood_is_counted_by_itself() -> None:
    first = [*errors(4), incident("c1"), incident("c2")]
    memory = opened(first).memory
    later = NOW + 5 * MINUTE
    second = [incident(f"x{n}") for n in range(6)]

    found = opened(second, replace(memory, seen_at=later), later)

    assert [about(one) for one in found.tell] == ["x0", "x1", "Digest"]
    severities = [one.severity for one in digest_of(found).incidents.values()]
    assert severities == ["critical"] * 4


def test_the_first_start_says_only_how_much_is_watched() -> None:
    ones = [*errors(5), incident(assignees=(ADA,))]

    found = baseline(Memory(), state(*ones), ResyncReason.FIRST, "begun", now=NOW)

    (said,) = found.tell
    assert said == Baseline(
        id="begun", reason=ResyncReason.FIRST, open=6, critical=1, mine=1
    )
    assert (said.urgency, said.sound) == (Urgency.NORMAL, False)


def test_a_feed_read_anew_clears_from_the_screen_what_is_gone_and_keeps_the_rest() -> (
    None
):
    stays, goes, off = (incident(id_) for id_ in "abc")
    stands = Thread(touched_at=NOW, notified_at=NOW, on_screen=True)
    threads = {
        stays.id: stands,
        goes.id: stands,
        off.id: replace(stands, on_screen=False),
    }
    later = NOW + MINUTE

    found = baseline(
        replace(WATCHED, threads=threads),
        state(stays),
        ResyncReason.LOST,
        "x",
        now=later,
    )

    assert found.withdraw == ("b",)
    assert found.memory.threads.keys() == {stays.id, off.id}
    assert found.memory.seen_at == later


def test_what_happened_while_away_is_one_summary() -> None:
    back = NOW + timedelta(hours=7)
    still = [incident("1", assignees=()), incident("2", severity="error")]
    gone = [replace(one, id=IncidentId(f"g{one.id}")) for one in errors(3)]
    changes = [
        *(news(None, one, seq=n) for n, one in enumerate([*still, *gone], 1)),
        *(
            news(one, replace(one, status="resolved"), seq=n)
            for n, one in enumerate(gone, 6)
        ),
    ]

    found = decide(WATCHED, changes, state(*still, freshness=aged(back)), now=back)

    said = summary_of(found)
    assert (said.reason, said.since) == (QuietReason.AWAY, NOW)
    assert (said.open, said.mine, said.ended) == (2, 0, 3)
    assert said.sound
    assert {one.outcome for one in found.verdicts} == {
        Disposition.DEFERRED,
        Disposition.WITHDRAWN,
    }


def test_a_short_absence_is_none() -> None:
    back = NOW + 4 * MINUTE

    assert [about(one) for one in opened([incident()], WATCHED, back).tell] == ["a"]


def test_a_snooze_holds_everything_and_sums_it_up_at_its_end() -> None:
    end = NOW + timedelta(hours=1)
    snoozed = Snoozes(everything=end)
    held = opened([incident()], snoozes=snoozed)

    assert held.tell == ()
    reason = held.verdicts[0].reason
    assert (reason.rule, reason.quiet) == (Rule.QUIET_PERIOD, QuietReason.SNOOZED)
    assert reason.until == end
    during = decide(
        held.memory,
        (),
        state(incident(), snoozes=snoozed, freshness=aged(NOW + 59 * MINUTE)),
        now=NOW + 59 * MINUTE,
        looked=False,
    )
    assert during.tell == ()
    after = decide(
        replace(during.memory, seen_at=end),
        (),
        state(incident(), snoozes=snoozed, freshness=aged(end)),
        now=end,
    )
    assert summary_of(after).reason is QuietReason.SNOOZED
    assert after.memory.backlog is None


def test_the_summary_waits_until_it_is_known_how_things_stand() -> None:
    end = NOW + timedelta(hours=1)
    held = opened([incident()], snoozes=Snoozes(everything=end))

    stale = state(incident(), snoozes=Snoozes(everything=end))
    after = decide(held.memory, (), stale, now=end, looked=False)

    assert after.tell == ()
    assert after.memory.backlog is not None


def test_quiet_hours_let_critical_ones_through() -> None:
    rules = Rules(quiet_hours=QuietHours(on=True, start=time(11), end=time(13)))

    found = opened([incident("a"), incident("b", severity="error")], rules=rules)

    assert [about(one) for one in found.tell] == ["a"]
    reason = found.verdicts[1].reason
    assert (reason.rule, reason.quiet) == (Rule.QUIET_PERIOD, QuietReason.QUIET_HOURS)


def test_one_snoozed_incident_speaks_up_when_its_snooze_ends() -> None:
    end = NOW + 30 * MINUTE
    snoozes = Snoozes(incidents={incident().id: end})
    worse = news(incident(severity="error"), incident())

    during = decide(WATCHED, [worse], state(incident(), snoozes=snoozes), now=NOW)
    after = decide(
        replace(during.memory, seen_at=end),
        (),
        state(incident(), snoozes=snoozes, freshness=aged(end)),
        now=end,
    )

    assert during.tell == ()
    (awake,) = after.tell
    assert isinstance(awake, Reminder)
    assert awake.kind is ReminderKind.SNOOZE_OVER
    assert after.woken == {incident().id}
    assert after.memory.threads[incident().id].notified_at == end


@pytest.mark.parametrize("ended_before", [True, False])
def test_the_end_of_an_incident_ends_its_snooze_and_it_is_told_when_it_is_back(
    *, ended_before: bool
) -> None:
    one = incident()
    snoozes = Snoozes(incidents={one.id: NOW + timedelta(hours=1)})
    ended = replace(one, status="resolved", closed_at=NOW)
    end, again = news(one, ended, seq=1), news(ended, one, seq=2)
    looks = [[end], [again]] if ended_before else [[end, again]]
    memory, told = WATCHED, []
    for changes in looks:
        found = decide(memory, changes, state(one, snoozes=snoozes), now=NOW)
        memory, snoozes = found.memory, snoozes.without(found.woken)
        told += topics(found)

    assert told == [Topic.REOPENED]
    assert snoozes.incidents == {}


def test_an_incident_that_flaps_is_told_once_until_it_settles() -> None:
    memory, flaps = WATCHED, []
    for minute in (0, 5, 10, 15, 20, 60):
        now = NOW + minute * MINUTE
        found = opened(
            [incident(severity="error", opened_at=NOW - timedelta(days=1))],
            replace(memory, seen_at=now),
            now,
        )
        memory = found.memory
        flaps += [one.flapping for one in found.tell if isinstance(one, Tell)]

    assert flaps == [None, None, 3, None]


def test_what_flaps_is_told_all_the_same_when_it_becomes_worse() -> None:
    one = incident(severity="error")
    openings = tuple(NOW - n * MINUTE for n in (3, 2, 1))
    flaps = Thread(touched_at=NOW, notified_at=NOW, openings=openings, flapping=True)
    memory = replace(WATCHED, threads={one.id: flaps})
    worse = incident()

    found = decide(memory, [news(one, worse)], state(worse), now=NOW)

    assert topics(found) == [Topic.RAISED]


@settings(max_examples=200, deadline=None)
@given(
    start=st.times(),
    end=st.times(),
    minutes=st.integers(0, 2 * 24 * 60),
)
def test_quiet_hours_always_end_within_a_day(
    start: time, end: time, minutes: int
) -> None:
    quiet = QuietHours(on=True, start=start, end=end)
    now = NOW + minutes * MINUTE

    until = quiet.until(now)

    if until is not None:
        assert now < until <= now + timedelta(days=1)
        assert quiet.until(until) is None


def test_until_tomorrow_is_nine_in_the_person_s_own_zone() -> None:
    assert morning(NOW).isoformat() == "2026-03-05T09:00:00+00:00"


@settings(max_examples=60, deadline=None)
@given(
    spec=st.lists(
        st.tuples(
            st.sampled_from(("critical", "error", "warning")),
            st.booleans(),
            st.integers(0, 40),
        ),
        max_size=60,
    )
)
def test_every_change_has_one_verdict_and_floods_stay_within_bounds(
    spec: list[tuple[str, bool, int]],
) -> None:
    memory, now, shown = WATCHED, NOW, []
    for n, (severity, mine, seconds) in enumerate(spec):
        now += timedelta(seconds=seconds)
        one = incident(
            str(n), severity=severity, opened_at=now, assignees=(ADA,) if mine else ()
        )
        feed = OWN if mine else TEAM
        change = news(None, one, at=now, seq=n, joined=mine, feed=feed)
        fresh = state(one, freshness=aged(now))
        found = decide(replace(memory, seen_at=now), [change], fresh, now=now)
        memory = found.memory
        assert len(found.verdicts) == 1
        shown += [now for said in found.tell if isinstance(said, Tell)]

    for at in shown:
        minute = [one for one in shown if timedelta(0) <= one - at < MINUTE]
        assert len(minute) <= 10 + 2

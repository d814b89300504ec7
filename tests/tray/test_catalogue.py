"""The catalogue of notifications, a row each: what is told, how loudly, and why."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from incidents.models import Incident, Severity, UserId
from tests.tray.desk import (
    ADA,
    DANA,
    MINUTE,
    NOW,
    OWN,
    TEAM,
    WATCHED,
    incident,
    news,
    state,
)
from tray_app.model.intents import Verb
from tray_app.model.memory import Memory, OwnAction, Thread
from tray_app.model.news import News
from tray_app.model.output import Disposition
from tray_app.model.rules import QuietHours, Rules, Topic
from tray_app.model.state import Problem, ProblemKind, Snoozes, TrayState
from tray_app.model.view import Urgency
from tray_app.policy.decide import decide
from tray_app.policy.decisions import (
    Decision,
    Reminder,
    ReminderDigest,
    ReminderKind,
    Tell,
)
from tray_app.policy.loudness import BRIEFLY
from tray_app.policy.reasons import Rule

MINE = incident(assignees=(ADA,))
ON_SCREEN = Thread(touched_at=NOW, notified_at=NOW, on_screen=True)
SEEN = replace(WATCHED, threads={MINE.id: ON_SCREEN})


def decided(one: News, memory: Memory = WATCHED, **fields: object) -> Decision:
    after = one.change.after
    shown = [after] if after is not None and after.is_open else []
    return decide(memory, [one], state(*shown, **fields), now=NOW)


def only(decision: Decision) -> Tell:
    (tell,) = decision.tell
    assert isinstance(tell, Tell)
    return tell


def topic(decision: Decision) -> Topic:
    return only(decision).meaning.topic


def reminder(decision: Decision) -> Reminder:
    (tell,) = decision.tell
    assert isinstance(tell, Reminder)
    return tell


def outcome(decision: Decision) -> Disposition:
    (verdict,) = decision.verdicts
    return verdict.outcome


def rule(decision: Decision) -> Rule:
    (verdict,) = decision.verdicts
    return verdict.reason.rule


def test_a_new_critical_one_is_urgent_and_sounds() -> None:
    new = incident()

    found = only(decided(news(None, new)))

    assert (found.meaning.topic, found.incident) == (Topic.OPENED, new)
    assert (found.urgency, found.sound) == (Urgency.CRITICAL, True)
    assert found.id == "TEAM#ops:1"


@pytest.mark.parametrize(
    ("severity", "told"),
    [
        ("critical", True),
        ("error", True),
        ("Sev-Unknown", True),
        ("warning", False),
        ("info", False),
        ("low", False),
    ],
)
def test_from_error_on_a_new_one_is_told_and_an_unknown_one_too(
    severity: str, *, told: bool
) -> None:
    found = decided(news(None, incident(severity=severity)))

    assert bool(found.tell) == told
    assert outcome(found) is (Disposition.NOTIFIED if told else Disposition.SILENT)


@pytest.mark.parametrize(
    ("new", "why"),
    [
        (incident(status="acknowledged"), Rule.EASING),
        (incident(muted=True), Rule.MUTED_IN_CORALOGIX),
    ],
    ids=["ack", "mute"],
)
def test_a_new_one_that_is_acknowledged_or_muted_is_history(
    new: Incident, why: Rule
) -> None:
    found = decided(news(None, new))

    assert found.tell == ()
    assert rule(found) is why


def test_what_is_acknowledged_becomes_worse_in_the_history_alone() -> None:
    before = incident(severity="error", status="acknowledged")

    found = decided(news(before, replace(before, severity="critical")))

    assert (found.tell, rule(found)) == ((), Rule.ACKNOWLEDGED)


def test_somebody_else_s_error_is_not_told_and_a_critical_one_is() -> None:
    hers = incident(assignees=(DANA,))

    assert decided(news(None, hers)).tell
    assert not decided(news(None, replace(hers, severity="error"))).tell


def test_what_concerns_me_is_told_by_my_own_feed_alone() -> None:
    found = decided(news(None, MINE))

    assert found.tell == ()
    assert (outcome(found), rule(found)) == (Disposition.SILENT, Rule.OWN_FEED)
    assert decided(news(None, MINE, feed=OWN, joined=True)).tell


def test_raised_is_as_urgent_as_it_is_now() -> None:
    before = incident(severity="error", assignees=(ADA,))
    after = replace(before, severity="critical")

    found = only(decided(news(before, after, feed=OWN)))

    assert found.meaning.topic is Topic.RAISED
    assert found.urgency is Urgency.CRITICAL


def test_lowered_updates_what_is_on_the_screen_and_else_is_silent() -> None:
    change = news(MINE, replace(MINE, severity="warning"), feed=OWN)

    assert decided(change).tell == ()
    found = only(decided(change, SEEN))
    assert found.meaning.topic is Topic.LOWERED
    assert (found.urgency, found.sound) == (Urgency.LOW, False)


@pytest.mark.parametrize("severity", ["critical", "low"])
def test_being_assigned_is_always_told_and_by_whom(severity: str) -> None:
    mine = replace(MINE, severity=severity, assigned_by=((ADA, DANA),))
    change = news(None, mine, feed=OWN, joined=True)

    found = only(decided(change, rules=Rules(notify=frozenset())))

    assert (found.meaning.topic, found.meaning.by) == (Topic.ASSIGNED, DANA)


def test_being_assigned_by_oneself_or_by_somebody_nameless() -> None:
    old = replace(MINE, opened_at=NOW - timedelta(hours=1))
    mine = replace(old, assigned_by=((ADA, ADA),))
    nameless = replace(old, assigned_by=((ADA, UserId("0f8b-uuid")),))

    assert decided(news(None, mine, feed=OWN, joined=True)).tell == ()
    assert topic(decided(news(None, nameless, feed=OWN, joined=True))) is Topic.ASSIGNED


def test_acknowledged_by_another_is_said_in_passing_and_taken_back() -> None:
    after = replace(MINE, status="acknowledged", acknowledged_by=DANA)
    change = news(MINE, after, feed=OWN)

    found = decided(change, SEEN)

    assert (topic(found), only(found).meaning.by) == (Topic.ACKNOWLEDGED, DANA)
    assert only(found).urgency is Urgency.LOW
    later = decide(found.memory, (), state(after), now=NOW + BRIEFLY, looked=False)
    assert later.withdraw == ("a",)
    assert decided(change).tell == ()


def test_what_is_said_in_passing_takes_its_time_once_it_can_be_shown() -> None:
    after = incident(severity="error")
    mute = Problem(kind=ProblemKind.NO_NOTIFICATIONS, since=NOW)
    found = decided(news(incident(), after), SEEN, problems=(mute,))

    memory = reminder_at(1, found.memory, state(after, problems=(mute,))).memory
    shown = state(after)

    assert found.tell
    assert reminder_at(1, memory, shown).withdraw == ()
    assert reminder_at(2, memory, shown).withdraw == ("a",)


def test_acknowledged_by_me_elsewhere_only_takes_it_back() -> None:
    after = replace(MINE, status="acknowledged", acknowledged_by=ADA)

    found = decided(news(MINE, after, feed=OWN), SEEN)

    assert (found.tell, found.withdraw) == ((), ("a",))
    assert rule(found) is Rule.OWN_ACTION


def test_an_action_of_mine_is_no_news_even_where_no_name_is_told() -> None:
    after = replace(MINE, status="acknowledged")
    own = OwnAction(id=MINE.id, verb=Verb.ACKNOWLEDGE, at=NOW)

    found = decided(news(MINE, after, feed=OWN), SEEN.did(own))

    assert (found.tell, found.withdraw) == ((), ("a",))


def test_what_had_ended_is_open_again_with_its_thread() -> None:
    thread = Thread(
        touched_at=NOW,
        openings=(NOW - timedelta(hours=3), NOW - timedelta(hours=1)),
        resolved_at=NOW - timedelta(minutes=35),
    )
    old = incident(opened_at=NOW - timedelta(hours=3))
    memory = replace(WATCHED, threads={old.id: thread})

    found = only(decided(news(None, old), memory))

    assert found.meaning.topic is Topic.REOPENED
    assert found.thread.resolved_at == thread.resolved_at
    assert len(found.thread.openings) == 3


def test_what_comes_back_to_me_at_once_has_opened_again_and_was_not_assigned() -> None:
    ended = Thread(
        touched_at=NOW,
        openings=(NOW - 2 * MINUTE,),
        resolved_at=NOW - MINUTE,
    )
    memory = replace(WATCHED, threads={MINE.id: ended})
    back = replace(
        MINE, opened_at=NOW - 2 * MINUTE, assigned_by=((ADA, DANA),), severity="error"
    )

    change = news(None, back, feed=OWN, joined=True)
    assert topic(decided(change, memory)) is Topic.REOPENED
    # Open all along since, it has come to me because somebody gave it to me.
    since = replace(ended, openings=(NOW - 2 * MINUTE, NOW))
    memory = replace(WATCHED, threads={MINE.id: since})
    assert topic(decided(change, memory)) is Topic.ASSIGNED


def test_resolved_is_told_if_mine_and_told_before() -> None:
    before = replace(MINE, opened_at=NOW - timedelta(minutes=48))
    after = replace(before, status="resolved", closed_at=NOW, resolved_by=DANA)
    change = news(before, after, feed=OWN)

    found = decided(change, SEEN)

    assert (topic(found), only(found).meaning.by) == (Topic.RESOLVED, DANA)
    assert only(found).urgency is Urgency.LOW
    assert decided(change).tell == ()


def test_resolved_while_nobody_s_is_only_taken_back() -> None:
    before = incident()
    after = replace(before, status="resolved", closed_at=NOW)

    found = decided(news(before, after), SEEN)

    assert (found.tell, found.withdraw) == ((), ("a",))


def test_muted_is_taken_back_and_un_muted_is_told() -> None:
    before = incident()
    muted = replace(before, muted=True)

    assert decided(news(before, muted), SEEN).withdraw == ("a",)
    assert topic(decided(news(muted, before))) is Topic.UNMUTED


@pytest.mark.parametrize(
    ("after", "what"), [(None, Disposition.WITHDRAWN), ("edited", Disposition.SILENT)]
)
def test_vanished_and_edited_are_history_only_whatever_is_wanted(
    after: str | None, what: Disposition
) -> None:
    before = incident()
    now = replace(before, description=after) if after else None

    found = decided(news(before, now), SEEN, rules=Rules(notify=frozenset(Topic)))

    assert found.tell == ()
    assert outcome(found) is what
    assert found.withdraw == (() if after else ("a",))


@pytest.mark.parametrize("status", ["triggered", "acknowledged"])
@pytest.mark.parametrize("assignees", [(), (DANA,)])
def test_what_leaves_me_is_told_however_low_and_whoever_has_it(
    assignees: tuple[UserId, ...], status: str
) -> None:
    before = replace(MINE, severity="low", status=status)
    after = replace(before, assignees=assignees)

    found = decided(news(before, after, feed=OWN, left=True))

    assert topic(found) is Topic.UNASSIGNED


def test_what_comes_to_me_acknowledged_and_low_is_told() -> None:
    mine = replace(MINE, severity="low", status="acknowledged")

    found = decided(news(incident(), mine, feed=OWN, joined=True))

    assert topic(found) is Topic.ASSIGNED


ENDINGS = [
    replace(MINE, status="acknowledged", acknowledged_by=DANA),
    replace(MINE, status="resolved", closed_at=NOW),
    replace(MINE, severity="warning"),
    replace(MINE, muted=True),
]
QUIET = QuietHours(on=True, start=time(11), end=time(13))
EVERYTHING = Rules(notify=frozenset(Topic))


@pytest.mark.parametrize("after", ENDINGS, ids=["ack", "end", "low", "mute"])
def test_an_ending_says_nothing_in_a_rest_or_after_an_absence(after: Incident) -> None:
    change = news(MINE, after, feed=OWN)
    away = replace(SEEN, seen_at=NOW - timedelta(hours=1))
    resting = replace(EVERYTHING, quiet_hours=QUIET)

    assert only(decided(change, SEEN, rules=EVERYTHING)).urgency is Urgency.LOW
    for found in (
        decided(change, SEEN, rules=resting),
        decided(change, away, rules=EVERYTHING),
    ):
        assert (found.tell, found.withdraw) == ((), ("a",))


@pytest.mark.parametrize("after", ENDINGS[:2], ids=["ack", "end"])
def test_what_flaps_is_taken_back_without_a_word(after: Incident) -> None:
    flaps = {MINE.id: replace(ON_SCREEN, flapping=True)}

    found = decided(news(MINE, after, feed=OWN), replace(SEEN, threads=flaps))

    assert (found.tell, found.withdraw) == ((), ("a",))


def test_what_is_somebody_else_s_is_withdrawn_when_acknowledged_and_told_if_muted() -> (
    None
):
    hers = incident(assignees=(DANA,))
    acknowledged = replace(hers, status="acknowledged", acknowledged_by=DANA)
    muted = replace(hers, muted=True)

    assert decided(news(hers, acknowledged), SEEN, rules=EVERYTHING).tell == ()
    assert topic(decided(news(hers, muted), SEEN, rules=EVERYTHING)) is Topic.MUTED


@pytest.mark.parametrize(
    ("minutes", "what"), [(30, Disposition.WITHDRAWN), (-1, Disposition.SILENT)]
)
def test_snoozed_in_coralogix_is_history_and_takes_back_what_stands(
    minutes: int, what: Disposition
) -> None:
    until = NOW + minutes * MINUTE
    after = replace(incident(), snoozed_until=until, snoozed_by=DANA)

    found = decided(news(incident(), after), SEEN, rules=Rules(notify=frozenset(Topic)))

    assert found.tell == ()
    assert (outcome(found), rule(found)) == (what, Rule.HISTORY_ONLY)
    assert bool(found.withdraw) is (what is Disposition.WITHDRAWN)


def test_reminders_wait_for_the_end_of_a_snooze_in_coralogix() -> None:
    snoozed = replace(incident(), snoozed_until=NOW + 20 * MINUTE)
    memory = decided(news(None, snoozed)).memory

    assert reminder_at(16, memory, state(snoozed)).tell == ()
    after = reminder(reminder_at(21, memory, state(snoozed)))
    assert after.kind is ReminderKind.UNACKNOWLEDGED


AN_HOUR_ON = {MINE.id: replace(ON_SCREEN, acknowledged_at=NOW)}
BY_CHANGE = {
    Topic.OPENED: news(None, incident()),
    Topic.REOPENED: news(incident(status="resolved"), incident()),
    Topic.RAISED: news(incident(severity="error"), incident()),
    Topic.LOWERED: news(incident(), incident(severity="error")),
    Topic.UNASSIGNED: news(MINE, incident(), feed=OWN, left=True),
    Topic.ACKNOWLEDGED: news(incident(), incident(status="acknowledged")),
    Topic.RESOLVED: news(MINE, replace(MINE, status="resolved"), feed=OWN),
    Topic.MUTED: news(incident(), incident(muted=True)),
    Topic.UNMUTED: news(incident(muted=True), incident()),
}
BY_TIME = {
    Topic.REMINDER: MINE,
    Topic.FORGOTTEN: replace(MINE, status="acknowledged"),
}
NEVER = {
    Topic.EDITED: news(incident(), incident(description="edited")),
    Topic.SNOOZED: news(incident(), incident(snoozed_until=NOW + 30 * MINUTE)),
    Topic.VANISHED: news(incident(), None),
}


def test_every_topic_is_either_switched_off_or_never_told_or_always_told() -> None:
    topics = [*BY_CHANGE, *BY_TIME, *NEVER, Topic.ASSIGNED]

    assert sorted(topics) == sorted(Topic)


@pytest.mark.parametrize("about", BY_CHANGE)
def test_every_topic_of_a_change_can_be_switched_off(about: Topic) -> None:
    memory = WATCHED if about is Topic.LOWERED else SEEN
    change = BY_CHANGE[about]
    without = replace(EVERYTHING, notify=EVERYTHING.notify - {about})

    assert topic(decided(change, memory, rules=EVERYTHING)) is about
    assert decided(change, memory, rules=without).tell == ()


@pytest.mark.parametrize("about", BY_TIME)
def test_every_topic_that_comes_due_can_be_switched_off(about: Topic) -> None:
    memory = replace(WATCHED, threads=AN_HOUR_ON)
    without = replace(EVERYTHING, notify=EVERYTHING.notify - {about})
    kinds = {
        ReminderKind.UNACKNOWLEDGED: Topic.REMINDER,
        ReminderKind.FORGOTTEN: Topic.FORGOTTEN,
    }

    on = reminder_at(241, memory, state(BY_TIME[about], rules=EVERYTHING))
    off = reminder_at(241, memory, state(BY_TIME[about], rules=without))

    assert kinds[reminder(on).kind] is about
    assert off.tell == ()


@pytest.mark.parametrize("about", NEVER)
def test_three_topics_are_never_told_even_when_switched_on(about: Topic) -> None:
    found = decided(NEVER[about], SEEN, rules=EVERYTHING)

    assert found.verdicts[0].meaning.topic is about
    assert found.tell == ()


def test_sound_is_a_rule_of_its_own() -> None:
    change = news(None, incident())
    quiet = Rules(sound=frozenset())
    loud = Rules(sound_from=Severity.ERROR)

    assert not only(decided(change, rules=quiet)).sound
    assert only(decided(change, rules=loud)).sound
    assert only(decided(news(None, incident(severity="error")), rules=loud)).sound
    assert not only(decided(news(None, incident(severity="error")))).sound


def reminder_at(minutes: int, memory: Memory, one: TrayState) -> Decision:
    now = NOW + minutes * MINUTE
    fresh = replace(one, freshness=replace(one.freshness, read_at=now, watermark=now))
    return decide(replace(memory, seen_at=now), (), fresh, now=now, looked=False)


def test_a_critical_one_that_nobody_acknowledges_is_told_again_three_times() -> None:
    one = state(incident())
    memory, minutes = decided(news(None, incident())).memory, []
    for minute in range(1, 60):
        found = reminder_at(minute, memory, one)
        memory = found.memory
        minutes += [minute for _ in found.tell]

    assert minutes == [5, 15, 30]


@pytest.mark.parametrize(
    "after",
    [
        incident(status="acknowledged", acknowledged_by=DANA),
        incident(muted=True),
        incident(assignees=(DANA,)),
        incident(severity="error"),
    ],
    ids=["acknowledged", "muted", "somebody's", "lowered"],
)
def test_reminders_stop_when_somebody_deals_with_it(after: Incident) -> None:
    memory = decided(news(None, incident())).memory
    handled = state(after)

    assert reminder_at(16, memory, handled).tell == ()


def test_nobody_is_reminded_while_we_do_not_know_how_it_stands() -> None:
    memory = decided(news(None, incident())).memory
    stale = state(incident())

    now = NOW + 6 * MINUTE
    assert decide(memory, (), stale, now=now, looked=False).tell == ()


def test_many_reminders_at_once_are_one() -> None:
    ones = [incident(str(n)) for n in range(20)]
    threads = {one.id: replace(ON_SCREEN, notified_at=NOW) for one in ones}

    found = reminder_at(5, replace(WATCHED, threads=threads), state(*ones))

    (digest,) = found.tell
    assert isinstance(digest, ReminderDigest)
    assert digest.incidents == tuple(ones)
    assert digest.urgency is Urgency.CRITICAL


def test_reminders_can_be_switched_off_and_where_none_is_due_nothing_is_written() -> (
    None
):
    memory = replace(decided(news(None, incident())).memory, seen_at=NOW + 16 * MINUTE)
    off = state(incident(), rules=Rules(notify=frozenset()))
    now = NOW + 16 * MINUTE
    fresh = replace(off, freshness=replace(off.freshness, read_at=now, watermark=now))

    found = decide(memory, (), fresh, now=now, looked=False)

    assert found.tell == ()
    assert found.memory is memory


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"snoozes": Snoozes(everything=NOW + timedelta(hours=1))}, False),
        ({"rules": Rules(quiet_hours=QUIET)}, True),
        ({"rules": Rules(quiet_hours=replace(QUIET, bypass=None))}, False),
    ],
    ids=["snoozed", "quiet", "quiet for all"],
)
def test_a_reminder_gets_through_a_rest_as_its_incident_would(
    fields: dict[str, object], *, told: bool
) -> None:
    memory = decided(news(None, incident())).memory

    assert bool(reminder_at(6, memory, state(incident(), **fields)).tell) is told


def test_what_was_never_told_is_not_reminded_of() -> None:
    memory = replace(WATCHED, threads={incident().id: Thread(touched_at=NOW)})

    assert reminder_at(16, memory, state(incident())).tell == ()


@pytest.mark.parametrize("assignees", [(ADA,), ()], ids=["mine", "nobody's"])
def test_a_forgotten_acknowledgement_is_told_if_wanted(
    assignees: tuple[UserId, ...],
) -> None:
    mine = replace(
        MINE, assignees=assignees, status="acknowledged", acknowledged_by=ADA
    )
    thread = Thread(touched_at=NOW, acknowledged_at=NOW)
    memory = replace(WATCHED, threads={mine.id: thread})
    wanted = Rules(notify=frozenset({Topic.FORGOTTEN}))

    assert reminder_at(241, memory, state(mine)).tell == ()
    found = reminder(reminder_at(241, memory, state(mine, rules=wanted)))
    assert (found.kind, found.since) == (ReminderKind.FORGOTTEN, NOW)
    told = []
    for minute in range(230, 800, 10):
        due = reminder_at(minute, memory, state(mine, rules=wanted))
        memory = due.memory
        told += [minute for _ in due.tell]
    assert told == [240, 480, 720]
    theirs = replace(thread, acknowledged_at=None, notified_at=NOW)
    memory = replace(memory, threads={mine.id: theirs})
    assert reminder_at(241, memory, state(mine, rules=wanted)).tell == ()


def test_the_team_s_feed_alone_tells_too() -> None:
    nobody = replace(state(incident()).me, ids=frozenset())

    found = decided(news(None, incident(), feed=TEAM), me=nobody)

    assert topic(found) is Topic.OPENED

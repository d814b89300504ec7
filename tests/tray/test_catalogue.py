"""The catalogue of notifications, a row each: what is told, how loudly, and how."""

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
from tray_app.model.intents import Act, OpenIncident, Verb
from tray_app.model.memory import Memory, OwnAction, Thread
from tray_app.model.news import News
from tray_app.model.rules import QuietHours, Rules, Topic
from tray_app.model.state import Problem, ProblemKind, Snoozes, TrayState
from tray_app.model.view import Notification, Urgency
from tray_app.policy.decide import decide
from tray_app.policy.gates import Disposition
from tray_app.policy.verdicts import Decided

MINE = incident(assignees=(ADA,))
ON_SCREEN = Thread(touched_at=NOW, told_at=NOW, on_screen=True)
SEEN = replace(WATCHED, threads={MINE.id: ON_SCREEN})


def decided(one: News, memory: Memory = WATCHED, **fields: object) -> Decided:
    after = one.change.after
    shown = [after] if after is not None and after.is_open else []
    return decide(memory, [one], state(*shown, **fields), now=NOW)


def only(found: Decided) -> Notification:
    (notification,) = found.tell
    return notification


def outcome(found: Decided) -> Disposition:
    (verdict,) = found.verdicts
    return verdict.outcome


def test_a_new_critical_one_is_told_with_its_place_and_buttons() -> None:
    new = incident(labels=(("region", "eu-west-1"), ("service", "checkout")))

    found = only(decided(news(None, new)))

    assert found.title == "Critical: payment-latency"
    assert found.body == "checkout · eu-west-1 · nobody assigned · opened 12:00"
    assert [one.label for one in found.buttons] == [
        "Acknowledge",
        "Assign to me",
        "Open",
    ]
    assert found.buttons[0].intent == Act(Verb.ACKNOWLEDGE, (new.id,))
    assert found.click == OpenIncident(new.id)
    assert (found.urgency, found.expires_after) == (Urgency.CRITICAL, 0)
    assert found.sound
    assert (found.key, found.told) == ("incident:a", "TEAM#ops:1")


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
    assert outcome(found) is (Disposition.TOLD if told else Disposition.SILENT)


@pytest.mark.parametrize(
    "new", [incident(status="acknowledged"), incident(muted=True)], ids=["ack", "mute"]
)
def test_a_new_one_that_is_acknowledged_or_muted_is_history(new: Incident) -> None:
    found = decided(news(None, new))

    assert found.tell == ()
    assert "acknowledged" in found.verdicts[0].rule or "muted" in found.verdicts[0].rule


def test_somebody_else_s_error_is_not_told_and_a_critical_one_is() -> None:
    hers = incident(assignees=(DANA,))

    assert decided(news(None, hers)).tell
    assert not decided(news(None, replace(hers, severity="error"))).tell


def test_what_concerns_me_is_told_by_my_own_feed_alone() -> None:
    found = decided(news(None, MINE))

    assert found.tell == ()
    assert outcome(found) is Disposition.SILENT
    assert decided(news(None, MINE, feed=OWN, joined=True)).tell


def test_raised_says_from_what_to_what() -> None:
    before = incident(severity="error", assignees=(ADA,))
    after = replace(before, severity="critical")

    found = only(decided(news(before, after, feed=OWN)))

    assert found.title == "Raised to Critical: payment-latency"
    assert found.body == "was Error · you are assigned"
    assert found.urgency is Urgency.CRITICAL


def test_lowered_updates_what_is_on_the_screen_and_else_is_silent() -> None:
    change = news(MINE, replace(MINE, severity="warning"), feed=OWN)

    assert decided(change).tell == ()
    found = only(decided(change, SEEN))
    assert found.title == "Lowered to Warning: payment-latency"
    assert (found.urgency, found.sound) == (Urgency.LOW, False)


@pytest.mark.parametrize("severity", ["critical", "low"])
def test_being_assigned_is_always_told_and_by_whom(severity: str) -> None:
    mine = replace(MINE, severity=severity, assigned_by=((ADA, DANA),))
    before = replace(mine, opened_at=NOW - timedelta(minutes=12))
    change = news(None, before, feed=OWN, joined=True)

    found = only(decided(change, rules=Rules(notify=frozenset())))

    assert found.title == "Dana assigned you: payment-latency"
    assert found.body == f"{severity.capitalize()} · open 12 min"
    assert [one.key for one in found.buttons] == ["ack", "release", "open"]


def test_being_assigned_by_oneself_or_by_somebody_nameless() -> None:
    old = replace(MINE, opened_at=NOW - timedelta(hours=1))
    mine = replace(old, assigned_by=((ADA, ADA),))
    nameless = replace(old, assigned_by=((ADA, UserId("0f8b-uuid")),))

    assert decided(news(None, mine, feed=OWN, joined=True)).tell == ()
    found = only(decided(news(None, nameless, feed=OWN, joined=True)))
    assert found.title == "Assigned to you: payment-latency"


@pytest.mark.parametrize(
    ("assignees", "body", "keys"),
    [
        ((DANA,), "Dana took over", ["open"]),
        ((), "nobody is assigned now", ["assign", "open"]),
    ],
)
def test_being_unassigned_says_who_has_it_now(
    assignees: tuple[UserId, ...], body: str, keys: list[str]
) -> None:
    after = replace(MINE, assignees=assignees)

    found = only(decided(news(MINE, after, feed=OWN, left=True)))

    assert found.title == "No longer yours: payment-latency"
    assert found.body == body
    assert [one.key for one in found.buttons] == keys


@pytest.mark.parametrize(
    ("who", "called"),
    [
        ("dana@example.com", "Dana"),
        ("amir.haddad@example.com", "Amir Haddad"),
        ("o_neil@example.com", "O Neil"),
        ("..@example.com", "Someone"),
    ],
)
def test_a_sentence_begins_with_a_name_as_people_write_it(
    who: str, called: str
) -> None:
    after = replace(MINE, assigned_by=((ADA, UserId(who)),))

    found = only(decided(news(None, after, feed=OWN, joined=True)))

    assert found.title.startswith(f"{called} assigned you: ")


def test_acknowledged_by_another_is_said_in_passing_and_taken_back() -> None:
    after = replace(MINE, status="acknowledged", acknowledged_by=DANA)
    change = news(MINE, after, feed=OWN)

    found = decided(change, SEEN)

    assert only(found).title == "Dana acknowledged: payment-latency"
    assert only(found).expires_after == 8
    later = decide(
        found.memory, (), state(after), now=NOW + timedelta(seconds=8), looked=False
    )
    assert later.withdraw == ("incident:a",)
    assert decided(change).tell == ()


def test_what_is_said_in_passing_takes_its_time_once_it_can_be_shown() -> None:
    after = incident(severity="error")
    mute = Problem(kind=ProblemKind.NO_NOTIFICATIONS, since=NOW)
    found = decided(news(incident(), after), SEEN, troubles=(mute,))

    memory = reminder_at(1, found.memory, state(after, troubles=(mute,))).memory
    shown = state(after)

    assert found.tell
    assert reminder_at(1, memory, shown).withdraw == ()
    assert reminder_at(2, memory, shown).withdraw == (found.tell[0].key,)


def test_acknowledged_by_me_elsewhere_only_takes_it_back() -> None:
    after = replace(MINE, status="acknowledged", acknowledged_by=ADA)

    found = decided(news(MINE, after, feed=OWN), SEEN)

    assert (found.tell, found.withdraw) == ((), ("incident:a",))
    assert found.verdicts[0].rule == "you did it yourself"


def test_an_action_of_mine_is_no_news_even_where_no_name_is_told() -> None:
    after = replace(MINE, status="acknowledged")
    own = OwnAction(id=MINE.id, verb=Verb.ACKNOWLEDGE, at=NOW)

    found = decided(news(MINE, after, feed=OWN), SEEN.did(own))

    assert (found.tell, found.withdraw) == ((), ("incident:a",))


def test_open_again_says_when_it_ended_and_how_often() -> None:
    thread = Thread(
        touched_at=NOW,
        openings=(NOW - timedelta(hours=3), NOW - timedelta(hours=1)),
        resolved_at=NOW - timedelta(minutes=35),
    )
    old = incident(opened_at=NOW - timedelta(hours=3))
    memory = replace(WATCHED, threads={old.id: thread})

    found = only(decided(news(None, old), memory))

    assert found.title == "Open again: payment-latency"
    assert found.body == "resolved 35 min ago · 3rd time today"


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

    assert only(decided(news(None, back, feed=OWN, joined=True), memory)).title == (
        "Open again: payment-latency"
    )
    # Open all along since, it has come to me because somebody gave it to me.
    since = replace(ended, openings=(NOW - 2 * MINUTE, NOW))
    memory = replace(WATCHED, threads={MINE.id: since})
    assert only(decided(news(None, back, feed=OWN, joined=True), memory)).title == (
        "Dana assigned you: payment-latency"
    )


def test_resolved_is_told_if_mine_and_told_before() -> None:
    before = replace(MINE, opened_at=NOW - timedelta(minutes=48))
    after = replace(before, status="resolved", closed_at=NOW, resolved_by=DANA)
    change = news(before, after, feed=OWN)

    found = decided(change, SEEN)

    assert only(found).title == "Resolved: payment-latency"
    assert only(found).body == "after 48 min · by dana"
    assert only(found).urgency is Urgency.LOW
    assert decided(change).tell == ()


def test_resolved_while_nobody_s_is_only_taken_back() -> None:
    before = incident()
    after = replace(before, status="resolved", closed_at=NOW)

    found = decided(news(before, after), SEEN)

    assert (found.tell, found.withdraw) == ((), ("incident:a",))


def test_muted_is_taken_back_and_un_muted_is_told() -> None:
    before = incident()
    muted = replace(before, muted=True)

    assert decided(news(before, muted), SEEN).withdraw == ("incident:a",)
    assert only(decided(news(muted, before))).title == "Un-muted: payment-latency"


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
    assert found.withdraw == (() if after else ("incident:a",))


@pytest.mark.parametrize("status", ["triggered", "acknowledged"])
@pytest.mark.parametrize("assignees", [(), (DANA,)])
def test_what_leaves_me_is_told_however_low_and_whoever_has_it(
    assignees: tuple[UserId, ...], status: str
) -> None:
    before = replace(MINE, severity="low", status=status)
    after = replace(before, assignees=assignees)

    found = decided(news(before, after, feed=OWN, left=True))

    assert only(found).title == "No longer yours: payment-latency"


def test_what_comes_to_me_acknowledged_is_told_and_says_so() -> None:
    mine = replace(MINE, severity="low", status="acknowledged")

    found = only(decided(news(incident(), mine, feed=OWN, joined=True)))

    assert found.body == "Low · open 0 s · acknowledged"


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
        assert (found.tell, found.withdraw) == ((), ("incident:a",))


@pytest.mark.parametrize("after", ENDINGS[:2], ids=["ack", "end"])
def test_what_flaps_is_taken_back_without_a_word(after: Incident) -> None:
    flaps = {MINE.id: replace(ON_SCREEN, flapping=True)}

    found = decided(news(MINE, after, feed=OWN), replace(SEEN, threads=flaps))

    assert (found.tell, found.withdraw) == ((), ("incident:a",))


def test_what_is_somebody_else_s_is_withdrawn_when_acknowledged_and_told_if_muted() -> (
    None
):
    hers = incident(assignees=(DANA,))
    acknowledged = replace(hers, status="acknowledged", acknowledged_by=DANA)
    muted = replace(hers, muted=True)

    assert decided(news(hers, acknowledged), SEEN, rules=EVERYTHING).tell == ()
    found = only(decided(news(hers, muted), SEEN, rules=EVERYTHING))
    assert (found.title, found.body) == ("Muted: payment-latency", "alert suppression")


@pytest.mark.parametrize(
    ("minutes", "by", "what", "line"),
    [
        (30, DANA, Disposition.WITHDRAWN, "dana snoozed “payment-latency” until 12:30"),
        (30, None, Disposition.WITHDRAWN, "“payment-latency” snoozed until 12:30"),
        (-1, DANA, Disposition.SILENT, "dana snoozed “payment-latency” until 11:59"),
    ],
)
def test_snoozed_in_coralogix_is_history_and_takes_back_what_stands(
    minutes: int, by: UserId | None, what: Disposition, line: str
) -> None:
    until = NOW + minutes * MINUTE
    after = replace(incident(), snoozed_until=until, snoozed_by=by)

    found = decided(news(incident(), after), SEEN, rules=Rules(notify=frozenset(Topic)))

    assert found.tell == ()
    assert (outcome(found), found.verdicts[0].text) == (what, line)
    assert bool(found.withdraw) is (what is Disposition.WITHDRAWN)


def test_reminders_wait_for_the_end_of_a_snooze_in_coralogix() -> None:
    snoozed = replace(incident(), snoozed_until=NOW + 20 * MINUTE)
    memory = decided(news(None, snoozed)).memory

    assert reminder_at(16, memory, state(snoozed)).tell == ()
    after = only(reminder_at(21, memory, state(snoozed)))
    assert after.title == "Still open 21 min: payment-latency"


NOT_SWITCHED_HERE = {
    Topic.ASSIGNED,  # always notifies
    Topic.REMINDER,  # these two come with time, and are held elsewhere
    Topic.FORGOTTEN,
    Topic.SNOOZED,  # these never notify
    Topic.EDITED,
    Topic.VANISHED,
}


@pytest.mark.parametrize("topic", sorted(set(Topic) - NOT_SWITCHED_HERE))
def test_every_topic_can_be_switched_off_but_being_assigned(topic: Topic) -> None:
    changes = {
        Topic.OPENED: news(None, incident()),
        Topic.REOPENED: news(None, incident(opened_at=NOW - timedelta(days=1))),
        Topic.RAISED: news(incident(severity="error"), incident()),
        Topic.LOWERED: news(incident(), incident(severity="error")),
        Topic.UNASSIGNED: news(MINE, incident(), feed=OWN, left=True),
        Topic.ACKNOWLEDGED: news(incident(), incident(status="acknowledged")),
        Topic.RESOLVED: news(MINE, replace(MINE, status="resolved"), feed=OWN),
        Topic.MUTED: news(incident(), incident(muted=True)),
        Topic.UNMUTED: news(incident(muted=True), incident()),
    }
    change = changes[topic]
    memory = SEEN if topic is not Topic.LOWERED else WATCHED

    on = decided(change, memory, rules=Rules(notify=frozenset(Topic)))
    off = decided(change, memory, rules=Rules(notify=frozenset(Topic) - {topic}))

    assert on.tell
    assert off.tell == ()


def test_sound_is_a_rule_of_its_own() -> None:
    change = news(None, incident())
    quiet = Rules(sound=frozenset())
    loud = Rules(sound_from=Severity.ERROR)

    assert not only(decided(change, rules=quiet)).sound
    assert only(decided(change, rules=loud)).sound
    assert only(decided(news(None, incident(severity="error")), rules=loud)).sound
    assert not only(decided(news(None, incident(severity="error")))).sound


def test_buttons_that_the_key_may_not_use_are_absent() -> None:
    change = news(None, incident())

    some = only(decided(change, forbidden=frozenset({Verb.ACKNOWLEDGE})))
    none = only(decided(change, can_act=False, link=""))

    assert [one.key for one in some.buttons] == ["assign", "open"]
    assert none.buttons == ()
    assert none.click is None


def test_a_click_on_the_text_never_changes_anything() -> None:
    for change in (news(None, incident()), news(None, MINE, feed=OWN, joined=True)):
        assert isinstance(only(decided(change)).click, OpenIncident | None)


def reminder_at(minutes: int, memory: Memory, one: TrayState) -> Decided:
    now = NOW + minutes * MINUTE
    fresh = replace(one, freshness=replace(one.freshness, read_at=now, watermark=now))
    return decide(replace(memory, seen_at=now), (), fresh, now=now, looked=False)


def test_a_critical_one_that_nobody_acknowledges_is_told_again_three_times() -> None:
    one = state(incident())
    memory, titles = decided(news(None, incident())).memory, []
    for minute in range(1, 60):
        found = reminder_at(minute, memory, one)
        memory = found.memory
        titles += [(minute, said.title) for said in found.tell]

    assert titles == [
        (5, "Still open 5 min: payment-latency"),
        (15, "Still open 15 min: payment-latency"),
        (30, "Still open 30 min: payment-latency"),
    ]


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
    threads = {one.id: replace(ON_SCREEN, told_at=NOW) for one in ones}

    found = reminder_at(5, replace(WATCHED, threads=threads), state(*ones))

    assert only(found).title == "Still open: 20 critical incidents"


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
    found = only(reminder_at(241, memory, state(mine, rules=wanted)))
    assert found.title == "Still acknowledged by you: payment-latency"
    assert found.body == "4 h · still triggered"
    told = []
    for minute in range(230, 800, 10):
        due = reminder_at(minute, memory, state(mine, rules=wanted))
        memory = due.memory
        told += [minute for _ in due.tell]
    assert told == [240, 480, 720]
    theirs = replace(thread, acknowledged_at=None, told_at=NOW)
    memory = replace(memory, threads={mine.id: theirs})
    assert reminder_at(241, memory, state(mine, rules=wanted)).tell == ()


def test_the_team_s_feed_alone_tells_too() -> None:
    nobody = replace(state(incident()).me, ids=frozenset())

    found = decided(news(None, incident(), feed=TEAM), me=nobody)

    assert only(found).title == "Critical: payment-latency"

"""The sentences of notifications and of the history, each once; policy decides them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from incidents.follow import ResyncReason
from incidents.models import Incident, IncidentId, Severity, UserId
from tests.tray.desk import ADA, DANA, ME, MINUTE, NOW, OWN, incident, news, state
from tray_app.model.intents import Act, OpenIncident, Verb
from tray_app.model.memory import Grouped, QuietReason, Thread
from tray_app.model.news import Meaning, News
from tray_app.model.rules import Ownership, Topic
from tray_app.model.view import Notification, Urgency
from tray_app.policy.decisions import (
    Announcement,
    Baseline,
    Digest,
    Reminder,
    ReminderDigest,
    ReminderKind,
    Summary,
    Tell,
)
from tray_app.policy.reasons import Amendment, Reason, Rule
from tray_app.present import reasons, texts
from tray_app.present.notifications import build

OPENED = news(None, incident())
MINE = incident(assignees=(ADA,))


def tell(
    change: News = OPENED,
    topic: Topic = Topic.OPENED,
    by: UserId | None = None,
    thread: Thread | None = None,
    flapping: int | None = None,
) -> Tell:
    return Tell(
        news=change,
        meaning=Meaning(topic=topic, ownership=Ownership.MINE, by=by),
        thread=thread or Thread(touched_at=NOW),
        urgency=Urgency.CRITICAL,
        sound=True,
        flapping=flapping,
    )


def shown(one: Announcement, **fields: object) -> Notification:
    return build(one, state(**fields), NOW)


def changed(before: Incident, **fields: object) -> News:
    return news(before, replace(before, **fields), feed=OWN)  # type: ignore[arg-type]  # each row knows


OLD = replace(MINE, opened_at=NOW - 48 * MINUTE)
ENDED = Thread(
    touched_at=NOW,
    openings=(NOW - 3 * MINUTE, NOW - 2 * MINUTE, NOW),
    resolved_at=NOW - 35 * MINUTE,
)


@pytest.mark.parametrize(
    ("one", "title", "body"),
    [
        (tell(), "Critical", "nobody assigned · opened 12:00"),
        (
            tell(
                news(
                    None,
                    incident(labels=(("region", "eu-west-1"), ("service", "checkout"))),
                )
            ),
            "Critical",
            "checkout · eu-west-1 · nobody assigned · opened 12:00",
        ),
        (
            tell(
                changed(replace(MINE, severity="error"), severity="critical"),
                Topic.RAISED,
            ),
            "Raised to Critical",
            "was Error · you are assigned",
        ),
        (
            tell(changed(MINE, severity="warning"), Topic.LOWERED),
            "Lowered to Warning",
            "was Critical · you are assigned",
        ),
        (
            tell(news(None, OLD), Topic.ASSIGNED, DANA),
            "Dana assigned you",
            "Critical · open 48 min",
        ),
        (
            tell(news(None, OLD), Topic.ASSIGNED, UserId("0f8b-uuid")),
            "Assigned to you",
            "Critical · open 48 min",
        ),
        (
            tell(news(None, replace(OLD, status="acknowledged")), Topic.ASSIGNED),
            "Assigned to you",
            "Critical · open 48 min · acknowledged",
        ),
        (
            tell(changed(MINE, assignees=(DANA,)), Topic.UNASSIGNED),
            "No longer yours",
            "Dana took over",
        ),
        (
            tell(changed(MINE, assignees=()), Topic.UNASSIGNED),
            "No longer yours",
            "nobody is assigned now",
        ),
        (
            tell(changed(OLD, status="acknowledged"), Topic.ACKNOWLEDGED, DANA),
            "Dana acknowledged",
            "after 48 min",
        ),
        (
            tell(changed(OLD, status="resolved", closed_at=NOW), Topic.RESOLVED, DANA),
            "Resolved",
            "after 48 min · by dana",
        ),
        (
            tell(topic=Topic.REOPENED, thread=ENDED),
            "Open again",
            "resolved 35 min ago · 3rd time today",
        ),
        (tell(topic=Topic.MUTED), "Muted", "alert suppression"),
        (tell(topic=Topic.UNMUTED), "Un-muted", "nobody assigned · opened 12:00"),
        (tell(flapping=4), "Flapping", "4\u00d7 in 30 min; quiet until it settles"),
    ],
)
def test_a_change_is_told_with_the_incident_s_name(
    one: Tell, title: str, body: str
) -> None:
    notification = shown(one)

    assert notification.title == f"{title}: payment-latency"
    assert notification.body == body
    assert notification.key == "incident:a"
    assert notification.id == one.id


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
    found = shown(tell(topic=Topic.ASSIGNED, by=UserId(who)))

    assert found.title.startswith(f"{called} assigned you: ")


@pytest.mark.parametrize(
    ("one", "keys"),
    [
        (tell(), ["ack", "assign", "open"]),
        (
            tell(changed(incident(), assignees=(ADA,)), Topic.ASSIGNED),
            ["ack", "release", "open"],
        ),
        (tell(changed(MINE, assignees=(DANA,)), Topic.UNASSIGNED), ["open"]),
        (tell(changed(MINE, assignees=()), Topic.UNASSIGNED), ["assign", "open"]),
    ],
)
def test_the_buttons_are_what_a_person_is_likeliest_to_do(
    one: Tell, keys: list[str]
) -> None:
    found = shown(one)

    assert [button.key for button in found.buttons] == keys
    assert found.click == OpenIncident(IncidentId("a"))


def test_the_first_button_of_a_new_one_acknowledges_it() -> None:
    first, second, third = shown(tell()).buttons

    assert first.intent == Act(Verb.ACKNOWLEDGE, (IncidentId("a"),))
    assert [first.label, second.label, third.label] == [
        "Acknowledge",
        "Assign to me",
        "Open",
    ]


def test_buttons_that_the_key_may_not_use_are_absent() -> None:
    forbidden = shown(tell(), forbidden=frozenset({Verb.ACKNOWLEDGE}))
    bare = shown(tell(), can_act=False, link="")

    assert [one.key for one in forbidden.buttons] == ["assign", "open"]
    assert bare.buttons == ()
    assert bare.click is None


@pytest.mark.parametrize(
    ("urgency", "seconds"),
    [(Urgency.LOW, 8.0), (Urgency.NORMAL, None), (Urgency.CRITICAL, 0.0)],
)
def test_what_is_urgent_stays_and_what_is_not_goes_by_itself(
    urgency: Urgency, seconds: float | None
) -> None:
    found = shown(replace(tell(), urgency=urgency, sound=False))

    assert (found.urgency, found.sound) == (urgency, False)
    assert found.expires_after == seconds


@pytest.mark.parametrize(
    ("kind", "title", "body"),
    [
        (ReminderKind.SNOOZE_OVER, "Still open", "its snooze is over"),
        (ReminderKind.UNACKNOWLEDGED, "Still open 15 min", "nobody has acknowledged"),
        (
            ReminderKind.FORGOTTEN,
            "Still acknowledged by you",
            "15 min · still triggered",
        ),
    ],
)
def test_a_reminder_says_why_it_is_told_again(
    kind: ReminderKind, title: str, body: str
) -> None:
    one = Reminder(
        id="r",
        kind=kind,
        incident=incident(),
        since=NOW - 15 * MINUTE,
        urgency=Urgency.NORMAL,
        sound=False,
    )

    found = shown(one)

    assert (found.title, found.body) == (f"{title}: payment-latency", body)
    assert (found.key, found.id) == ("incident:a", "r")


def test_many_reminders_are_one() -> None:
    ones = tuple(incident(str(n)) for n in range(20))

    found = shown(
        ReminderDigest(id="r", incidents=ones, urgency=Urgency.CRITICAL, sound=True)
    )

    assert found.title == "Still open: 20 critical incidents"
    assert (found.key, found.body) == ("reminders", "20\u00d7 payment-latency")


def digest(names: str, severity: str = "error", *, opened: bool = True) -> Digest:
    return Digest(
        id="d",
        incidents={
            IncidentId(str(n)): Grouped(name=name, severity=severity, opened=opened)
            for n, name in enumerate(names.split())
        },
        worst=incident(),
        urgency=Urgency.NORMAL,
        sound=False,
    )


@pytest.mark.parametrize(
    ("one", "title", "body"),
    [
        (digest("p p k p"), "4 new incidents", "3\u00d7 p, k"),
        (digest("a b c c"), "4 new incidents", "2\u00d7 c, a, 1 more"),
        (digest("a b", "critical"), "2 new incidents (2 critical)", "a, b"),
        (digest("a b", opened=False), "2 incidents changed", "a, b"),
    ],
)
def test_a_digest_says_how_many_how_bad_and_the_commonest_names(
    one: Digest, title: str, body: str
) -> None:
    found = shown(one)

    assert (found.key, found.title, found.body) == ("digest", title, body)
    assert [button.label for button in found.buttons] == ["Show worst", "Snooze 30 min"]


def test_a_hostile_name_in_a_digest_is_one_line_of_what_can_be_seen() -> None:
    one = digest("name")
    hostile = Grouped(name="a\u202eb\n c" + "x" * 300, severity="error", opened=True)

    _, body = texts.digest({**one.incidents, IncidentId("h"): hostile})

    assert body.isprintable()
    assert len(body) <= 32 + len("name, ")


@pytest.mark.parametrize(
    ("reason", "title"),
    [
        (QuietReason.AWAY, "While you were away (7 h)"),
        (QuietReason.SNOOZED, "While you were snoozing (7 h)"),
        (QuietReason.QUIET_HOURS, "In the quiet hours (7 h)"),
    ],
)
@pytest.mark.parametrize(
    ("mine", "ended", "body"),
    [
        (0, 0, "2 still open"),
        (1, 0, "2 still open, 1 yours"),
        (0, 3, "2 still open · 3 came and went"),
    ],
)
def test_a_summary_says_why_how_long_and_what_is_left(
    reason: QuietReason, title: str, mine: int, ended: int, body: str
) -> None:
    found = shown(
        Summary(
            id="s",
            reason=reason,
            since=NOW - timedelta(hours=7),
            open=2,
            mine=mine,
            ended=ended,
            urgency=Urgency.NORMAL,
            sound=False,
        )
    )

    assert (found.key, found.title, found.body) == ("summary", title, body)


CAUGHT_UP = "Caught up: 6 open incidents"


@pytest.mark.parametrize(
    ("reason", "title", "body"),
    [
        (ResyncReason.FIRST, "Watching 6 open incidents", "1 critical, 2 yours"),
        (
            ResyncReason.EXPIRED,
            CAUGHT_UP,
            "You were away for longer than changes are kept.",
        ),
        (
            ResyncReason.RESTORED,
            CAUGHT_UP,
            "The table was restored or made anew.",
        ),
        (
            ResyncReason.LOST,
            CAUGHT_UP,
            "Some changes are missing; this is how it stands now.",
        ),
    ],
)
def test_a_feed_read_from_its_beginning_is_one_line(
    reason: ResyncReason, title: str, body: str
) -> None:
    found = shown(Baseline(id="b", reason=reason, open=6, critical=1, mine=2))

    assert (found.key, found.title, found.body) == ("baseline", title, body)


def test_the_first_start_says_so_if_nothing_is_open() -> None:
    found = shown(
        Baseline(id="b", reason=ResyncReason.FIRST, open=0, critical=0, mine=0)
    )

    assert (found.title, found.body) == (
        "Watching 0 open incidents",
        "nothing is open",
    )


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        (
            Reason(rule=Rule.NOTIFY_IS_ON, topic=Topic.OPENED, severity="critical"),
            "opened: notify is on, critical",
        ),
        (
            Reason(rule=Rule.OWN_FEED, topic=Topic.OPENED),
            "your own feed tells what concerns you",
        ),
        (
            Reason(rule=Rule.OWN_ACTION, topic=Topic.ACKNOWLEDGED),
            "you did it yourself",
        ),
        (Reason(rule=Rule.HISTORY_ONLY, topic=Topic.EDITED), "edited: history only"),
        (
            Reason(rule=Rule.HISTORY_ONLY, topic=Topic.SNOOZED),
            "snoozed in Coralogix: history only",
        ),
        (
            Reason(rule=Rule.MUTED_IN_CORALOGIX, topic=Topic.OPENED),
            "it is muted in Coralogix",
        ),
        (
            Reason(rule=Rule.EASING, topic=Topic.LOWERED, amendment=Amendment.QUIET),
            "lowered: updates what is on the screen; nothing is said now",
        ),
        (Reason(rule=Rule.EASING, topic=Topic.MUTED), "muted"),
        (
            Reason(
                rule=Rule.EASING, topic=Topic.RESOLVED, amendment=Amendment.OVERTAKEN
            ),
            (
                "resolved: told if it was yours and told before;"
                " overtaken before it was told"
            ),
        ),
        (
            Reason(
                rule=Rule.EASING, topic=Topic.ACKNOWLEDGED, amendment=Amendment.CLEARED
            ),
            (
                "acknowledged: told where its notification still stands;"
                " burst: taken back instead"
            ),
        ),
        (
            Reason(rule=Rule.ACKNOWLEDGED, topic=Topic.RAISED),
            "raised, but already acknowledged",
        ),
        (
            Reason(rule=Rule.SWITCHED_OFF, topic=Topic.LOWERED),
            "lowered: notify is off",
        ),
        (
            Reason(
                rule=Rule.BELOW_NOTIFY_FROM,
                topic=Topic.OPENED,
                threshold=Severity.ERROR,
                amendment=Amendment.DIGEST,
            ),
            "notify_from is error; burst: told in the digest",
        ),
        (
            Reason(rule=Rule.OTHERS, topic=Topic.OPENED, threshold=Severity.CRITICAL),
            "somebody else's: notify_others_from is critical",
        ),
        (
            Reason(rule=Rule.OTHERS, topic=Topic.OPENED),
            "somebody else's: notify_others_from is never",
        ),
        (
            Reason(
                rule=Rule.SNOOZED_INCIDENT,
                topic=Topic.OPENED,
                until=NOW + timedelta(hours=1),
            ),
            "you snoozed it until 13:00",
        ),
        (
            Reason(
                rule=Rule.QUIET_PERIOD,
                topic=Topic.OPENED,
                until=NOW + timedelta(hours=1),
                quiet=QuietReason.SNOOZED,
            ),
            "snoozed until 13:00",
        ),
        (
            Reason(
                rule=Rule.QUIET_PERIOD,
                topic=Topic.OPENED,
                until=NOW + timedelta(days=1),
                quiet=QuietReason.QUIET_HOURS,
            ),
            "quiet hours until Thu 12:00",
        ),
        (
            Reason(rule=Rule.AWAY, topic=Topic.OPENED),
            "it happened while nothing was being watched",
        ),
        (
            Reason(rule=Rule.STILL_FLAPPING, topic=Topic.REOPENED),
            "flapping: history only",
        ),
        (
            Reason(
                rule=Rule.FLAPPING,
                topic=Topic.REOPENED,
                openings=3,
                span=timedelta(minutes=30),
            ),
            "flapping: opened 3 times in 30 min",
        ),
    ],
)
def test_every_rule_has_its_sentence(reason: Reason, sentence: str) -> None:
    assert reasons.sentence(reason, NOW) == sentence


@pytest.mark.parametrize(
    ("change", "topic", "by", "line"),
    [
        (OPENED, Topic.OPENED, None, "“payment-latency” opened · Critical"),
        (OPENED, Topic.ASSIGNED, DANA, "dana assigned you “payment-latency”"),
        (OPENED, Topic.ASSIGNED, None, "“payment-latency” came to you"),
        (
            changed(MINE, assignees=(DANA,)),
            Topic.UNASSIGNED,
            None,
            "“payment-latency” left you · Dana took over",
        ),
        (
            changed(MINE, severity="error"),
            Topic.LOWERED,
            None,
            "“payment-latency” lowered to Error",
        ),
        (
            changed(incident(), assignees=(DANA,)),
            Topic.EDITED,
            None,
            "“payment-latency”: assigned to dana",
        ),
        (
            changed(incident(), description="x"),
            Topic.EDITED,
            None,
            "“payment-latency” edited",
        ),
        (OPENED, Topic.MUTED, DANA, "dana muted “payment-latency”"),
        (OPENED, Topic.RESOLVED, None, "“payment-latency” resolved"),
        (
            changed(incident(), snoozed_until=NOW + 30 * MINUTE),
            Topic.SNOOZED,
            DANA,
            "dana snoozed “payment-latency” until 12:30",
        ),
        (
            changed(incident(), snoozed_until=NOW - MINUTE),
            Topic.SNOOZED,
            None,
            "“payment-latency” snoozed until 11:59",
        ),
    ],
)
def test_the_history_has_a_line_for_every_change(
    change: News, topic: Topic, by: UserId | None, line: str
) -> None:
    meaning = Meaning(topic=topic, ownership=Ownership.MINE, by=by)

    assert texts.history(change.change, meaning, NOW) == line


def test_a_change_of_another_s_names_who_has_it() -> None:
    hers = news(None, incident(assignees=(DANA,)))

    title, body = texts.change(tell(hers), ME, NOW)

    assert title == "Critical: payment-latency"
    assert body == "assigned to dana · opened 12:00"

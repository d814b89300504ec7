"""The menu and the icon: pure, bounded, still, and true."""

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidents.models import Incident, IncidentId, Severity, UserId
from tests.tray.desk import ADA, DANA, LINK, ME, MINUTE, NOW, aged, incident, state
from tray_app.desktop.icon import draw
from tray_app.model.freshness import Freshness
from tray_app.model.intents import (
    Act,
    Intent,
    OpenLogs,
    OpenSettings,
    SendNow,
    SignIn,
    Undo,
    Verb,
)
from tray_app.model.rules import QuietHours, Rules
from tray_app.model.state import (
    Pending,
    Problem,
    ProblemKind,
    Recent,
    Snoozes,
    Stage,
    TrayState,
)
from tray_app.model.view import Badge, Entry, Item, Menu, Submenu
from tray_app.present import badge, menu

HOSTILE = st.text(max_size=80) | st.sampled_from(
    (
        "<b>&amp;</b> & <img src=x>",
        "\u202egnp.exe\u2066",
        "a\nb\tc\x00d\x1b[31m",
        "x" * 500,
        "javascript:alert(1)",
        "\ud800",
        "",
    )
)


def incidents() -> st.SearchStrategy[list[Incident]]:
    one = st.builds(
        incident,
        st.uuids().map(str),
        name=HOSTILE,
        severity=st.sampled_from(("critical", "error", "warning", "low")) | HOSTILE,
        status=st.sampled_from(("triggered", "acknowledged", "Strange")),
        muted=st.booleans(),
        assignees=st.lists(
            st.sampled_from((ADA, DANA)) | HOSTILE.map(UserId), max_size=3
        ).map(tuple),
        labels=st.lists(
            st.tuples(st.sampled_from(("service", "region")), HOSTILE), max_size=2
        ).map(tuple),
        opened_at=st.integers(0, 10**6).map(lambda s: NOW - timedelta(seconds=s)),
    )
    return st.lists(one, max_size=40)


@st.composite
def states(draw: st.DrawFn) -> TrayState:
    found = draw(incidents())
    kinds = draw(st.sets(st.sampled_from(ProblemKind), max_size=4))
    stages = draw(st.lists(st.sampled_from(Stage), max_size=len(found)))
    return state(
        *found,
        pending={
            one.id: Pending(
                id=one.id,
                verb=draw(st.sampled_from(Verb)),
                stage=stage,
                since=NOW,
                incident=one if stage is Stage.CONFIRMED else None,
                reason=draw(HOSTILE),
            )
            for one, stage in zip(found, stages, strict=False)
        },
        problems=tuple(
            Problem(kind=kind, since=NOW, detail=draw(HOSTILE)) for kind in kinds
        ),
        recent=tuple(
            Recent(at=NOW, id=one.id, text=one.name or one.id) for one in found[:12]
        ),
        forbidden=frozenset(draw(st.sets(st.sampled_from(Verb)))),
        can_act=draw(st.booleans()),
        link=draw(st.sampled_from(("", LINK))),
        snoozes=draw(
            st.sampled_from((Snoozes(), Snoozes(everything=NOW + timedelta(hours=1))))
        ),
    )


def every(entries: tuple[Entry, ...]) -> Iterator[Item | Submenu]:
    for entry in entries:
        if isinstance(entry, Item):
            yield entry
        elif isinstance(entry, Submenu):
            yield entry
            yield from every(entry.entries)


def is_seen(text: str) -> bool:
    """Whether nothing in *text* is unseen but changes the rest."""
    unseen = {"Cc", "Cf", "Co", "Cs"}
    return not unseen & {unicodedata.category(character) for character in text}


def intents(shown: Menu) -> list[Intent]:
    return [
        one.intent
        for one in every(shown.entries)
        if isinstance(one, Item) and one.intent is not None
    ]


def labels(shown: Menu) -> list[str]:
    return [one.label for one in every(shown.entries)]


@settings(max_examples=50, deadline=None)
@given(states())
def test_a_menu_is_small_clamped_clean_and_always_the_same(known: TrayState) -> None:
    shown = menu.build(known, NOW)

    assert len(shown.entries) <= 25
    for label in labels(shown):
        assert len(label) <= 62
        assert is_seen(label)
        assert label
    assert menu.build(known, NOW) == shown
    assert labels(shown)[-1] == "Quit"


@settings(max_examples=50, deadline=None)
@given(states())
def test_what_the_key_may_not_do_is_absent(known: TrayState) -> None:
    shown = menu.build(known, NOW)

    offered = {one.verb for one in intents(shown) if isinstance(one, Act)}

    assert not offered & known.forbidden
    assert known.can_act or not offered


@settings(max_examples=50, deadline=None)
@given(states())
def test_an_icon_is_one_state_with_a_tooltip_that_every_system_takes(
    known: TrayState,
) -> None:
    icon = badge.icon(known, NOW)

    assert len(icon.tooltip.encode("utf-16-le")) // 2 <= 127
    assert is_seen(icon.tooltip)
    assert icon.tooltip.startswith("Coralogix")
    assert badge.icon(known, NOW) == icon


def test_the_menu_stands_still_while_only_time_passes() -> None:
    known = state(*(incident(str(n), opened_at=NOW - MINUTE * 90) for n in range(9)))
    shown = {
        menu.build(replace(known, freshness=aged(now)), now)
        for now in (NOW + timedelta(seconds=20 * n) for n in range(60))
    }

    assert len(shown) == 1


def test_a_menu_answers_who_needs_you_and_lists_mine_first() -> None:
    known = state(
        incident("a", assignees=(ADA,), opened_at=NOW - 25 * MINUTE),
        incident("b", assignees=(ADA,), status="acknowledged", severity="error"),
        incident("c"),
        incident("d", assignees=(DANA,), severity="error"),
    )

    shown = labels(menu.build(known, NOW))

    assert shown[:2] == [
        "● Synced · feed live",
        "2 need you · 1 acknowledged · 1 unassigned",
    ]
    rows = [one for one in shown if one in ("MINE", "UNASSIGNED", "TEAM (1)")]
    assert rows == ["MINE", "UNASSIGNED", "TEAM (1)"]
    assert "■ CRIT  payment-latency · 20 m" in shown
    assert "▲ ERR  payment-latency · ack'd · now" in shown
    assert "▲ ERR  payment-latency (dana) · now" in shown


def test_a_thousand_incidents_are_a_small_menu_with_a_way_to_the_rest() -> None:
    ones = [incident(f"{n:04}") for n in range(1000)]

    shown = menu.build(state(*ones), NOW)

    assert "+994 more in Coralogix" in labels(shown)
    assert len(shown.entries) <= 25


def test_a_trouble_stands_where_the_freshness_does() -> None:
    shown = labels(menu.build(state(problems=(OFFLINE,)), NOW))

    assert shown[0] == "⚠ Offline since 12:00"
    assert "● Synced · feed live" not in shown


def test_a_group_with_nothing_in_it_has_no_heading() -> None:
    shown = labels(menu.build(state(incident(assignees=(ADA,))), NOW))

    assert "MINE" in shown
    assert not {"UNASSIGNED"} & set(shown)


@pytest.mark.parametrize(("number", "more"), [(6, 0), (9, 3)])
def test_the_team_s_are_six_at_the_most_and_a_way_to_the_rest(
    number: int, more: int
) -> None:
    hers = [incident(f"{n}", assignees=(DANA,)) for n in range(number)]

    shown = inside(menu.build(state(*hers), NOW), "TEAM")

    rest = [one for one in shown if "more in Coralogix" in one]
    assert rest == ([f"+{more} more in Coralogix"] if more else [])
    assert len(shown) == 6 + len(rest)


def test_quiet_hours_say_what_still_rings() -> None:
    for bypass, ending in ((Severity.CRITICAL, " (critical still rings)"), (None, "")):
        rules = Rules(quiet_hours=QuietHours(bypass=bypass))

        shown = labels(menu.build(state(rules=rules), NOW))

        assert f"Quiet hours 22:00\u201307:00{ending}" in shown


def test_a_resolve_that_is_held_can_be_taken_back() -> None:
    one = incident()
    held = Pending(id=one.id, verb=Verb.RESOLVE, stage=Stage.HELD, since=NOW)

    shown = menu.build(state(one, pending={one.id: held}), NOW)

    assert {Undo(one.id), SendNow(one.id)} <= set(intents(shown))
    assert Act(Verb.RESOLVE, (one.id,)) not in intents(shown)


SIGNED_OUT = Problem(kind=ProblemKind.SIGNED_OUT, since=NOW)
OFFLINE = Problem(kind=ProblemKind.OFFLINE, since=NOW)
FAILED = Pending(
    id=IncidentId("a"),
    verb=Verb.ACKNOWLEDGE,
    stage=Stage.FAILED,
    since=NOW,
    name="payment-latency",
)
ACK = incident("k", status="acknowledged")
OLD = Freshness(read_at=NOW - 6 * MINUTE, watermark=NOW)
STOPPED = Freshness(read_at=NOW, watermark=NOW - 6 * MINUTE)
HOUR = NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("known", "expected", "tooltip"),
    [
        (
            state(incident(), problems=(SIGNED_OUT, OFFLINE)),
            Badge.SIGNED_OUT,
            "sign-in expired. Nothing is being watched.",
        ),
        (
            state(incident(), problems=(OFFLINE,)),
            Badge.OFFLINE,
            "offline since 12:00 (showing 12:00)",
        ),
        (state(incident(), freshness=OLD), Badge.STALE, "no fresh data for 6 min"),
        (
            state(incident(), freshness=STOPPED),
            Badge.STALE,
            "no fresh data for 6 min (feed stopped 11:54)",
        ),
        (
            state(incident(), freshness=Freshness(read_at=NOW)),
            Badge.STALE,
            "no fresh data: no sync has completed yet",
        ),
        (
            state(incident(), pending={FAILED.id: FAILED}),
            Badge.FAILED,
            "Acknowledge of “payment-latency” failed: open the menu",
        ),
        (
            state(
                incident(),
                pending={FAILED.id: replace(FAILED, stage=Stage.UNCONFIRMED)},
            ),
            Badge.FAILED,
            "Acknowledge of “payment-latency” is not confirmed: open the menu",
        ),
        (
            state(incident("a"), incident("b"), ACK),
            Badge.CRITICAL,
            "3 open · 2 critical need you",
        ),
        (state(incident(severity="error")), Badge.ERROR, "1 open · 1 needs you"),
        (state(incident(severity="Odd")), Badge.WARNING, "1 open · 1 needs you"),
        (state(incident(severity="low")), Badge.WARNING, "1 open · 1 needs you"),
        (state(ACK), Badge.ACKNOWLEDGED, "1 open, all acknowledged"),
        (
            state(incident(assignees=(DANA,))),
            Badge.ACKNOWLEDGED,
            "1 open, none need you",
        ),
        (
            state(snoozes=Snoozes(everything=HOUR)),
            Badge.SNOOZED,
            "Snoozed until 13:00 · nothing open",
        ),
        (state(), Badge.CALM, "nothing open"),
        (state(freshness=Freshness()), Badge.STARTING, "connecting…"),
    ],
)
def test_the_icon_is_the_first_of_eleven_states_that_fits(
    known: TrayState, expected: Badge, tooltip: str
) -> None:
    icon = badge.icon(known, NOW)

    assert icon.badge is expected
    assert icon.tooltip == f"Coralogix \u2013 {tooltip}"


def test_a_failed_action_leaves_the_shape_as_it_is() -> None:
    failed = {FAILED.id: FAILED}

    settled = badge.icon(state(ACK, pending=failed), NOW)
    needed = badge.icon(state(incident(), ACK, pending=failed), NOW)

    assert (settled.hollow, settled.count) == (True, 1)
    assert (needed.hollow, needed.count) == (False, 1)
    hollow, full = draw(settled, 64), draw(replace(settled, hollow=False), 64)
    assert hollow.tobytes() != full.tobytes()


@pytest.mark.parametrize(
    ("known", "one"),
    [
        (state(incident()), "1 needs you"),
        (state(incident(), incident("b", assignees=(ADA,))), "2 need you"),
        (state(incident(muted=True), incident("b")), "1 needs you"),
    ],
)
def test_the_menu_counts_what_the_icon_counts(known: TrayState, one: str) -> None:
    answer = labels(menu.build(known, NOW))[1]

    assert answer.startswith(one)
    assert badge.icon(known, NOW).count == int(one[0])


def test_quiet_hours_are_not_called_a_snooze() -> None:
    hours = QuietHours(on=True, start=time(11), end=time(13))

    icon = badge.icon(state(rules=Rules(quiet_hours=hours)), NOW)

    assert icon.tooltip == "Coralogix \u2013 Quiet until 13:00 · nothing open"


def test_a_critical_one_shows_through_a_snooze_and_quiet_hours() -> None:
    snoozed = state(incident(), snoozes=Snoozes(everything=HOUR))
    quiet = state(
        incident(),
        rules=Rules(
            quiet_hours=QuietHours(
                on=True,
                end=NOW.time().replace(hour=13),
                start=NOW.time().replace(hour=11),
            )
        ),
    )

    for known in (snoozed, quiet):
        icon = badge.icon(known, NOW)
        assert (icon.badge, icon.snoozed, icon.count) == (Badge.CRITICAL, True, 1)


def test_what_was_confirmed_to_us_outranks_a_feed_that_lags() -> None:
    before = incident(assignees=(ADA,))
    done = replace(before, status="acknowledged")
    confirmed = Pending(
        id=before.id,
        verb=Verb.ACKNOWLEDGE,
        stage=Stage.CONFIRMED,
        since=NOW,
        incident=done,
    )

    icon = badge.icon(state(before, pending={before.id: confirmed}), NOW)

    assert icon.badge is Badge.ACKNOWLEDGED


def test_show_is_a_rule_of_its_own() -> None:
    rules = Rules(show_from="error")  # type: ignore[arg-type]  # as TOML has it

    known = state(incident(severity="low"), rules=rules)

    assert badge.icon(known, NOW).badge is Badge.CALM
    assert "Nothing open" in labels(menu.build(known, NOW))


def test_who_i_am_is_matched_in_any_case() -> None:
    assert ME.among((UserId("ADA@Example.COM"),))


def inside(shown: Menu, beginning: str) -> list[str]:
    """What the submenu whose line begins so offers."""
    (found,) = [
        one
        for one in every(shown.entries)
        if isinstance(one, Submenu) and one.label.startswith(beginning)
    ]
    return [one.label for one in found.entries if isinstance(one, Item | Submenu)]


def test_what_is_nobodys_can_be_taken_in_one_step() -> None:
    one = incident()

    shown = menu.build(state(one), NOW)

    assert Act(Verb.TAKE, (one.id,)) in intents(shown)
    assert "Assign to me and acknowledge" in inside(shown, "■ CRIT")
    for verb in (Verb.ASSIGN, Verb.ACKNOWLEDGE, Verb.TAKE):
        less = menu.build(state(one, forbidden=frozenset({verb})), NOW)
        assert Act(Verb.TAKE, (one.id,)) not in intents(less)


def test_the_teams_incidents_offer_what_can_be_done_about_them() -> None:
    one = incident(assignees=(DANA,), severity="error")

    shown = menu.build(state(one), NOW)

    assert inside(shown, "▲ ERR")[:4] == [
        "Acknowledge",
        "Assign to me",
        "Resolve",
        "Open in browser",
    ]


@pytest.mark.parametrize("problems", [(), (OFFLINE,)])
def test_before_the_first_look_it_does_not_say_that_nothing_is_open(
    problems: tuple[Problem, ...],
) -> None:
    new = state(freshness=Freshness(), started=False, problems=problems)

    assert "Nothing open" not in labels(menu.build(new, NOW))


def test_settings_logs_and_a_new_sign_in_are_always_at_hand() -> None:
    shown = intents(menu.build(state(), NOW))
    solo = intents(menu.build(state(signs_in=False), NOW))

    assert {OpenSettings(), OpenLogs(), SignIn()} <= set(shown)
    assert SignIn() not in solo

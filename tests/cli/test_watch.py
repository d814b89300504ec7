"""The terminal view: keys as data, the screen as text."""

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from rich.console import Console

from incidents.models import Incident, UserId
from tests.cli.conftest import ALICE, NOW, incident
from tray_app.model.freshness import Freshness
from tray_app.model.intents import (
    Act,
    CopyLink,
    Intent,
    OpenIncident,
    Quit,
    Snooze,
    Verb,
)
from tray_app.model.state import Me, Pending, Snoozes, Stage, TrayState
from tray_app.watch.inbox import InboxView, KeyHint, inbox, pressed
from tray_app.watch.keys import parsed
from tray_app.watch.screen import drawn

MINE = incident(1, assignees=(ALICE,))
DONE = incident(2, severity="error", status="acknowledged", assignees=(ALICE,))
FREE = incident(3, severity="warning")
OTHERS = incident(4, assignees=(UserId("dana@example.com"),))
STATE = TrayState(
    me=Me(uid="alice", ids=frozenset({ALICE})),
    user_feed={one.id: one for one in (MINE, DONE)},
    team_feed={one.id: one for one in (FREE, OTHERS)},
    started=True,
    freshness=Freshness(read_at=NOW, watermark=NOW),
    link="https://team.coralogix.com/#/insights?id={id}",
)


def _keys(
    *keys: str | KeyHint, state: TrayState = STATE
) -> tuple[InboxView, list[Intent]]:
    view, asked = InboxView(), []
    for key in keys:
        view, intent = pressed(key, view, state)
        asked += [intent] if intent else []
    return view, asked


def _text(
    view: InboxView, state: TrayState = STATE, *, width: int = 100, height: int = 30
) -> str:
    console = Console(file=io.StringIO(), width=width, record=True)
    console.print(drawn(view, state, NOW, height, width))
    return console.export_text()


def test_what_needs_me_comes_first_and_what_is_acknowledged_last() -> None:
    assert inbox(STATE) == [MINE, FREE, OTHERS, DONE]


def test_what_is_muted_comes_behind_what_needs_somebody() -> None:
    muted = replace(MINE, muted=True)
    state = replace(STATE, user_feed={one.id: one for one in (muted, DONE)})

    assert inbox(state) == [FREE, OTHERS, muted, DONE]


def test_the_list_is_no_ring() -> None:
    assert _keys("k", "o")[1] == [OpenIncident(MINE.id)]
    assert _keys(*"jjjjjjj", "o")[1] == [OpenIncident(DONE.id)]


def test_the_list_says_what_is_under_way_snoozed_and_muted() -> None:
    under_way = Pending(id=FREE.id, verb=Verb.ASSIGN, stage=Stage.SENT, since=NOW)
    muted = replace(OTHERS, muted=True)
    state = replace(
        STATE,
        team_feed={FREE.id: FREE, muted.id: muted},
        pending={FREE.id: under_way},
        snoozes=Snoozes(incidents={MINE.id: NOW + timedelta(hours=1)}),
    )

    def row(one: Incident) -> str:
        lines = _text(InboxView(at=FREE.id), state, width=200).splitlines()
        return next(line for line in lines if one.name in line)

    assert "snoozed" in row(MINE)
    assert "muted" in row(muted)
    assert f"{Verb.ASSIGN}: "[:8] in row(FREE)
    assert "ack'd" in row(DONE)


@pytest.mark.parametrize(
    ("keys", "intent"),
    [
        (["a"], Act(Verb.ACKNOWLEDGE, (MINE.id,))),
        (["j", "m"], Act(Verb.ASSIGN, (FREE.id,))),
        ([KeyHint.DOWN, KeyHint.UP, "u"], Act(Verb.RELEASE, (MINE.id,))),
        (["r", "y"], Act(Verb.RESOLVE, (MINE.id,))),
        (["o"], OpenIncident(MINE.id)),
        (["c"], CopyLink(MINE.id)),
        (["q"], Quit()),
    ],
)
def test_a_key_does_what_the_menu_does(
    keys: list[str | KeyHint], intent: Intent
) -> None:
    assert _keys(*keys)[1] == [intent]


@pytest.mark.parametrize("key", ["n", "a", KeyHint.ESCAPE, "q"])
def test_resolving_is_asked_about_and_anything_but_y_is_no(key: str | KeyHint) -> None:
    view, asked = _keys("r", key)

    assert asked == []
    assert view.question is None


def test_a_snooze_has_an_end() -> None:
    _, (asked,) = _keys("s")

    assert isinstance(asked, Snooze)
    assert asked.span is not None


def test_what_would_change_nothing_or_is_not_allowed_is_said() -> None:
    view, asked = _keys("j", "j", "j", "a")
    assert (asked, view.message) == ([], "That would change nothing.")

    view, asked = _keys("a", state=replace(STATE, can_act=False))
    assert (asked, view.message) == ([], "There is no key that may do that.")

    view, asked = _keys("o", state=replace(STATE, link=""))
    assert asked == []


def test_the_screen_lists_what_is_open_and_says_how_things_stand() -> None:
    text = _text(InboxView(at=MINE.id))

    assert "4 open · 1 critical needs you" in text
    for one in (MINE, DONE, FREE, OTHERS):
        assert one.name in text
    assert "acknowledge" in text


def test_the_detail_tells_the_whole_story() -> None:
    view, _ = _keys(KeyHint.ENTER)
    text = _text(replace(view, timeline=("acknowledged by dana",)))

    assert MINE.id in text
    assert "acknowledged by dana" in text
    assert "checkout" in text
    assert _keys(KeyHint.ENTER, KeyHint.ESCAPE)[0].detail is False


def test_hostile_text_is_text() -> None:
    bad = replace(MINE, name="[red]x[/] \x1b[31m\u202egnp", description="[link=x]y")
    state = replace(STATE, user_feed={bad.id: bad})

    for view in (InboxView(at=bad.id), InboxView(at=bad.id, detail=True)):
        text = _text(view, state)
        assert "[red]x[/] [31mgnp" in text
        assert "\x1b[31m" not in text
        assert "\u202e" not in text


def test_of_a_long_story_the_newest_is_told_before_the_labels() -> None:
    labels = tuple((f"label{n}", f"value{n}") for n in range(40))
    state = replace(STATE, user_feed={MINE.id: replace(MINE, labels=labels)})
    view = InboxView(
        at=MINE.id, detail=True, timeline=tuple(f"event {n}." for n in range(30))
    )

    text = _text(view, state)

    assert "… 22 before" in text
    assert "event 29." in text
    assert "event 21." not in text
    assert text.index("event 29.") < text.index("label0 ")


def test_nothing_open_is_said() -> None:
    assert "Nothing is open." in _text(
        InboxView(), replace(STATE, user_feed={}, team_feed={})
    )
    assert _keys("a", KeyHint.ENTER, state=TrayState(me=Me(uid="a")))[1] == []


def test_what_is_not_known_is_not_called_calm() -> None:
    text = _text(InboxView(), TrayState(me=Me(uid="a")))

    assert "Nothing is known yet." in text
    assert "Nothing is open." not in text


@pytest.mark.parametrize("width", [24, 40, 60, 79, 80, 200])
def test_a_narrow_terminal_shows_what_is_wrong_and_the_keys(width: int) -> None:
    for view in (InboxView(at=MINE.id), InboxView(at=MINE.id, detail=True)):
        lines = _text(view, width=width, height=12).splitlines()

        assert any("paym" in line for line in lines)
        assert max(map(len, lines)) <= width
        assert len(lines) <= 12
        assert "move" in lines[-1] or "back" in lines[-1]
        assert "q" in lines[-1].split() or width < 40


def test_the_question_stays_in_sight_below_a_long_story() -> None:
    view = InboxView(
        at=MINE.id, detail=True, question=Verb.RESOLVE, timeline=("x",) * 99
    )

    lines = _text(view, height=20).splitlines()

    assert len(lines) <= 20
    assert "Resolve “payment-latency-1”? y / n" in lines[-1]


def test_a_long_list_keeps_the_chosen_one_in_sight() -> None:
    many = {one.id: one for one in (incident(n) for n in range(200))}
    state = replace(STATE, team_feed=many)
    last = inbox(state)[-3]

    assert last.name in _text(InboxView(at=last.id), state)
    assert len(_text(InboxView(at=last.id), state, height=10).splitlines()) <= 10


def test_arrows_and_letters_are_told_apart() -> None:
    assert parsed("a\x1b[A\x1b[B\r\x1bq") == [
        "a",
        KeyHint.UP,
        KeyHint.DOWN,
        KeyHint.ENTER,
        KeyHint.ESCAPE,
        "q",
    ]
    assert parsed("\x03") == ["q"]  # Ctrl-C, where it is handed on as a key

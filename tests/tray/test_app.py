"""The companion as a whole, over a real ledger; fakes at its ports alone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from incidents.errors import CredentialsError, StoreUnavailableError
from incidents.ports import FeedReader
from tests.tray.desk import ADA, DANA, MINUTE, NOW, OWN, Clock, Desk, rows
from tests.tray.world import Account, Writer
from tray_app.actions.pending import Result
from tray_app.app.events import Acted, Changed, Failed, ProblemReport
from tray_app.feed.poller import PollFailed
from tray_app.ledger import serialization
from tray_app.ledger.ledger import Ledger
from tray_app.model.intents import (
    Act,
    CopyLink,
    OpenCoralogix,
    OpenIncident,
    OpenLogs,
    OpenSettings,
    Quit,
    Raise,
    ShowDoctor,
    SignIn,
    Snooze,
    SyncNow,
    ToggleQuietHours,
    Verb,
)
from tray_app.model.state import Problem, ProblemKind, Snoozes
from tray_app.model.view import Badge

SECONDS = timedelta(seconds=20)


class Scene:
    """An account, a sync and a companion that looks at it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock = folder, Clock()
        self.account = Account(seed=1, clock=self.clock)
        self.writer = Writer(folder / "feeds.db", self.account)
        self.writer.sync()
        self.desk = self.start()
        self.pass_time()

    def start(self) -> Desk:
        return Desk(path=self.folder / "l.db", clock=self.clock)

    def pass_time(
        self, span: timedelta = SECONDS, *, sync: bool = True, online: bool = True
    ) -> None:
        """Let time pass, with a look at its end."""
        self.clock.now += span
        if sync:
            self.writer.sync()
        self.desk.app.tick()
        reader: FeedReader | None = self.writer.store if online else None
        self.desk.answer(reader)
        self.desk.app.tick()

    def icon(self) -> Badge:
        return self.desk.hands.drawn[-1][0].badge


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(tmp_path)
    yield scene
    scene.desk.journal.close()
    scene.writer.store.close()


def test_an_incident_is_told_acknowledged_and_withdrawn(scene: Scene) -> None:
    one = scene.account.start(assignees=(ADA,))
    scene.pass_time()
    assert scene.desk.tell_titles()[-1] == "Critical: payment-latency"
    assert scene.icon() is Badge.CRITICAL

    scene.desk.app.handle(Act(Verb.ACKNOWLEDGE, (one.id,)))
    assert scene.desk.hands.acted == [(Verb.ACKNOWLEDGE, (one.id,))]
    done = replace(one, status="acknowledged", acknowledged_by=ADA)
    result = Result(id=one.id, incident=done)
    scene.desk.app.handle(Acted(Verb.ACKNOWLEDGE, (result,)))

    assert f"incident:{one.id}" not in scene.desk.screen.on_screen
    assert scene.icon() is Badge.ACKNOWLEDGED
    told = len(scene.desk.screen.notifications)
    scene.account.open[one.id] = done
    scene.pass_time(MINUTE)
    assert len(scene.desk.screen.notifications) == told
    assert scene.desk.app.state.pending == {}


def test_a_colleague_s_acknowledgement_takes_it_off_the_screen(scene: Scene) -> None:
    one = scene.account.start()
    scene.pass_time()
    key = f"incident:{one.id}"
    assert key in scene.desk.screen.on_screen

    scene.account.open[one.id] = replace(
        one, status="acknowledged", acknowledged_by=DANA
    )
    scene.pass_time()
    assert (
        scene.desk.screen.on_screen[key].title == "Dana acknowledged: payment-latency"
    )
    scene.clock.now += timedelta(seconds=8)
    scene.desk.app.tick()

    assert key not in scene.desk.screen.on_screen


def test_idle_is_one_query_a_feed_one_status_a_minute_and_nothing_drawn(
    scene: Scene,
) -> None:
    scene.pass_time()
    drawn, asked = len(scene.desk.hands.drawn), []
    for _ in range(24):
        scene.clock.now += SECONDS
        if scene.clock.now.second == 0:
            scene.writer.sync()
        scene.desk.app.tick()
        asked += scene.desk.hands.asked
        scene.desk.answer(scene.writer.store)

    assert len(scene.desk.hands.drawn) == drawn
    assert len(asked) == 24
    assert sum(one.status for one in asked) <= 8
    assert not any(one.heads for one in asked)


def test_a_restart_repeats_nothing_and_takes_up_where_it_was(scene: Scene) -> None:
    one = scene.account.start()
    scene.pass_time()
    scene.desk.journal.close()
    scene.desk = scene.start()

    scene.pass_time()

    assert scene.desk.tell_titles() == []
    assert scene.desk.app.state.incidents().keys() == {one.id}


def test_a_long_absence_ends_in_one_summary(scene: Scene) -> None:
    scene.desk.journal.close()
    for _ in range(3):
        scene.clock.now += timedelta(hours=1)
        scene.account.start()
        scene.writer.sync()
    scene.desk = scene.start()

    scene.pass_time()

    assert scene.desk.tell_titles() == ["While you were away (3 h)"]
    assert scene.desk.screen.notifications[0].body == "3 still open"


def test_after_a_sleep_it_waits_a_moment_and_looks_with_a_new_connection(
    scene: Scene,
) -> None:
    scene.clock.now += timedelta(hours=2)
    scene.desk.app.tick()
    assert scene.desk.hands.asked == []

    scene.clock.now += timedelta(seconds=5)
    scene.desk.app.tick()

    (ask,) = scene.desk.hands.asked
    assert ask.reconnect
    assert ask.heads
    assert ask.status


def test_failures_are_tried_again_soon_and_quietly_and_end_with_a_success(
    scene: Scene,
) -> None:
    scene.pass_time(online=False)
    assert scene.icon() is Badge.OFFLINE
    waits = []
    for _ in range(5):
        before = scene.clock.now
        while not scene.desk.hands.asked:
            scene.clock.now += timedelta(seconds=1)
            scene.desk.app.tick()
        waits.append((scene.clock.now - before).seconds)
        scene.desk.app.handle(PollFailed(StoreUnavailableError("No network.")))
        scene.desk.hands.asked.clear()
    assert waits == [5, 10, 20, 30, 30]
    assert scene.desk.tell_titles() == ["Watching 0 open incidents"]

    scene.pass_time(timedelta(seconds=30))

    assert scene.icon() is Badge.CALM
    assert scene.desk.app.state.problems == ()


def test_an_expired_sign_in_is_told_once_and_ends_by_itself(scene: Scene) -> None:
    asked = []
    for _ in range(9):
        scene.clock.now += SECONDS
        scene.desk.app.tick()
        if scene.desk.hands.asked:
            asked += scene.desk.hands.asked
            scene.desk.hands.asked.clear()
            scene.desk.app.handle(PollFailed(CredentialsError("Expired.")))
    assert [one.reconnect for one in asked] == [False, True, True]
    assert scene.icon() is Badge.SIGNED_OUT
    assert scene.desk.tell_titles().count("Sign-in expired") == 1

    scene.desk.app.handle(SignIn())
    for _ in range(3):
        scene.pass_time()

    assert scene.desk.hands.signed_in == 1
    assert scene.icon() is Badge.CALM


def test_a_desktop_that_takes_nothing_gets_it_later(scene: Scene) -> None:
    scene.desk.screen.broken = True
    scene.account.start()
    scene.pass_time()
    assert scene.desk.app.state.problem(ProblemKind.NO_NOTIFICATIONS)

    scene.desk.screen.broken = False
    scene.pass_time()

    assert scene.desk.tell_titles()[-1] == "Critical: payment-latency"
    assert scene.desk.app.state.problem(ProblemKind.NO_NOTIFICATIONS) is None


def test_what_is_over_before_the_desktop_took_it_is_never_shown(scene: Scene) -> None:
    scene.desk.screen.broken = True
    one = scene.account.start()
    scene.pass_time()
    assert scene.desk.journal.waiting
    scene.account.open[one.id] = replace(
        one, status="acknowledged", acknowledged_by=ADA
    )
    scene.pass_time()

    scene.desk.screen.broken = False
    scene.pass_time()

    assert scene.desk.journal.waiting == ()
    assert "Critical: payment-latency" not in scene.desk.tell_titles()


def test_what_no_desktop_takes_for_long_is_summed_up_once_one_does(
    scene: Scene,
) -> None:
    scene.desk.screen.broken = True
    for name in ("disk-full", "kafka-lag"):
        scene.account.start(severity="error", name=name)
    scene.account.start(severity="critical", name="the database")
    for _ in range(40):
        scene.pass_time()
    waiting = "SELECT count(*) FROM told WHERE state = 'waiting'"
    assert rows(scene.desk.path, waiting) != [(0,)]

    scene.desk.screen.broken = False
    scene.pass_time()

    late = [one for one in scene.desk.screen.notifications if one.key == "late"]
    assert [one.title for one in late] == [
        "2 notifications could not be shown until now"
    ]
    assert "Error: disk-full" in late[0].body
    assert any("the database" in title for title in scene.desk.tell_titles())
    assert rows(scene.desk.path, waiting) == [(0,)]


def test_a_clock_that_is_put_back_holds_no_notification_up(scene: Scene) -> None:
    scene.desk.screen.broken = True
    scene.account.start(severity="critical", name="the database")
    scene.pass_time()
    scene.desk.screen.broken = False

    scene.clock.jumped = timedelta(hours=-5)
    scene.clock.now += scene.clock.jumped
    scene.pass_time()

    assert "Critical: the database" in scene.desk.tell_titles()


def test_a_snooze_from_the_command_line_is_noticed(scene: Scene) -> None:
    end = scene.clock.now + timedelta(hours=1)
    with Ledger(scene.folder / "l.db") as ledger:
        text = serialization.SNOOZES.to_json(Snoozes(everything=end))
        ledger.put("snoozes", text)

    scene.pass_time()

    assert scene.desk.app.state.snoozes.everything == end
    assert scene.icon() is Badge.SNOOZED


def test_every_wish_is_granted(scene: Scene) -> None:
    app, hands = scene.desk.app, scene.desk.hands
    one = scene.account.start(status="acknowledged")
    scene.pass_time()

    assert app.handle(OpenIncident(one.id))
    assert app.handle(CopyLink(one.id))
    assert app.handle(OpenCoralogix())
    assert hands.opened == [
        f"https://ops.example.com/#/insights?id={one.id}",
        "https://ops.example.com/#/insights",
    ]
    assert hands.copied == [hands.opened[0]]
    app.handle(OpenSettings())
    app.handle(OpenLogs())
    assert hands.opened[2:] == ["settings", "logs"]
    app.handle(Snooze(timedelta(minutes=30)))
    assert app.state.snoozes.everything == scene.clock.now + timedelta(minutes=30)
    app.handle(Snooze(None))
    assert app.state.snoozes.everything is None
    app.handle(ToggleQuietHours())
    assert app.state.rules.quiet_hours.on
    app.handle(ToggleQuietHours())
    app.handle(ShowDoctor())
    app.handle(Raise())
    app.handle(Failed("No browser."))
    assert scene.desk.tell_titles()[-3:] == [
        "All is well",
        "Already running",
        "That did not work",
    ]
    hands.asked.clear()
    app.handle(SyncNow())
    assert len(hands.asked) == 1
    assert not app.handle(Quit())


def test_a_table_that_was_restored_is_one_line(scene: Scene) -> None:
    scene.account.start()
    scene.pass_time()
    scene.writer.store.close()
    scene.writer = Writer(scene.folder / "restored.db", scene.account)
    told = len(scene.desk.screen.notifications)

    for _ in range(40):
        scene.pass_time()

    titles = scene.desk.tell_titles()[told:]
    assert titles.count("Caught up: 1 open incident") == 1
    head = scene.writer.store.head(OWN)
    assert head is not None
    assert rows(scene.desk.path, "SELECT epoch FROM feed WHERE feed = ?", OWN) == [
        (head.epoch,)
    ]


def test_a_thousand_at_once_are_in_the_history_and_on_four_notifications(
    scene: Scene,
) -> None:
    before = {one.id for one in scene.desk.screen.notifications}
    for _ in range(1000):
        scene.account.start()
    scene.pass_time()

    keys = {one.key for one in scene.desk.screen.notifications if one.id not in before}
    assert len(keys) <= 4
    assert rows(scene.desk.path, "SELECT count(*) FROM change") == [(1000,)]
    assert scene.desk.hands.drawn[-1][0].count == 1000


def test_a_key_that_comes_late_is_found_and_a_locked_one_is_not_asked_for(
    scene: Scene,
) -> None:
    for kind, sought in (
        (ProblemKind.KEYCHAIN_LOCKED, 0),
        (ProblemKind.KEYCHAIN_MISSING, 4),
    ):
        found = Problem(kind=kind, since=scene.clock.now)
        scene.desk.app.handle(ProblemReport(kind, found))
        for _ in range(12):
            scene.clock.now += timedelta(seconds=10)
            scene.desk.app.tick()
        assert scene.desk.hands.keys_sought == sought
        scene.desk.app.handle(ProblemReport(kind))


@pytest.mark.parametrize(
    "hinders",
    [
        ProblemReport(
            ProblemKind.KEY_REJECTED, Problem(kind=ProblemKind.KEY_REJECTED, since=NOW)
        ),
        Changed(lambda state: replace(state, forbidden=frozenset({Verb.ASSIGN}))),
    ],
    ids=["rejected", "forbidden"],
)
def test_a_look_that_is_asked_for_takes_the_key_anew_where_that_may_help(
    scene: Scene, hinders: ProblemReport | Changed
) -> None:
    scene.desk.app.handle(SyncNow())
    assert scene.desk.hands.keys_sought == 0

    scene.desk.app.handle(hinders)
    scene.desk.app.handle(SyncNow())

    assert scene.desk.hands.keys_sought == 1

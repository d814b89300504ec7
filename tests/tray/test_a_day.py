"""Twenty-four hours of a busy account, with sleeps, restarts and outages."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from simulator.demo.headless_tray import RecordingNotifier
from tests.tray.desk import NOW, OWN, TEAM, Clock, Desk, rows
from tests.tray.world import Account, Writer
from tray_app.model.intents import Snooze
from tray_app.model.view import Notification

STEP = timedelta(seconds=30)
HOURS = 24


class Killed(BaseException):
    """The power is cut."""


class Fragile(RecordingNotifier):
    """A screen during which the power may be cut, before or after it shows."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self.chance = chance
        self.cut: list[str] = []
        self.sturdy = False

    def tell(self, notification: Notification) -> bool:
        if self.sturdy:
            return super().tell(notification)
        if self.chance.random() < 0.03:
            raise Killed
        shown = super().tell(notification)
        if self.chance.random() < 0.03:
            self.cut.append(notification.id)
            raise Killed
        return shown


class Day:
    """The day, its events drawn from a seed."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.folder, self.clock = folder, Clock()
        self.account = Account(seed=seed, clock=self.clock)
        self.writer = Writer(folder / "feeds.db", self.account)
        self.screen = Fragile(self.chance)
        self.kills = 0
        for _ in range(5):
            self.account.happen()
        self.writer.sync()
        self.desk = self.started()

    def started(self) -> Desk:
        return Desk(path=self.folder / "l.db", clock=self.clock, screen=self.screen)

    def run(self) -> None:
        end, down, asleep = NOW + timedelta(hours=HOURS), NOW, NOW
        while self.clock.now < end:
            self.clock.now += STEP
            if self.chance.random() < 0.12:
                for _ in range(self.chance.choice((1, 1, 1, 2, 12))):
                    self.account.happen()
            if self.clock.now.second == 0:
                self.writer.sync()
            if self.chance.random() < 0.002:
                down = self.clock.now + timedelta(minutes=self.chance.randrange(40))
            if self.chance.random() < 0.002:
                asleep = self.clock.now + timedelta(minutes=self.chance.randrange(120))
            if self.clock.now >= asleep:
                self.awake(online=self.clock.now >= down)
        self.settle()

    def awake(self, *, online: bool) -> None:
        try:
            if self.chance.random() < 0.003:
                self.desk.app.handle(Snooze(timedelta(minutes=30)))
            self.desk.app.tick()
            self.desk.answer(self.writer.store if online else None)
        except Killed:
            self.restart()
        if self.chance.random() < 0.002:
            self.restart()

    def restart(self) -> None:
        self.kills += 1
        self.desk.journal.close()
        self.desk = self.started()

    def settle(self) -> None:
        """Let everything that is due come to pass."""
        self.screen.sturdy = True
        for _ in range(120):
            self.clock.now += STEP
            if self.clock.now.second == 0:
                self.writer.sync()
            self.desk.app.tick()
            self.desk.answer(self.writer.store)


@pytest.fixture(scope="module", params=[1])
def day(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Day]:
    """A day that has passed."""
    day = Day(tmp_path_factory.mktemp("day"), request.param)
    day.run()
    yield day
    day.desk.journal.close()
    day.writer.store.close()


def test_nothing_is_told_twice_but_what_a_cut_left_in_doubt(day: Day) -> None:
    times = Counter(one.id for one in day.screen.notifications)

    twice = {told for told, number in times.items() if number > 1}

    assert day.kills > 0
    assert twice <= set(day.screen.cut)
    assert max(times.values()) <= 1 + day.kills


def test_every_change_of_both_feeds_was_decided_once(day: Day) -> None:
    for feed in (OWN, TEAM):
        head = day.writer.store.head(feed)
        assert head is not None
        found = [
            seq
            for (seq,) in rows(
                day.desk.path,
                "SELECT seq FROM change WHERE feed = ? ORDER BY seq",
                feed,
            )
        ]
        assert found == list(range(1, head.seq + 1))


def test_everything_that_was_to_be_told_was_told_or_overtaken(day: Day) -> None:
    told = {one.id for one in day.screen.notifications}

    waiting = rows(day.desk.path, "SELECT told FROM told WHERE state = 'waiting'")
    claimed = rows(day.desk.path, "SELECT told FROM told WHERE state = 'shown'")
    decided = rows(
        day.desk.path, "SELECT feed || ':' || seq FROM change WHERE outcome IN ('told')"
    )
    overtaken = rows(day.desk.path, "SELECT told FROM told WHERE reason = 'overtaken'")

    assert waiting == []
    assert {one for (one,) in claimed} <= told
    assert {one for (one,) in decided} <= told | {one for (one,) in overtaken}
    assert len(decided) > 50


def test_no_critical_incident_of_nobody_s_goes_unsaid(day: Day) -> None:
    silent = rows(
        day.desk.path,
        "SELECT id, outcome, rule FROM change WHERE feed = 'TEAM#ops'"
        " AND text LIKE '%opened · Critical' AND outcome = 'history only'",
    )

    spoken = ("your own feed", "opened, but already", "overtaken", "you snoozed")
    unspoken = [row for row in silent if not any(one in str(row[2]) for one in spoken)]
    assert unspoken == []


def test_what_was_held_was_summed_up_and_no_mute_remains(day: Day) -> None:
    held = rows(day.desk.path, "SELECT count(*) FROM change WHERE outcome = 'held'")
    summaries = [one for one in day.screen.notifications if one.key == "summary"]

    assert held[0][0]
    assert summaries
    assert day.desk.app.memory.backlog is None
    assert day.desk.app.state.snoozes.everything is None
    assert day.desk.app.state.snoozes.incidents == {}


def test_the_companion_ends_in_the_account_s_state(day: Day) -> None:
    state = day.desk.app.state

    assert state.incidents() == day.account.open
    assert set(state.user_feed) == {
        one.id for one in day.account.open.values() if state.me.among(one.assignees)
    }

"""Random schedules of a tray: whatever happens, a notification is shown once."""

import random
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from tests.tray.desk import Clock, Desk, rows
from tests.tray.world import Account, Writer
from tray_app.feed.poller import PollRequest, look
from tray_app.model.rules import Rules
from tray_app.model.view import Icon, Menu, Notification

RULES = Rules(
    burst=1000, burst_a_minute=1000, remind_after=(), away_after=timedelta(days=20)
)
SEEDS = range(25)


class KilledError(Exception):
    """The tray ends here."""


@dataclass
class WorldClock(Clock):
    """The time of everybody else, which nobody sets."""

    tray: Clock = field(default_factory=Clock)

    def __getattribute__(self, name: str) -> object:
        if name == "now":
            tray = object.__getattribute__(self, "tray")
            return tray.now - tray.jumped
        return object.__getattribute__(self, name)


@dataclass
class Server:
    """A notification server that refuses, hangs and dies. Implements `Notifier`."""

    shown: list[str] = field(default_factory=list)
    broken: bool = False
    hung: bool = False
    kill: str = ""
    problem: str | None = None
    unanswered: str | None = None
    repeatable: set[str] = field(default_factory=set)
    """What a tray was killed over: it may be shown a second time."""
    _result: bool | None = None

    def tell(self, notification: Notification) -> bool:
        if self.kill == "before":
            raise KilledError
        if self.unanswered is not None:
            if self._result is None:
                return False
            known, result = self.unanswered, self._result
            self.unanswered = self._result = None
            if known == notification.id:
                return result
        self.problem = "none here"
        if self.hung:
            self.unanswered, self._result = notification.id, None
            return False
        if self.broken:
            return False
        self.problem = None
        self.shown.append(notification.id)
        if self.kill == "after":
            self.repeatable.add(notification.id)
            raise KilledError
        return True

    def answer(self, *, alive: bool) -> None:
        """Wake up, or die: the call is answered now."""
        self.hung = False
        if self.unanswered is not None and self._result is None:
            self._result = alive
            if alive:
                self.shown.append(self.unanswered)

    def forget(self) -> None:
        """Lose the tray that called."""
        if self.unanswered is not None:
            self.repeatable.add(self.unanswered)
        self.unanswered = self._result = None
        self.kill = ""

    def withdraw(self, key: str) -> None:
        """Do nothing: what is shown was shown."""

    def show(self, icon: Icon, menu: Menu) -> None:
        """Draw nothing."""

    def close(self) -> None:
        """Do nothing."""


class Play:
    """One schedule."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.random = random.Random(seed)
        self.folder, self.clock, self.server = folder, Clock(), Server()
        self.account = Account(seed=seed, clock=WorldClock(tray=self.clock))
        self.writer = Writer(folder / "feeds.db", self.account)
        self.looks: list[PollRequest] = []
        self.started = self._start()
        self.events = {
            self.open: 30,
            self.end: 8,
            self.writer.sync: 30,
            self.read: 40,
            self.sleep: 4,
            self.set_clock: 4,
            self.refuse: 8,
            self.hang: 4,
            self.recover: 12,
            self.kill: 4,
        }

    def _start(self) -> Desk:
        return Desk(
            path=self.folder / "l.db",
            clock=self.clock,
            screen=self.server,  # type: ignore[arg-type]  # a `Notifier` as well
            rules=RULES,
        )

    def tick(self, seconds: float) -> None:
        self.clock.now += timedelta(seconds=seconds)
        self._run(self.started.app.tick)
        self.looks += self.started.hands.asked
        self.started.hands.asked.clear()

    def read(self) -> None:
        """Answer what was asked for, in order; it may have been a while ago."""
        while self.looks:
            answer = look(self.writer.store, self.looks.pop(0), self.clock.now)
            self._run(lambda a=answer: self.started.app.handle(a))

    def _run(self, work: object) -> None:
        try:
            work()  # type: ignore[operator]  # as given above
        except KilledError:
            self.restart()

    def restart(self) -> None:
        self.started.journal.close()
        self.server.forget()
        self.looks.clear()
        self.started = self._start()

    def open(self) -> None:
        severity = self.random.choice(("critical", "error"))
        self.account.start(severity=severity, name=f"n{len(self.account.open)}")

    def end(self) -> None:
        if self.account.open:
            one = self.random.choice(list(self.account.open.values()))
            self.account._end(one, self.account.clock.now)  # noqa: SLF001  # its hand

    def sleep(self) -> None:
        self.tick(self.random.choice((60, 600, 3600, 8 * 3600)))

    def set_clock(self) -> None:
        self.clock.jump(timedelta(hours=self.random.choice((-13, -3, 3, 13))))

    def refuse(self) -> None:
        self.server.broken = True

    def hang(self) -> None:
        self.server.hung = True

    def recover(self) -> None:
        self.server.broken = False
        self.server.answer(alive=self.random.random() < 0.7)

    def kill(self) -> None:
        self.server.kill = self.random.choice(("before", "after"))

    def run(self, steps: int = 100) -> None:
        self.writer.sync()
        self.tick(0)
        self.read()
        for _ in range(steps):
            (event,) = self.random.choices(
                list(self.events), list(self.events.values())
            )
            event()
            self.tick(self.random.choice((1, 5, 20)))
        self.server.kill = ""
        for _ in range(40):
            self.server.broken = False
            self.server.answer(alive=True)
            self.writer.sync()
            self.tick(20)
            self.read()


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_happens_a_notification_is_shown_once_and_none_is_lost(
    seed: int, tmp_path: Path
) -> None:
    play = Play(seed, tmp_path)
    play.run()

    told = rows(tmp_path / "l.db", "SELECT told, key, n, state FROM told")
    newest = {key: n for _, key, n, _ in told}
    ended = {f"incident:{id_}" for id_ in play.account.ended}
    shown = play.server.shown
    for id_, key, n, state in told:
        if state == "shown":
            assert id_ in shown
        elif state == "withdrawn":
            assert key in ended or newest[key] != n
        else:
            assert state == "summed up"
    twice = {id_ for id_ in shown if shown.count(id_) > 1}
    assert twice <= play.server.repeatable
    changed = rows(tmp_path / "l.db", "SELECT DISTINCT id FROM change")
    assert {id_ for (id_,) in changed} >= set(play.account.open)
    own = {id_ for id_, *_ in told}
    decided = rows(
        tmp_path / "l.db",
        "SELECT feed || ':' || seq FROM change WHERE outcome = 'told'",
    )
    assert {id_ for (id_,) in decided} <= own
    play.started.journal.close()

"""One schedule: syncs that overlap and die, readers that come and go, one truth."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from random import Random

from incidents.errors import IncidentsError
from incidents.feeds import User, team_feed, user_feed
from incidents.models import UserId
from incidents.sync.audience import Audience, Scope
from incidents.sync.run import Report, Sync, SyncCache, SyncSettings
from tests.simulation.baton import Actor
from tests.simulation.cast import LIFETIME, START, Kind, Meets, Process
from tests.simulation.double import DoubleStore
from tests.simulation.reader import Findings
from tests.simulation.rest import Rest
from tests.simulation.source import ListingSource
from tests.simulation.table import Crash, Fault, Table
from tests.simulation.witness import Witness
from tests.simulation.world import World

TEAM = "ops"
ALICE = User(uid="alice", ids=frozenset({UserId("alice@x.io")}))
BOB = User(uid="bob", ids=frozenset({UserId("bob@x.io")}))
_STORE_FAULTS = tuple(fault for fault in Fault if fault is not Fault.NONE)


class Schedule:
    """Everything in one seeded run; `run` plays it and answers what was found."""

    def __init__(self, seed: str, actors: list[Actor]) -> None:
        self.chance = chance = Random(seed)
        self.kind = chance.choice(list(Kind))
        self.now = START
        self.findings = Findings()
        self.world = World(chance=chance)
        self.table = Table()
        self.witness = Witness(
            world=self.world, table=self.table, findings=self.findings
        )
        self.table.witness = self.witness.watch
        self.processes = [Process(actor=actor) for actor in actors]
        self.scope = Scope.TEAM if chance.random() < 0.8 else Scope.ASSIGNED
        self.flaps = chance.random() < 0.5
        self.actions = chance.choice((3, 5, 95))
        self.syncs = 0
        self.trouble = True
        self.operator = DoubleStore(table=self.table)
        meets = Meets(
            table=self.table,
            chance=chance,
            interleave=self._let_a_sync_go_on,
            is_troubled=lambda: self.trouble,
            clock=lambda: self.now,
        )
        self.readers = [
            meets.reader(name, self.findings, *feeds)
            for name, feeds in {
                "alice": (user_feed("alice"), team_feed(TEAM)),
                "bob": (user_feed("bob"),),
                "carol": (user_feed("carol"),),
            }.items()
        ]
        self.operator.add_user(ALICE)
        self.operator.add_user(BOB)

    def run(self) -> Findings:
        """Play some dozens of steps, let all come to rest, and compare."""
        for _ in range(2):
            self.world.move(self.now)
        if self.chance.random() < 0.8:
            self._calmly(self._begin_sync)
            self._calmly(self._read_all)
        for _ in range(self.chance.randrange(20, 70)):
            self._step()
            if self.chance.random() < 0.02:
                self._rest()
        self._rest()
        return self.findings

    # What may happen

    def _step(self) -> None:
        self.now += timedelta(seconds=self.chance.random() * 8)
        busy = [one for one in self.processes if one.actor.busy]
        if busy and self.chance.random() < 0.45:
            self._resume(self.chance.choice(busy))
            return
        happening = self.chance.choices(
            (
                self._world_moves,
                self._begin_sync,
                self._read_some,
                self._minutes_pass,
                self._days_pass,
                self._registry_moves,
                self._scope_moves,
                self._late_request_arrives,
                self._table_is_made_anew,
                self._disk_is_lost,
            ),
            (30, 22, 18, 12, 1.5, 2.5, 1, 5, 0.4, 0.8),
        )[0]
        happening()

    def _world_moves(self) -> None:
        self.world.move(self.now)

    def _begin_sync(self) -> None:
        idle = [one for one in self.processes if not one.actor.busy]
        alone = self.kind is Kind.ALONE and len(idle) < len(self.processes)
        if not idle or alone:
            return
        process = self.chance.choice(idle)
        process.doomed, process.began = False, self.now
        process.actor.start(lambda: self._sync(process))
        self._resume(process)

    def _sync(self, process: Process) -> Report:
        self.syncs += 1
        name = f"s{self.syncs}"
        source = ListingSource(
            world=self.world,
            gate=lambda: self._pause(process),
            chance=self.chance,
            troubled=self.trouble,
        )
        self.witness.syncs[name] = (self.world.step, source)
        store = DoubleStore(table=self.table, gate=partial(self._gate, process))
        sync = Sync(
            source=source,
            store=store,
            registry=store,
            settings=SyncSettings(
                team=TEAM, scope=self.scope, workers=1, actions=self.actions
            ),
            clock=lambda: self.now,
            warm=process.warm,
            ended=source if self.flaps else None,
        )
        return sync.run(name)

    def _resume(self, process: Process) -> None:
        try:
            process.actor.resume()
        except IncidentsError:
            pass  # what a sync cannot do, the next one does
        except Crash:
            process.warm = SyncCache()

    def _let_a_sync_go_on(self) -> None:
        busy = [one for one in self.processes if one.actor.busy]
        if busy and self.chance.random() < 0.3:
            self._resume(self.chance.choice(busy))

    def _pause(self, process: Process) -> None:
        if process.doomed:
            raise Crash
        if process.actor.busy and self.trouble and self.chance.random() < 0.4:
            process.actor.pause()
            if process.doomed:
                raise Crash

    def _gate(self, process: Process, _request: str, /, *, writes: bool) -> Fault:
        self._pause(process)
        if not self.trouble or self.kind is Kind.TOGETHER:
            return Fault.NONE
        if self.chance.random() < (0.05 if writes else 0.02):
            if self.chance.random() < 0.4:
                raise Crash
            fault = self.chance.choice(_STORE_FAULTS)
            late = fault in (Fault.LATE, Fault.AGAIN)
            return Fault.LOST if late and self.kind is Kind.ALONE else fault
        return Fault.NONE

    def _read_some(self) -> None:
        reader = self.chance.choice(self.readers)
        try:
            reader.tick(self.now)
        except Crash:
            reader.restart()

    def _read_all(self) -> None:
        for reader in self.readers:
            while reader.tick(self.now):
                pass

    def _minutes_pass(self) -> None:
        if any(
            self.now - one.began > LIFETIME for one in self.processes if one.actor.busy
        ):
            self._finish()
        self.table.hidden.clear()
        self.now += timedelta(minutes=self.chance.choice((1, 1, 2, 5)))

    def _days_pass(self) -> None:
        self._finish()
        self._minutes_pass()
        self.now += timedelta(days=self.chance.choice((0.05, 1, 29, 30, 32)))
        self.table.expire(self.now, self.chance.random)

    def _registry_moves(self) -> None:
        ids = self.chance.sample(("alice@x.io", "a-1", "carol@x.io"), 2)
        user = self.chance.choice(
            (
                ALICE,
                User(uid="alice", ids=frozenset(map(UserId, ids))),
                User(uid="carol", ids=frozenset({UserId("carol@x.io")})),
            )
        )
        if self.chance.random() < 0.3:
            self.operator.remove_user(user.uid)
        else:
            self.operator.add_user(user)

    def _scope_moves(self) -> None:
        self.scope = Scope.ASSIGNED if self.scope is Scope.TEAM else Scope.TEAM

    def _late_request_arrives(self) -> None:
        if self.table.late:
            self.table.deliver(self.chance.randrange(len(self.table.late)))

    def _table_is_made_anew(self) -> None:
        self._finish()
        table = self.table
        table.late.clear()
        for part in (table.heads, table.rows, table.states, table.hidden):
            part.clear()
        self.operator.clear_digest()
        # Soon it is as long as it was: its numbers alone do not tell.
        for _ in range(self.chance.randrange(12)):
            self.world.move(self.now)
            self._begin_sync()
            self._finish()

    def _disk_is_lost(self) -> None:
        self.chance.choice(self.readers).lose_disk()

    # How it comes to rest

    def _rest(self) -> None:
        """Let what runs end, then sync, read and compare, with nothing failing."""
        self._finish()
        while self.table.late:
            self._late_request_arrives()
        self.now += timedelta(minutes=70 if self.kind is Kind.WILD else 1)
        self._calmly(self._compare)

    def _finish(self) -> None:
        """End every sync: at its own pace, or at once."""
        for process in self.processes:
            process.doomed = (
                self.kind is not Kind.TOGETHER and self.chance.random() < 0.5
            )
        while busy := [one for one in self.processes if one.actor.busy]:
            self._resume(self.chance.choice(busy))

    def _calmly(self, act: Callable[[], object]) -> None:
        self.trouble = False
        act()
        self.trouble = True

    def _compare(self) -> None:
        process = self.chance.choice(self.processes)
        process.doomed = False
        report = self._sync(process)
        if not report.complete:
            self.findings.lost.append(f"not complete: {report}")
        users = tuple(self.table.users.values())
        truth = {one.id: one for one in self.world.listed(None)}
        rest = Rest(self.table, self.witness, self.findings)
        rest.is_true(Audience.of(self.scope, TEAM, users).split(truth))
        rest.is_quiet(lambda: self._sync(process))
        self._read_all()
        for reader in self.readers:
            rest.has_caught_up(reader)

"""One schedule: syncs that overlap and crash, readers that restart, one truth."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from random import Random

from incidents.errors import IncidentsError
from incidents.feeds import User, team_feed, user_feed
from incidents.models import UserId
from incidents.sync.audience import Audience, Scope
from incidents.sync.closing import remove_user
from incidents.sync.run import Report, Sync, SyncCache, SyncSettings
from tests.simulation.commit_checks import CommitChecker
from tests.simulation.faulty_source import ListingSource
from tests.simulation.faulty_store import FaultyStore
from tests.simulation.final_checks import FinalChecks
from tests.simulation.participants import (
    LIFETIME,
    START,
    ReaderEnvironment,
    ScheduleKind,
    SyncProcess,
)
from tests.simulation.reader import Findings
from tests.simulation.stepped_thread import SteppedThread
from tests.simulation.table import Crash, RequestFault, Table
from tests.simulation.world import World

TEAM = "ops"
ALICE = User(uid="alice", ids=frozenset({UserId("alice@x.io")}))
BOB = User(uid="bob", ids=frozenset({UserId("bob@x.io")}))
_STORE_FAULTS = tuple(fault for fault in RequestFault if fault is not RequestFault.NONE)


class Schedule:
    """One seeded run of syncs, readers and faults; `run` returns the findings."""

    def __init__(self, seed: str, actors: list[SteppedThread]) -> None:
        self.rng = rng = Random(seed)
        self.kind = rng.choice(list(ScheduleKind))
        self.now = START
        self.findings = Findings()
        self.world = World(rng=rng)
        self.table = Table()
        self.commit_checker = CommitChecker(
            world=self.world, table=self.table, findings=self.findings
        )
        self.table.commit_checker = self.commit_checker.check
        self.processes = [SyncProcess(actor=actor) for actor in actors]
        self.scope = Scope.TEAM if rng.random() < 0.8 else Scope.ASSIGNED
        self.detects_short_lived = rng.random() < 0.5
        self.actions = rng.choice((3, 5, 95))
        self.syncs = 0
        self.has_faults = True
        self.operator = FaultyStore(table=self.table)
        reader_environment = ReaderEnvironment(
            table=self.table,
            rng=rng,
            interleave=self._interleave_sync,
            has_faults=lambda: self.has_faults,
            clock=lambda: self.now,
        )
        self.readers = [
            reader_environment.reader(name, self.findings, *feeds)
            for name, feeds in {
                "alice": (user_feed("alice"), team_feed(TEAM)),
                "bob": (user_feed("bob"),),
                "carol": (user_feed("carol"),),
            }.items()
        ]
        self.operator.add_user(ALICE)
        self.operator.add_user(BOB)

    def run(self) -> Findings:
        """Make 20 to 70 random steps, settle without faults, and compare."""
        for _ in range(2):
            self.world.change(self.now)
        if self.rng.random() < 0.8:
            self._without_faults(self._begin_sync)
            self._without_faults(self._read_all)
        for _ in range(self.rng.randrange(20, 70)):
            self._step()
            if self.rng.random() < 0.02:
                self._settle()
        self._settle()
        return self.findings

    # The random steps

    def _step(self) -> None:
        self.now += timedelta(seconds=self.rng.random() * 8)
        busy = [process for process in self.processes if process.actor.busy]
        if busy and self.rng.random() < 0.45:
            self._resume(self.rng.choice(busy))
            return
        step = self.rng.choices(
            (
                self._change_world,
                self._begin_sync,
                self._read_some,
                self._pass_minutes,
                self._pass_days,
                self._change_registry,
                self._change_scope,
                self._deliver_late_request,
                self._recreate_table,
                self._lose_disk,
            ),
            (30, 22, 18, 12, 1.5, 2.5, 1, 5, 0.4, 0.8),
        )[0]
        step()

    def _change_world(self) -> None:
        self.world.change(self.now)

    def _begin_sync(self) -> None:
        idle = [process for process in self.processes if not process.actor.busy]
        alone = self.kind is ScheduleKind.ALONE and len(idle) < len(self.processes)
        if not idle or alone:
            return
        process = self.rng.choice(idle)
        process.is_ending, process.began = False, self.now
        process.actor.start(lambda: self._sync(process))
        self._resume(process)

    def _sync(self, process: SyncProcess) -> Report:
        self.syncs += 1
        name = f"s{self.syncs}"
        source = ListingSource(
            world=self.world,
            gate=lambda: self._pause(process),
            rng=self.rng,
            has_faults=self.has_faults,
        )
        self.commit_checker.syncs[name] = (self.world.step, source)
        store = FaultyStore(table=self.table, gate=partial(self._gate, process))
        sync = Sync(
            source=source,
            store=store,
            registry=store,
            settings=SyncSettings(
                team=TEAM, scope=self.scope, workers=1, actions=self.actions
            ),
            clock=lambda: self.now,
            warm=process.warm,
            ended=source if self.detects_short_lived else None,
        )
        return sync.run(name)

    def _resume(self, process: SyncProcess) -> None:
        try:
            process.actor.resume()
        except IncidentsError:
            pass  # what a sync cannot do, the next one does
        except Crash:
            process.warm = SyncCache()

    def _interleave_sync(self) -> None:
        busy = [process for process in self.processes if process.actor.busy]
        if busy and self.rng.random() < 0.3:
            self._resume(self.rng.choice(busy))

    def _pause(self, process: SyncProcess) -> None:
        if process.is_ending:
            raise Crash
        if process.actor.busy and self.has_faults and self.rng.random() < 0.4:
            process.actor.pause()
            if process.is_ending:
                raise Crash

    def _gate(
        self, process: SyncProcess, _request: str, /, *, writes: bool
    ) -> RequestFault:
        self._pause(process)
        if not self.has_faults or self.kind is ScheduleKind.TOGETHER:
            return RequestFault.NONE
        if self.rng.random() < (0.05 if writes else 0.02):
            if self.rng.random() < 0.4:
                raise Crash
            fault = self.rng.choice(_STORE_FAULTS)
            late = fault in (RequestFault.LATE, RequestFault.REPEATED_LATE)
            return (
                RequestFault.LOST if late and self.kind is ScheduleKind.ALONE else fault
            )
        return RequestFault.NONE

    def _read_some(self) -> None:
        reader = self.rng.choice(self.readers)
        try:
            reader.tick(self.now)
        except Crash:
            reader.restart()

    def _read_all(self) -> None:
        for reader in self.readers:
            while reader.tick(self.now):
                pass

    def _pass_minutes(self) -> None:
        if any(
            self.now - process.began > LIFETIME
            for process in self.processes
            if process.actor.busy
        ):
            self._finish()
        self.table.hidden.clear()
        self.now += timedelta(minutes=self.rng.choice((1, 1, 2, 5)))

    def _pass_days(self) -> None:
        self._finish()
        self._pass_minutes()
        self.now += timedelta(days=self.rng.choice((0.05, 1, 29, 30, 32)))
        self.table.expire(self.now, self.rng.random)

    def _change_registry(self) -> None:
        ids = self.rng.sample(("alice@x.io", "a-1", "carol@x.io"), 2)
        user = self.rng.choice(
            (
                ALICE,
                User(uid="alice", ids=frozenset(map(UserId, ids))),
                User(uid="carol", ids=frozenset({UserId("carol@x.io")})),
            )
        )
        if self.rng.random() < 0.3:
            remove_user(self.operator, user.uid, self.now)
        else:
            self.operator.add_user(user)

    def _change_scope(self) -> None:
        self.scope = Scope.ASSIGNED if self.scope is Scope.TEAM else Scope.TEAM

    def _deliver_late_request(self) -> None:
        if self.table.late:
            self.table.deliver(self.rng.randrange(len(self.table.late)))

    def _recreate_table(self) -> None:
        self._finish()
        table = self.table
        table.late.clear()
        for part in (table.heads, table.rows, table.states, table.hidden):
            part.clear()
        self.operator.clear_digest()
        # Soon it is as long as before: sequence numbers alone cannot tell them apart.
        for _ in range(self.rng.randrange(12)):
            self.world.change(self.now)
            self._begin_sync()
            self._finish()

    def _lose_disk(self) -> None:
        self.rng.choice(self.readers).lose_disk()

    # The end without faults

    def _settle(self) -> None:
        """End the running syncs, then sync, read and compare, without faults."""
        self._finish()
        while self.table.late:
            self._deliver_late_request()
        self.now += timedelta(minutes=70 if self.kind is ScheduleKind.WILD else 1)
        self._without_faults(self._compare)

    def _finish(self) -> None:
        """End every sync: by running on, or by a crash."""
        for process in self.processes:
            process.is_ending = (
                self.kind is not ScheduleKind.TOGETHER and self.rng.random() < 0.5
            )
        while busy := [process for process in self.processes if process.actor.busy]:
            self._resume(self.rng.choice(busy))

    def _without_faults(self, action: Callable[[], object]) -> None:
        self.has_faults = False
        action()
        self.has_faults = True

    def _compare(self) -> None:
        process = self.rng.choice(self.processes)
        process.is_ending = False
        report = self._sync(process)
        if not report.complete:
            self.findings.lost.append(f"not complete: {report}")
        users = tuple(self.table.users.values())
        truth = {incident.id: incident for incident in self.world.listed(None)}
        final_checks = FinalChecks(self.table, self.commit_checker, self.findings)
        final_checks.check_feeds(Audience.of(self.scope, TEAM, users).split(truth))
        final_checks.check_quiet(self.now, lambda: self._sync(process))
        self._read_all()
        for reader in self.readers:
            final_checks.check_reader(reader)

"""The owner of the state: handles every event, one at a time."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from incidents.feeds import FeedId
from incidents.follow import ResyncReason
from incidents.ports import Clock
from tray_app.actions import actions
from tray_app.app.effects import Effects
from tray_app.app.events import Acted, Changed, Event, Failed, ProblemReport, Redraw
from tray_app.app.intents import changed_values, handle
from tray_app.app.outbox import Outbox
from tray_app.app.storage import Storage
from tray_app.feed.intake import FeedPlace, take, whole
from tray_app.feed.poller import Polled, PollFailed
from tray_app.feed.schedule import TICK, Timing
from tray_app.ledger.rows import FeedStep, Step
from tray_app.model.freshness import Freshness
from tray_app.model.intents import Act, Quit, SendNow, SyncNow, Undo
from tray_app.model.output import Output
from tray_app.model.ports import Notifier
from tray_app.model.state import RECENT, ProblemKind, TrayState
from tray_app.model.view import Icon, Menu, Notification
from tray_app.policy import decide
from tray_app.policy.decisions import Decision
from tray_app.present import action_replies, badge, menu, problems, upgrade
from tray_app.present.problem_texts import KEY_PROBLEMS, READ_PROBLEMS
from tray_app.present.wording import worded

UNKNOWN = Freshness()
log = logging.getLogger(__name__)


class App:
    """Handles events one at a time; all calls come from one thread."""

    def __init__(  # noqa: PLR0913  # everything that it is made of
        self,
        *,
        state: TrayState,
        places: Mapping[FeedId, FeedPlace],
        journal: Storage,
        notifier: Notifier,
        effects: Effects,
        clock: Clock,
        uptime: Callable[[], timedelta],
        reads_with_key: bool = False,
    ) -> None:
        """
        *clock* returns local time; *uptime* never jumps, and counts sleep.

        *reads_with_key*: feeds are read without AWS.
        """
        self.state, self.places, self.memory = state, places, journal.memory
        self._journal, self._effects = journal, effects
        self._outbox = Outbox(journal, notifier)
        self._clock, self._uptime = clock, uptime
        self._reads_with_key = reads_with_key
        self._timing = Timing(poll=state.freshness.poll)
        self._stored: Mapping[str, str] = {}
        self._drawn: tuple[Icon, Menu] | None = None
        self._drawn_for = state, clock()

    def handle(self, event: Event) -> bool:  # noqa: C901  # a case for each event
        """Handle one event; return False once a person wants to quit."""
        now = self._clock()
        match event:
            case Polled():
                self._take_polled(event, now)
            case PollFailed():
                self._take_failure(event, now)
            case Acted():
                transition = actions.answered(
                    self.state, self.memory, event.verb, event.results, now
                )
                self._apply(transition, now)
                self._timing.soon(self._uptime())
            case ProblemReport() | Changed():
                self.state = event.apply(self.state)
            case SyncNow():
                self._poll_now()
            case Act():
                transition = actions.requested(
                    self.state, self.memory, event.verb, event.ids, now
                )
                self._apply(transition, now)
            case Undo():
                self._apply(actions.taken_back(self.state, self.memory, event.id), now)
            case SendNow():
                transition = actions.hurried(self.state, self.memory, event.id, now)
                self._apply(transition, now)
            case Failed():
                self._notify((action_replies.failed(event.why, now),), now)
            case Redraw():
                self._drawn = None
            case Quit():
                return False
            case _:
                self.state, replies = handle(event, self.state, self._effects, now)
                self._notify(replies, now)
        self.tick()
        return True

    def tick(self) -> float:
        """Do what is due; return the seconds until more may be due."""
        now = self._clock()
        uptime = self._uptime()
        if self._timing.slept(now, uptime):
            log.info("resumed after a sleep")
        self._apply(actions.due(self.state, self.memory, now), now)
        self.state = self._journal.updated(self.state, now)
        self.state = problems.derived(self.state, now)
        for kind, problem in (
            (ProblemKind.DISK_FULL, self._journal.problem),
            (ProblemKind.LEDGER_REBUILT, self._journal.rebuilt),
        ):
            self.state = (
                self.state.with_problem(problem)
                if problem
                else self.state.without_problem(kind)
            )
        decision = decide.decide(self.memory, (), self.state, now=now, looked=False)
        self._conclude(decision, now)
        request = self._timing.due(self.state, now, uptime)
        if request is not None:
            positions = {feed: place.position for feed, place in self.places.items()}
            retention = self.state.freshness.retention
            registry = None if self.state.closed else self.state.registry
            self._effects.poll(
                replace(
                    request,
                    positions=positions,
                    retention=retention,
                    registry=registry,
                )
            )
        if self._timing.key_due(self.state, uptime):
            self._effects.find_key()
        self._deliver(now)
        self._draw(now)
        return self._timing.wait(self.state, self.memory, now, uptime)

    def _take_polled(self, polled: Polled, now: datetime) -> None:
        """Take over what was read, decide about it, and store both."""
        self._timing.answered(self._uptime(), status=polled.status is not None)
        intake = take(self.state, self.places, polled, now)
        self.state, self.places = intake.state, intake.places
        if self._reads_with_key:
            self.state = replace(
                self.state.without_problem(*KEY_PROBLEMS), can_act=True
            )
        self.state = problems.derived(self.state, now)
        decision = decide.decide(self.memory, intake.news, self.state, now=now)
        if intake.restarted:
            positions = ",".join(
                f"{feed}:{place.position.epoch}:{place.position.cursor}"
                for feed in intake.restarted
                if (place := intake.places[feed]).position is not None
            )
            reason = max(
                intake.restarted.values(),
                key=lambda reason: reason is not ResyncReason.FIRST,
            )
            decision = decision.then(
                decide.baseline(
                    decision.memory, self.state, reason, f"begun:{positions}", now=now
                )
            )
        self._conclude(decision, now, intake.steps)

    def _poll_now(self) -> None:
        """Read the feeds at once, and the key where it is missing or not allowed."""
        self._timing.soon(self._uptime())
        if self.state.forbidden or any(map(self.state.problem, KEY_PROBLEMS)):
            self._effects.find_key()

    def _take_failure(self, failed: PollFailed, now: datetime) -> None:
        """Show why the feeds could not be read."""
        problem = problems.of_failure(failed.error, now)
        log.info("not read: %s", failed.error)
        others = [kind for kind in READ_PROBLEMS if kind is not problem.kind]
        self.state = self.state.without_problem(*others).with_problem(problem)
        self._timing.failed(problem.kind, self._uptime())

    def _apply(self, transition: actions.Transition, now: datetime) -> None:
        """Store *transition*; only then send its actions."""
        self.state = transition.state
        self._commit(transition.output, now)
        for verb, ids in transition.send:
            self._effects.act(verb, ids, self.state.me)

    def _notify(self, notifications: Sequence[Notification], now: datetime) -> None:
        self._commit(Output(memory=self.memory, tell=tuple(notifications)), now)

    def _conclude(
        self,
        decision: Decision,
        now: datetime,
        feeds: Mapping[FeedId, FeedStep] | None = None,
    ) -> None:
        """Put *decision* into words, add the tray's own problems, end past snoozes."""
        output = worded(decision, self.state, now)
        memory, tell, gone = problems.announced(output.memory, self.state, now)
        memory, hint = upgrade.hint(memory, self.state, now)
        snoozes = self.state.snoozes.lasting(now).without(decision.woken)
        if snoozes != self.state.snoozes:
            self.state = replace(self.state, snoozes=snoozes)
        if output.recent:
            recent = (*output.recent, *self.state.recent)[:RECENT]
            self.state = replace(self.state, recent=recent)
        output = replace(
            output,
            memory=memory,
            tell=(*output.tell, *tell, *hint),
            withdraw=(*output.withdraw, *gone),
        )
        self._commit(output, now, feeds)

    def _commit(
        self,
        output: Output,
        now: datetime,
        feeds: Mapping[FeedId, FeedStep] | None = None,
    ) -> None:
        """Store all of it in one transaction; unchanged values are not written."""
        changed = changed_values(self.state, output.memory, self._stored)
        idle = output.memory is self.memory and not feeds and not changed
        self.memory = output.memory
        if idle and not (output.tell or output.withdraw or output.changes):
            return
        step = Step(at=now, output=output, feeds=feeds or {}, values=changed)
        self._journal.accept(step, self._snapshot)
        self._stored = {**self._stored, **changed}
        self._outbox.withdraw(output.withdraw)
        self._deliver(now)

    def _deliver(self, now: datetime) -> None:
        self.state = self._outbox.deliver(
            self.state, now, self._uptime(), self._snapshot
        )

    def _snapshot(self) -> Mapping[FeedId, FeedStep]:
        return whole(self.state, self.places)

    def _draw(self, now: datetime) -> None:
        """Show icon and menu if they differ; without events, compare once a tick."""
        known = replace(self.state, freshness=UNKNOWN)
        before, at = self._drawn_for
        recently = timedelta(0) <= now - at < TICK
        if self._drawn is not None and recently and known == before:
            return
        self._drawn_for = known, now
        wanted = badge.icon(self.state, now), menu.build(self.state, now)
        if wanted != self._drawn:
            self._drawn = wanted
            self._effects.show(*wanted)

"""The tray's heart: every event in turn, one owner of the state."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from incidents.feeds import FeedId
from incidents.follow import ResyncReason
from incidents.ports import Clock
from tray_app.actions import actions
from tray_app.app.effects import Effects
from tray_app.app.events import Acted, Changed, Event, Failed, ProblemReport, Redraw
from tray_app.app.intents import handle, reloaded, to_keep
from tray_app.app.outbox import Outbox
from tray_app.feed.intake import FeedPlace, take, whole
from tray_app.feed.poller import Polled, PollFailed
from tray_app.feed.schedule import TICK, Timing
from tray_app.ledger import serialization
from tray_app.ledger.journal import Journal
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
from tray_app.present.problem_texts import KEY, READING
from tray_app.present.wording import worded

UNKNOWN = Freshness()
log = logging.getLogger(__name__)


class App:
    """Takes events, one at a time, on whichever thread calls; never on two."""

    def __init__(  # noqa: PLR0913  # everything it is made of
        self,
        *,
        state: TrayState,
        places: Mapping[FeedId, FeedPlace],
        journal: Journal,
        notifier: Notifier,
        hands: Effects,
        clock: Clock,
        reads_with_key: bool = False,
    ) -> None:
        """*clock* tells local time; *reads_with_key*: without AWS, by one's own key."""
        self.state, self.places, self.memory = state, places, journal.memory
        self._journal, self._hands = journal, hands
        self._teller = Outbox(journal, notifier)
        self._clock = clock
        self._own_reading = reads_with_key
        self._timing = Timing(poll=state.freshness.poll)
        self._kept: Mapping[str, str] = {}
        self._drawn: tuple[Icon, Menu] | None = None
        self._drawn_for = state, clock()

    def handle(self, event: Event) -> bool:  # noqa: C901  # a case for each event
        """Take one event; False once a person wants to quit."""
        now = self._clock()
        match event:
            case Polled():
                self._polled(event, now)
            case PollFailed():
                self._failed(event, now)
            case Acted():
                turn = actions.answered(
                    self.state, self.memory, event.verb, event.results, now
                )
                self._take_turn(turn, now)
                self._timing.soon(now)
            case ProblemReport() | Changed():
                self.state = event.apply(self.state)
            case SyncNow():
                self._look_anew(now)
            case Act():
                turn = actions.asked(
                    self.state, self.memory, event.verb, event.ids, now
                )
                self._take_turn(turn, now)
            case Undo():
                self._take_turn(
                    actions.taken_back(self.state, self.memory, event.id), now
                )
            case SendNow():
                turn = actions.hurried(self.state, self.memory, event.id, now)
                self._take_turn(turn, now)
            case Failed():
                self._say((action_replies.failed(event.why, now),), now)
            case Redraw():
                self._drawn = None
            case Quit():
                return False
            case _:
                self.state, said = handle(event, self.state, self._hands, now)
                self._say(said, now)
        self.tick()
        return True

    def tick(self) -> float:
        """Do what is due; return the seconds until something may be again."""
        now = self._clock()
        if self._timing.slept(now):
            log.info("resumed after a sleep")
        self._take_turn(actions.due(self.state, self.memory, now), now)
        self._reload()
        self.state = problems.derived(self.state, now)
        for kind, found in (
            (ProblemKind.DISK_FULL, self._journal.problem),
            (ProblemKind.LEDGER_REBUILT, self._journal.rebuilt),
        ):
            self.state = (
                self.state.with_trouble(found)
                if found
                else self.state.without_trouble(kind)
            )
        decision = decide.decide(self.memory, (), self.state, now=now, looked=False)
        self._conclude(decision, now)
        ask = self._timing.due(self.state, now)
        if ask is not None:
            positions = {feed: place.position for feed, place in self.places.items()}
            retention = self.state.freshness.retention
            self._hands.poll(replace(ask, positions=positions, retention=retention))
        if self._timing.key_due(self.state, now):
            self._hands.find_key()
        self._deliver(now)
        self._draw(now)
        return self._timing.wait(self.state, self.memory, now)

    def _polled(self, polled: Polled, now: datetime) -> None:
        self._timing.answered(now, status=polled.status is not None)
        intake = take(self.state, self.places, polled, now)
        self.state, self.places = intake.state, intake.places
        if self._own_reading:
            self.state = replace(self.state.without_trouble(*KEY), can_act=True)
        self.state = problems.derived(self.state, now)
        decision = decide.decide(self.memory, intake.news, self.state, now=now)
        if intake.begun:
            told = ",".join(
                f"{feed}:{place.position.epoch}:{place.position.cursor}"
                for feed in intake.begun
                if (place := intake.places[feed]).position is not None
            )
            reason = max(
                intake.begun.values(), key=lambda one: one is not ResyncReason.FIRST
            )
            decision = decision.then(
                decide.baseline(
                    decision.memory, self.state, reason, f"begun:{told}", now=now
                )
            )
        self._conclude(decision, now, intake.steps)

    def _look_anew(self, now: datetime) -> None:
        """Look at once, for a key as well where another one may help."""
        self._timing.soon(now)
        if self.state.forbidden or any(map(self.state.trouble, KEY)):
            self._hands.find_key()

    def _failed(self, failed: PollFailed, now: datetime) -> None:
        found = problems.of_failure(failed.error, now)
        log.info("not read: %s", failed.error)
        others = [kind for kind in READING if kind is not found.kind]
        self.state = self.state.without_trouble(*others).with_trouble(found)
        self._timing.failed(found.kind, now)

    def _take_turn(self, turn: actions.Transition, now: datetime) -> None:
        """Keep what a turn comes to, and send what is to be sent only then."""
        self.state = turn.state
        self._commit(turn.output, now)
        for verb, ids in turn.send:
            self._hands.act(verb, ids, self.state.me)

    def _say(self, said: Sequence[Notification], now: datetime) -> None:
        self._commit(Output(memory=self.memory, tell=tuple(said)), now)

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
        """Keep it all in one transaction; what did not change is not written."""
        kept = to_keep(self.state, output.memory, self._kept)
        idle = output.memory is self.memory and not feeds and not kept
        self.memory = output.memory
        if idle and not (output.tell or output.withdraw or output.changes):
            return
        step = Step(at=now, output=output, feeds=feeds or {}, values=kept)
        self._journal.accept(step, self._whole)
        self._kept = {**self._kept, **kept}
        self._teller.withdraw(output.withdraw)
        self._deliver(now)

    def _deliver(self, now: datetime) -> None:
        self.state = self._teller.deliver(self.state, now, self._whole)

    def _whole(self) -> Mapping[FeedId, FeedStep]:
        return whole(self.state, self.places)

    def _reload(self) -> None:
        """Take over what the command line has written."""
        if self._journal.changed():
            self.state = reloaded(self.state, self._journal.read(serialization.SNOOZES))

    def _draw(self, now: datetime) -> None:
        """Show what differs; while nothing happens, look at ages once a tick."""
        known = replace(self.state, freshness=UNKNOWN)
        before, at = self._drawn_for
        recently = timedelta(0) <= now - at < TICK
        if self._drawn is not None and recently and known == before:
            return
        self._drawn_for = known, now
        wanted = badge.icon(self.state, now), menu.build(self.state, now)
        if wanted != self._drawn:
            self._drawn = wanted
            self._hands.show(*wanted)

"""Syncs one after another, and a companion that looks after each."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import Event

from incidents.feeds import FeedId
from simulator.demo.audit import Audit, entries, tally
from simulator.demo.console import Transcript
from simulator.demo.headless_tray import Companion, RecordingNotifier
from simulator.demo.scenes import Cast, scenes
from simulator.demo.setup import Parts, now
from tray_app.feed.poller import FeedRead
from tray_app.model.intents import Verb
from tray_app.model.rules import Rules
from tray_app.settings.settings import parse

_EACH = 8
"""Changes from one sync to the next where nobody waits for the clock."""
_NEVER = 1_000_000
_UNGROUPED = Rules(burst=_NEVER, burst_a_minute=_NEVER)
"""What takes minutes passes in a second there, and would be told in one digest."""
_GLANCE = 0.25


@dataclass(slots=True)
class Counts:
    """What happened."""

    syncs: int = 0
    changes: int = 0
    notifications: int = 0
    begun: dict[FeedId, int] = field(default_factory=dict)
    """Where the companion began in each feed."""

    def took(self, report: Mapping[str, object]) -> None:
        """Note a sync's report."""
        self.syncs += 1
        self.changes += int(str(report["changes"]))


class Show:
    """The function, and a companion at a desk."""

    def __init__(self, parts: Parts, desk: RecordingNotifier, *, grouped: bool) -> None:
        """Without *grouped*, every notification is told on its own."""
        settings = parse(parts.settings)
        if not grouped:
            settings = replace(settings, rules=_UNGROUPED)
        self._parts, self.desk = parts, desk
        self.counts = Counts()
        self.companion = Companion(
            settings=settings,
            reader=parts.deployment.store,
            actor=parts.actor,
            ledger=parts.ledger,
            desk=desk,
            clock=now,
        )

    def sync(self) -> Mapping[str, object]:
        """Invoke the function once; return its report."""
        report = self._parts.deployment.function.invoke()
        self.counts.took(report)
        return report

    def look(self) -> list[dict[str, object]]:
        """Let the companion look; say what its ledger has of that as told."""
        found = self.companion.look()
        for feed, read in found.items():
            if read.state is not None and read.position is not None:
                self.counts.begun.setdefault(feed, read.position.cursor)
        told = list(self._told(found))
        self.counts.notifications += len(told)
        return told

    def _told(self, found: Mapping[FeedId, FeedRead]) -> Iterator[dict[str, object]]:
        kept = entries(self._parts.ledger)
        for feed, read in found.items():
            for row in read.rows:
                entry = kept.get((feed, row.seq))
                if entry is not None and entry.state == "shown":
                    incident = row.change.incident
                    yield {
                        "type": "notification",
                        "feed": feed,
                        "seq": row.seq,
                        "kinds": sorted(row.change.kinds),
                        "incident_id": incident.id,
                        "severity": incident.severity,
                        "title": entry.title,
                    }

    def tally(self) -> Audit:
        """Compare what was told with the feeds."""
        parts = self._parts
        return tally(
            parts.deployment.store, self.counts.begun, parts.ledger, self.desk.told
        )


def fast(show: Show, parts: Parts, cycles: int, said: Callable[[str], None]) -> None:
    """Run *cycles* syncs as fast as they go; *said* takes a line of JSON each."""
    for cycle in range(cycles):
        if cycle:
            parts.world.live(_EACH)
        show.sync()
        for line in show.look():
            said(json.dumps(line, ensure_ascii=False))


def live(show: Show, parts: Parts, screen: Transcript, pace: "Tempo") -> None:
    """Play at the pace of the clock, and print what happens."""
    stage = Cast(
        world=parts.world,
        me=parts.me,
        colleague=parts.world.users[1],
        acknowledge=lambda id_: show.companion.act(Verb.ACKNOWLEDGE, id_),
    )
    for _ in pace.syncs(stage, screen):
        report = show.sync()
        show.look()
        screen.sync(now(), show.counts.syncs, report, show.desk.standing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempo:
    """How fast, how long, and until when."""

    interval: float
    """Seconds from one sync to the next."""
    seconds: float
    """How long in all."""
    ended: Event
    """Set when it is to end before that."""

    def syncs(self, stage: Cast, screen: Transcript) -> Iterator[None]:
        """Yield whenever a sync is due; in between, the scenes are played."""
        began = now()
        rest = list(scenes(stage.me, stage.colleague))
        while not self.ended.is_set():
            due = now() + timedelta(seconds=self.interval)
            yield
            if now() - began >= timedelta(seconds=self.seconds):
                return
            while now() < due and not self.ended.wait(_GLANCE):
                played = (now() - began).total_seconds()
                while rest and rest[0].seconds <= played:
                    scene = rest.pop(0)
                    screen.story(now(), scene.text)
                    scene.play(stage)

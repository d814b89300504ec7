"""Run syncs one after another, and a headless tray after each."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import Event

from incidents.feeds import FeedId
from simulator.demo.audit import Audit, compare, outcomes_by_key
from simulator.demo.console import Transcript
from simulator.demo.headless_tray import HeadlessTray, RecordingNotifier
from simulator.demo.scenes import SceneContext, scenes
from simulator.demo.setup import Parts, now
from tray_app.feed.poller import FeedRead
from tray_app.model.intents import Verb
from tray_app.model.rules import Rules
from tray_app.settings.settings import parse

_CHANGES_PER_SYNC = 8
"""Random changes between two syncs of a fast run."""
_UNLIMITED = 1_000_000
_UNGROUPED = Rules(burst=_UNLIMITED, burst_a_minute=_UNLIMITED)
"""Rules of a fast run: minutes pass in a second, which would make one digest."""
_POLL_SECONDS = 0.25


@dataclass(slots=True)
class Counts:
    """Counts of a run."""

    syncs: int = 0
    changes: int = 0
    notifications: int = 0
    start_positions: dict[FeedId, int] = field(default_factory=dict)
    """The sequence at which the tray started in each feed."""

    def add(self, report: Mapping[str, object]) -> None:
        """Add a sync's report."""
        self.syncs += 1
        self.changes += int(str(report["changes"]))


class DemoRun:
    """The function and a headless tray."""

    def __init__(
        self, parts: Parts, notifier: RecordingNotifier, *, grouped: bool
    ) -> None:
        """Without *grouped* there are no digests."""
        settings = parse(parts.settings)
        if not grouped:
            settings = replace(settings, rules=_UNGROUPED)
        self._parts, self.notifier = parts, notifier
        self.counts = Counts()
        self.tray = HeadlessTray(
            settings=settings,
            reader=parts.deployment.store,
            actor=parts.actor,
            ledger=parts.ledger,
            notifier=notifier,
            clock=now,
        )

    def sync(self) -> Mapping[str, object]:
        """Invoke the function once; return its report."""
        report = self._parts.deployment.function.invoke()
        self.counts.add(report)
        return report

    def poll(self) -> list[dict[str, object]]:
        """Poll with the tray; return its new notifications as JSON objects."""
        feeds = self.tray.poll()
        for feed, read in feeds.items():
            if read.state is not None and read.position is not None:
                self.counts.start_positions.setdefault(feed, read.position.cursor)
        lines = list(self._lines(feeds))
        self.counts.notifications += len(lines)
        return lines

    def _lines(self, feeds: Mapping[FeedId, FeedRead]) -> Iterator[dict[str, object]]:
        outcomes = outcomes_by_key(self._parts.ledger)
        for feed, read in feeds.items():
            for row in read.rows:
                entry = outcomes.get((feed, row.seq))
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

    def audit(self) -> Audit:
        """Compare the notifications with the feeds."""
        parts = self._parts
        return compare(
            parts.deployment.store,
            self.counts.start_positions,
            parts.ledger,
            [shown.id for shown in self.notifier.notifications],
        )


def run_fast(
    run: DemoRun, parts: Parts, cycles: int, print_line: Callable[[str], None]
) -> None:
    """Run *cycles* syncs without waiting; *print_line* gets the JSON lines."""
    for cycle in range(cycles):
        if cycle:
            parts.world.live(_CHANGES_PER_SYNC)
        run.sync()
        for line in run.poll():
            print_line(json.dumps(line, ensure_ascii=False))


def live(run: DemoRun, parts: Parts, screen: Transcript, timer: "SyncTimer") -> None:
    """Run syncs at their interval, with scenes between, and print the events."""
    context = SceneContext(
        world=parts.world,
        me=parts.me,
        colleague=parts.world.users[1],
        acknowledge=lambda id_: run.tray.act(Verb.ACKNOWLEDGE, id_),
    )
    for _ in timer.syncs(context, screen):
        report = run.sync()
        run.poll()
        screen.sync(now(), run.counts.syncs, report, run.notifier.tooltip)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncTimer:
    """When syncs are due, and when the run ends."""

    interval: float
    """Seconds between two syncs."""
    seconds: float
    """The duration of the run."""
    ended: Event
    """Set to end the run earlier."""

    def syncs(self, context: SceneContext, screen: Transcript) -> Iterator[None]:
        """Yield whenever a sync is due; play the scenes in between."""
        start = now()
        remaining = list(scenes(context.me, context.colleague))
        while not self.ended.is_set():
            due = now() + timedelta(seconds=self.interval)
            yield
            if now() - start >= timedelta(seconds=self.seconds):
                return
            while now() < due and not self.ended.wait(_POLL_SECONDS):
                elapsed = (now() - start).total_seconds()
                while remaining and remaining[0].seconds <= elapsed:
                    scene = remaining.pop(0)
                    screen.story(now(), scene.text)
                    scene.play(context)

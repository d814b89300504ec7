"""The loop of `watch`: stored state and keys in, screen and effects out."""

import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime

from rich.console import Console
from rich.live import Live

from incidents.coralogix.incidents.actor import CoralogixActor
from incidents.errors import IncidentsError
from incidents.models import IncidentId
from tray_app.actions.pending import Result, caught_up, settled
from tray_app.app import connect, restore
from tray_app.app.events import Acted, Changed, Event, Failed
from tray_app.app.intents import handle
from tray_app.app.side_effects import SideEffects
from tray_app.desktop import instance
from tray_app.ledger import history
from tray_app.model.intents import Act, Intent, Quit, SyncNow, Verb
from tray_app.model.ports import DesktopError
from tray_app.model.state import Me, Pending, Stage, TrayState
from tray_app.present import incident_details
from tray_app.settings import paths
from tray_app.settings.settings import Settings
from tray_app.watch import inbox, screen
from tray_app.watch.keys import Keys
from tray_app.watch.stored_state import StoredState

TICK = 1.0
"""Seconds between two looks at what was stored."""


class WatchLoop:
    """Shows the state that the tray stores, and acts by the same code as the tray."""

    def __init__(
        self, settings: Settings, console: Console, look_after: Callable[[], None]
    ) -> None:
        """*look_after* is called each round; what it raises ends the loop."""
        self._settings = settings
        self._console = console
        self._look_after = look_after
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._effects = SideEffects(
            put=self._events.put,
            poll=lambda _: None,
            connect=lambda: CoralogixActor(
                connect.connected(settings.coralogix.address())
            ),
            clock=_now,
            profile=settings.profile,
        )
        self._state = TrayState(me=Me(uid=settings.uid), rules=settings.rules)
        self._confirmed: dict[IncidentId, Pending] = {}
        """Actions of this view that are confirmed and not in the feed yet."""
        self._link = settings.coralogix.link
        self._stored = StoredState()
        self._view = inbox.InboxView()
        self._looked_up: set[IncidentId] = set()
        self._timelines: dict[IncidentId, tuple[str, ...]] = {}

    def run(self, typed: Keys) -> None:
        """Show the inbox and act on keys until a person quits."""
        if self._settings.coralogix.address() is not None:
            self._effects.get_ready(link=not self._link)
        with (
            closing(self._stored),
            Live(console=self._console, screen=True, auto_refresh=False) as live,
        ):
            while True:
                self._look_after()
                self._read()
                width, height = self._console.size
                live.update(
                    screen.drawn(self._view, self._state, _now(), height, width)
                )
                live.refresh()
                for key in typed.wait(TICK):
                    self._view, intent = inbox.pressed(key, self._view, self._state)
                    if isinstance(intent, Quit):
                        return
                    if intent is not None:
                        self._do(intent)

    def _read(self) -> None:
        """Take over what the tray has stored, and the outcome of the effects."""
        now = _now()
        stored = self._stored.changed_state(now)
        if stored is not None:
            self._state = replace(
                stored,
                pending={**stored.pending, **self._confirmed},
                link=self._link or stored.link,
            )
        self._state = caught_up(self._state, now)
        self._confirmed = {
            id_: action
            for id_, action in self._confirmed.items()
            if id_ in self._state.pending
        }
        with suppress(queue.Empty):
            while True:
                self._take(self._events.get_nowait(), now)
        if self._view.detail and self._view.at:
            self._look_up(self._view.at)
            timeline = self._timelines.get(self._view.at, ())
            self._view = replace(self._view, timeline=timeline)

    def _take(self, event: Event, now: datetime) -> None:
        match event:
            case Acted(verb=verb, results=results):
                self._take_results(verb, results, now)
                instance.send(paths.runtime_folder(), instance.SYNC)
            case Changed(apply=apply):
                self._link = apply(self._state).link or self._link
                self._state = replace(self._state, link=self._link)
            case Failed():
                self._view = replace(self._view, message=event.why)
            case _:
                pass  # the effects of this view put no other event

    def _take_results(
        self, verb: Verb, results: Sequence[Result], now: datetime
    ) -> None:
        """Show what Coralogix confirmed, until the feed shows it as well."""
        sent = {
            result.id: Pending(id=result.id, verb=verb, stage=Stage.SENT, since=now)
            for result in results
        }
        answered = settled(replace(self._state, pending=sent), verb, results, now)
        for result in results:
            text = f"{verb}: done" if result.error is None else f"{result.error}"
            self._view = replace(self._view, message=text)
            if result.error is None:
                self._looked_up.discard(result.id)
            if result.incident is not None:
                self._confirmed[result.id] = answered.pending[result.id]
        pending = {**self._state.pending, **self._confirmed}
        self._state = replace(self._state, pending=pending)

    def _do(self, intent: Intent) -> None:
        match intent:
            case Act():
                self._effects.act(intent.verb, intent.ids, self._state.me)
            case SyncNow():
                if not instance.send(paths.runtime_folder(), instance.SYNC):
                    self._view = replace(self._view, message="No tray answers.")
            case _:
                before = self._state.snoozes
                self._state, _ = handle(intent, self._state, self._effects, _now())
                if self._state.snoozes != before:
                    self._stored.put_snoozes(self._state.snoozes)

    def _look_up(self, id_: IncidentId) -> None:
        """Read the timeline of *id_* on a thread of its own."""
        if id_ not in self._looked_up:
            self._looked_up.add(id_)
            threading.Thread(
                target=self._read_timeline, args=(id_,), name="timeline", daemon=True
            ).start()

    def _read_timeline(self, id_: IncidentId) -> None:
        lines = self._timeline_of_coralogix(id_) or self._timeline_of_ledger(id_)
        self._timelines[id_] = lines or ("nothing that is known",)

    def _timeline_of_coralogix(self, id_: IncidentId) -> tuple[str, ...]:
        """Return the timeline in Coralogix; nothing if it cannot be read."""
        try:
            with connect.acting(self._settings.coralogix.address()) as actor:
                events = actor.timeline(id_).events
        except (IncidentsError, DesktopError):
            return ()
        return tuple(incident_details.sentence(event) for event in events)

    def _timeline_of_ledger(self, id_: IncidentId) -> tuple[str, ...]:
        """Return the changes that the tray has read."""
        with suppress(IncidentsError), restore.open_ledger() as ledger:
            changes = history.changes_of(ledger, id_)
            return tuple(history.line(change, _now()) for change in changes)
        return ()


def _now() -> datetime:
    return datetime.now().astimezone()  # noqa: TID251  # the edge, in local time

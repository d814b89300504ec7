"""The loop of `incident-tray watch`: what is known, what is typed, what came of it."""

import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from rich.console import Console
from rich.live import Live

from incidents.coralogix.incidents.actor import CoralogixActor
from incidents.errors import IncidentsError, StoreMissingError
from incidents.models import IncidentId
from tray_app.actions.pending import caught_up
from tray_app.app import connect, restore
from tray_app.app.events import Acted, Changed, Event, Failed
from tray_app.app.intents import handle, snoozed
from tray_app.app.side_effects import SideEffects
from tray_app.desktop import instance
from tray_app.ledger import history, serialization
from tray_app.model.intents import (
    Act,
    CopyLink,
    Intent,
    OpenIncident,
    Quit,
    Snooze,
    SyncNow,
)
from tray_app.model.ports import DesktopError
from tray_app.model.state import Me, Pending, Stage, TrayState
from tray_app.present import incident_details
from tray_app.settings import paths
from tray_app.settings.settings import Settings
from tray_app.watch import inbox, screen
from tray_app.watch.keys import Keys

TICK = 1.0


class WatchLoop:
    """The loop: what the ledger holds, what is typed, what comes of it."""

    def __init__(
        self, settings: Settings, console: Console, look_after: Callable[[], None]
    ) -> None:
        """*look_after* is called now and then; what it raises ends the loop."""
        self._settings = settings
        self._console = console
        self._look_after = look_after
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._outside = SideEffects(
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
        """What Coralogix said was done here, until the feed shows it."""
        self._link = settings.coralogix.link
        self._view = inbox.InboxView()
        self._asked: set[IncidentId] = set()
        self._timelines: dict[IncidentId, tuple[str, ...]] = {}

    def run(self, typed: Keys) -> None:
        """Show and obey until a person has seen enough."""
        if self._settings.coralogix.address() is not None:
            self._outside.get_ready(link=not self._link)
        with Live(console=self._console, screen=True, auto_refresh=False) as live:
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
        """Take in what the tray wrote, and what came of what was asked for."""
        with suppress(StoreMissingError), restore.open_ledger() as ledger:
            now = _now()
            known = restore.known_state(ledger, now)
            state = replace(
                known,
                pending={**known.pending, **self._confirmed},
                link=self._link or known.link,
                can_act=self._settings.coralogix.address() is not None,
            )
            self._state = caught_up(state, now)
            self._confirmed = {
                id_: one
                for id_, one in self._confirmed.items()
                if id_ in self._state.pending
            }
        with suppress(queue.Empty):
            while True:
                self._heard(self._events.get_nowait())
        if self._view.detail and self._view.at:
            self._look_up(self._view.at)
            timeline = self._timelines.get(self._view.at, ())
            self._view = replace(self._view, timeline=timeline)

    def _heard(self, event: Event) -> None:
        match event:
            case Acted(verb=verb, results=results):
                for one in results:
                    if one.error is not None:
                        self._view = replace(self._view, said=f"{one.error}")
                        continue
                    self._view = replace(self._view, said=f"{verb}: done")
                    self._asked.discard(one.id)
                    if one.incident is not None:
                        self._confirmed[one.id] = Pending(
                            id=one.id,
                            verb=verb,
                            stage=Stage.CONFIRMED,
                            since=_now(),
                            incident=one.incident,
                            watermark=self._state.freshness.watermark,
                        )
                instance.send(paths.runtime_folder(), instance.SYNC)
            case Changed(apply=apply):
                after = apply(self._state)
                self._link, self._state = after.link or self._link, after
            case Failed():
                self._view = replace(self._view, said=event.why)
            case _:
                pass  # nothing else is asked for here

    def _do(self, intent: Intent) -> None:
        match intent:
            case Act():
                self._outside.act(intent.verb, intent.ids, self._state.me)
            case SyncNow():
                if not instance.send(paths.runtime_folder(), instance.SYNC):
                    self._view = replace(self._view, said="No tray answers.")
            case Snooze():
                end = None if intent.span is None else _now() + intent.span
                with suppress(StoreMissingError), restore.open_ledger() as ledger:
                    snoozes = snoozed(self._state.snoozes, intent.id, end)
                    kept = serialization.SNOOZES.to_json(snoozes)
                    ledger.put("snoozes", kept)
            case OpenIncident() | CopyLink():
                handle(intent, self._state, self._outside, _now())
            case _:
                pass  # no key asks for it

    def _look_up(self, id_: IncidentId) -> None:
        """Find out what happened, on a thread of its own: the screen goes on."""
        if id_ not in self._asked:
            self._asked.add(id_)
            look = threading.Thread(
                target=self._found, args=(id_,), name="story", daemon=True
            )
            look.start()

    def _found(self, id_: IncidentId) -> None:
        found = self._told(id_) or self._seen(id_)
        self._timelines[id_] = found or ("nothing that is known",)

    def _told(self, id_: IncidentId) -> tuple[str, ...]:
        """Return what happened, as Coralogix tells it; nothing if it does not."""
        try:
            actor = CoralogixActor(
                connect.connected(self._settings.coralogix.address())
            )
            try:
                events = actor.timeline(id_).events
            finally:
                actor.disconnect()
        except (IncidentsError, DesktopError):
            return ()
        return tuple(incident_details.sentence(one) for one in events)

    def _seen(self, id_: IncidentId) -> tuple[str, ...]:
        """Return what happened, as the tray saw it."""
        with suppress(IncidentsError), restore.open_ledger() as ledger:
            found = history.changes_of(ledger, id_)
            return tuple(history.line(one, _now()) for one in found)
        return ()


def _now() -> datetime:
    return datetime.now().astimezone()  # noqa: TID251  # the edge, in local time

"""The terminal as a view on an app: draws its state, hands it intents by key."""

from collections.abc import Callable
from dataclasses import replace

from rich.console import Console
from rich.live import Live

from incidents.ports import Clock
from tray_app.actions.pending import refusal
from tray_app.app.app import App
from tray_app.app.events import Acted, Event, Failed
from tray_app.app.main_loop import MainLoop
from tray_app.model.intents import Act, Intent, SendNow, SyncNow, Verb
from tray_app.model.state import TrayState
from tray_app.watch import inbox, screen
from tray_app.watch.keys import Keys
from tray_app.watch.timelines import Timelines

TICK = 1.0
"""Seconds between two drawings while nobody presses a key."""


class Terminal:
    """Shows the inbox of an app and acts on keys until a person quits."""

    def __init__(  # noqa: PLR0913  # everything that it is made of
        self,
        *,
        app: App,
        loop: MainLoop,
        timelines: Timelines,
        console: Console,
        clock: Clock,
        shown: Callable[[TrayState], TrayState],
        sync: Callable[[], bool],
    ) -> None:
        """*shown* adds to the app's state; *sync* polls, or returns False."""
        self._app, self._loop, self._timelines = app, loop, timelines
        self._console, self._clock = console, clock
        self._shown, self._sync = shown, sync
        self._view = inbox.InboxView()

    def run(self, typed: Keys) -> None:
        """Show the inbox and act on the keys *typed*."""
        with Live(console=self._console, screen=True, auto_refresh=False) as live:
            while self._loop.handle_waiting(self._note):
                self._draw(live)
                for key in typed.wait(TICK):
                    state = self._shown(self._app.state)
                    self._view, intent = inbox.pressed(key, self._view, state)
                    if intent is not None and not self._do(intent):
                        return

    def _draw(self, live: Live) -> None:
        if self._view.detail and self._view.at:
            timeline = self._timelines.of(self._view.at)
            self._view = replace(self._view, timeline=timeline)
        width, height = self._console.size
        state = self._shown(self._app.state)
        live.update(screen.drawn(self._view, state, self._clock(), height, width))
        live.refresh()

    def _do(self, intent: Intent) -> bool:
        """Carry out *intent*; return False once a person wants to quit."""
        match intent:
            case SyncNow():
                if not self._sync():
                    self._say("No tray answers.")
                return True
            case Act(verb=verb, ids=ids):
                reason = refusal(self._app.state, ids)
                if reason:
                    self._say(reason)
                    return True
                continues = self._app.handle(intent)
                if verb is Verb.RESOLVE:  # the person has confirmed it
                    continues = self._app.handle(SendNow(*ids))
                return continues
            case _:
                return self._app.handle(intent)

    def _note(self, event: Event) -> None:
        """Show the result of an action, or why an effect failed."""
        match event:
            case Acted(verb=verb, results=results):
                for result in results:
                    done = result.error is None
                    self._say(f"{verb}: done" if done else f"{result.error}")
                    if done:
                        self._timelines.forget(result.id)
                self._sync()
            case Failed(why=why):
                self._say(why)
            case _:
                pass

    def _say(self, message: str) -> None:
        self._view = replace(self._view, message=message)

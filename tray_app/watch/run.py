"""Compose the terminal: over its own app, or over what a running tray has stored."""

import logging
import queue
from contextlib import closing

from rich.console import Console

from tray_app.app import logs, running
from tray_app.app.app import App
from tray_app.app.clock import local_now, uptime
from tray_app.app.compose import (
    checked,
    claimed,
    composed,
    side_effects,
)
from tray_app.app.connect import environment_key
from tray_app.app.events import Event
from tray_app.app.main_loop import MainLoop
from tray_app.app.signals import ending
from tray_app.desktop.instance import SYNC
from tray_app.model.intents import Quit, SyncNow
from tray_app.model.state import Me, TrayState
from tray_app.model.view import Notification
from tray_app.settings import paths
from tray_app.settings.settings import Settings
from tray_app.watch.keys import Keys
from tray_app.watch.stored_state import StoredState
from tray_app.watch.terminal import Terminal
from tray_app.watch.timelines import Timelines


def run(settings: Settings, console: Console, typed: Keys) -> None:
    """
    Show the open incidents on *console* until a person quits.

    Where no tray runs, this is the tray for as long as it lasts.

    Raises:
        SettingsError: If *settings* are not enough for a tray.
        LedgerError: If the ledger cannot be read or written.
        DesktopError: If another tray cannot be told from this one.
    """
    if running.is_running():
        show_stored(settings, console, typed)
        return
    checked(settings)
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    with claimed(events) as is_first:
        if not is_first:
            show_stored(settings, console, typed)
            return
        with (
            logs.writing(paths.log_folder(), known=(environment_key(),)),
            ending(lambda: events.put(Quit())),
            composed(settings, events) as (app, _),
        ):
            Terminal(
                app=app,
                loop=MainLoop(app, events, paths.settings_file(), clock=local_now),
                timelines=Timelines(settings.coralogix.address(), local_now),
                console=console,
                clock=local_now,
                shown=lambda state: state,
                sync=lambda: app.handle(SyncNow()),
            ).run(typed)


def show_stored(settings: Settings, console: Console, typed: Keys) -> None:
    """Show on *console* what the running tray stores. Raises as `run`."""
    # What is logged elsewhere by the tray must not cover the screen here.
    logging.getLogger().addHandler(logging.NullHandler())
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    with ending(lambda: events.put(Quit())), closing(StoredState()) as stored:
        address = settings.coralogix.address()
        app = App(
            state=TrayState(
                me=Me(uid=settings.uid),
                rules=settings.rules,
                can_act=address is not None,
                link=settings.coralogix.link,
            ),
            places={},
            journal=stored,
            notifier=_NoNotifications(),
            effects=side_effects(settings, events, lambda _: None),
            clock=local_now,
            uptime=uptime,
        )
        Terminal(
            app=app,
            loop=MainLoop(app, events, paths.settings_file(), clock=local_now),
            timelines=Timelines(address, local_now),
            console=console,
            clock=local_now,
            shown=stored.with_pending,
            sync=lambda: running.send(SYNC),
        ).run(typed)


class _NoNotifications:
    """Implements `Notifier` for a program that leaves notifying to the tray."""

    problem: str | None = None
    unanswered: str | None = None

    def tell(self, notification: Notification) -> bool:
        """Do nothing."""
        del notification
        return True

    def withdraw(self, key: str) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""

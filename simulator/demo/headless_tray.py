"""The real tray without a desktop: polled by the caller, notifications recorded."""

import queue
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from incidents.coralogix.incidents.actor import CoralogixActor
from incidents.feeds import FeedId
from incidents.models import IncidentId
from incidents.ports import Clock, FeedReader
from tray_app.app.app import App
from tray_app.app.compose import feeds_of
from tray_app.app.events import Event
from tray_app.app.restore import initial_state, places_of
from tray_app.app.side_effects import SideEffects
from tray_app.feed.poller import FeedRead, PollRequest, look
from tray_app.ledger.journal import Journal
from tray_app.model.intents import Act, SyncNow, Verb
from tray_app.model.view import Icon, Menu, Notification
from tray_app.settings.settings import Settings

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ACTION_TIMEOUT = 20.0
"""Seconds until an action must have a result."""


@dataclass(slots=True)
class RecordingNotifier:
    """A desktop without a screen that records notifications. `Notifier` and `Tray`."""

    show_notification: Callable[[Notification], None] = lambda _: None
    """Called with each notification, for example to print it."""
    notifications: list[Notification] = field(default_factory=list)
    """All notifications, in the order of their arrival."""
    on_screen: dict[str, Notification] = field(default_factory=dict)
    """By key: those neither replaced nor withdrawn."""
    broken: bool = False
    """Whether it refuses notifications."""
    problem: str | None = None
    unanswered: str | None = None
    tooltip: str = ""
    """The tooltip of the icon."""

    def tell(self, notification: Notification) -> bool:
        """Record *notification*; False if the desktop is broken."""
        if self.broken:
            self.problem = "Notifications are not shown: none here."
            return False
        self.problem = None
        self.notifications.append(notification)
        self.on_screen[notification.key] = notification
        self.show_notification(notification)
        return True

    def withdraw(self, key: str) -> None:
        """Remove the notification of *key* from the screen."""
        self.on_screen.pop(key, None)

    def show(self, icon: Icon, menu: Menu) -> None:
        """Record the tooltip."""
        del menu
        self.tooltip = icon.tooltip

    def run(self, started: Callable[[], None]) -> None:
        """Do nothing: there is no event loop."""

    def stop(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Clear the screen."""
        self.on_screen.clear()


class HeadlessTray:
    """Follows a person's feed and the team's, with its own ledger."""

    def __init__(  # noqa: PLR0913  # everything it is made of
        self,
        *,
        settings: Settings,
        reader: FeedReader,
        actor: Callable[[], CoralogixActor],
        ledger: Path,
        notifier: RecordingNotifier,
        clock: Clock,
    ) -> None:
        """Open the *ledger* at that path; `poll` reads the feeds."""
        self.feeds = feeds_of(settings)
        self._reader, self._clock = reader, clock
        self._journal = Journal(ledger, clock())
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._requests: list[PollRequest] = []
        effects = SideEffects(
            put=self._events.put,
            poll=self._requests.append,
            connect=actor,
            clock=clock,
            profile="",
        )
        effects.tray = notifier
        self._app = App(
            state=initial_state(settings, self.feeds, self._journal),
            places=places_of(self.feeds, self._journal),
            journal=self._journal,
            notifier=notifier,
            effects=effects,
            clock=clock,
            uptime=lambda: clock() - _EPOCH,
        )

    def poll(self) -> Mapping[FeedId, FeedRead]:
        """Read the feeds once and show notifications; return what was read."""
        self._app.handle(SyncNow())
        if not self._requests:
            return {}
        request = replace(self._requests.pop(), status=True)
        polled = look(self._reader, request, self._clock())
        self._app.handle(polled)
        return polled.feeds

    def act(self, verb: Verb, id_: str) -> None:
        """Act as a click on a notification's button does, and wait for the result."""
        self._app.handle(Act(verb, (IncidentId(id_),)))
        self._app.handle(self._events.get(timeout=_ACTION_TIMEOUT))

    def close(self) -> None:
        """Close the ledger."""
        self._journal.close()

"""The real companion without a desktop: driven one look at a time."""

import queue
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from incidents.coralogix.incidents.actor import CoralogixActor
from incidents.feeds import FeedId
from incidents.models import IncidentId
from incidents.ports import Clock, FeedReader
from tray_app.app.app import App
from tray_app.app.compose import feeds_of
from tray_app.app.events import Event
from tray_app.app.restore import places_of, state_of
from tray_app.app.side_effects import SideEffects
from tray_app.feed.poller import FeedRead, PollRequest, look
from tray_app.ledger.journal import Journal
from tray_app.model.intents import Act, SyncNow, Verb
from tray_app.model.view import Icon, Menu, Notification
from tray_app.settings.settings import Settings

_PATIENCE = 20.0
"""Seconds within which an action is answered, well or badly."""


@dataclass(slots=True)
class RecordingNotifier:
    """A desktop that takes every notification, and remembers which."""

    show_notification: Callable[[Notification], None] = lambda _: None
    """Called for each; for example to print it."""
    told: list[str] = field(default_factory=list)
    """Their stable ids, in the order in which they came."""
    problem: str | None = None
    standing: str = ""
    """How things stand, in a line: the icon's tooltip."""

    def tell(self, notification: Notification) -> bool:
        """Take *notification*."""
        self.told.append(notification.told)
        self.show_notification(notification)
        return True

    def withdraw(self, key: str) -> None:
        """There is no screen to take it off."""

    def show(self, icon: Icon, menu: Menu) -> None:
        """Keep what the icon says."""
        del menu
        self.standing = icon.tooltip

    def run(self, started: Callable[[], None]) -> None:
        """There is no loop to own a thread."""

    def stop(self) -> None:
        """See above."""

    def close(self) -> None:
        """There is nothing to let go of."""


class Companion:
    """Follows a person's feed and the team's, with a ledger of its own."""

    def __init__(  # noqa: PLR0913  # everything it is made of
        self,
        *,
        settings: Settings,
        reader: FeedReader,
        actor: Callable[[], CoralogixActor],
        ledger: Path,
        desk: RecordingNotifier,
        clock: Clock,
    ) -> None:
        """Begin with the *ledger* at that path; nothing is read yet."""
        self.feeds = feeds_of(settings)
        self._reader, self._clock = reader, clock
        self._journal = Journal(ledger, clock())
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._asked: list[PollRequest] = []
        outside = SideEffects(
            put=self._events.put,
            ask=self._asked.append,
            connect=actor,
            clock=clock,
            profile="",
        )
        outside.tray = desk
        self._app = App(
            state=state_of(settings, self.feeds, self._journal),
            places=places_of(self.feeds, self._journal),
            journal=self._journal,
            notifier=desk,
            hands=outside,
            clock=clock,
        )

    def look(self) -> Mapping[FeedId, FeedRead]:
        """Look along the feeds once, and tell what is to be told."""
        self._app.handle(SyncNow())
        if not self._asked:
            return {}
        ask = replace(self._asked.pop(), status=True)
        polled = look(self._reader, ask, self._clock())
        self._app.handle(polled)
        return polled.feeds

    def act(self, verb: Verb, id_: str) -> None:
        """Do what a click on a notification's button does, to the end."""
        self._app.handle(Act(verb, (IncidentId(id_),)))
        self._app.handle(self._events.get(timeout=_PATIENCE))

    def close(self) -> None:
        """Let go of the ledger."""
        self._journal.close()

"""What the tray does outside of itself; none of it waits for an answer."""

from collections.abc import Sequence
from typing import Protocol

from incidents.models import IncidentId
from tray_app.feed.poller import PollRequest
from tray_app.model.intents import Verb
from tray_app.model.state import Me
from tray_app.model.view import Icon, Menu


class Effects(Protocol):
    """Everything here returns at once; what comes of it is an event."""

    def ask(self, ask: PollRequest) -> None:
        """Look along the feeds."""
        ...

    def act(self, verb: Verb, ids: Sequence[IncidentId], me: Me) -> None:
        """Do *verb* to *ids* in Coralogix."""
        ...

    def show(self, icon: Icon, menu: Menu) -> None:
        """Show icon and menu."""
        ...

    def open_link(self, url: str) -> None:
        """Open *url* in the browser."""
        ...

    def copy(self, text: str) -> None:
        """Put *text* on the clipboard."""
        ...

    def find_key(self) -> None:
        """Find out whether there is a key by now, and whether it is good."""
        ...

    def open_settings(self) -> None:
        """Open the settings file in what edits text here."""
        ...

    def open_logs(self) -> None:
        """Open the folder of the logs."""
        ...

    def sign_in(self) -> None:
        """Start the sign-in that renews the credentials."""
        ...

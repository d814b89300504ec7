"""The port for what the tray does to the world; no call waits for an answer."""

from collections.abc import Sequence
from typing import Protocol

from incidents.models import IncidentId
from tray_app.feed.poller import PollRequest
from tray_app.model.intents import Verb
from tray_app.model.state import Me
from tray_app.model.view import Icon, Menu


class Effects(Protocol):
    """Each call returns at once; its outcome becomes an event."""

    def poll(self, request: PollRequest) -> None:
        """Read the feeds."""
        ...

    def act(self, verb: Verb, ids: Sequence[IncidentId], me: Me) -> None:
        """Perform *verb* on *ids* in Coralogix."""
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
        """Read the key again and check whether Coralogix accepts it."""
        ...

    def open_settings(self) -> None:
        """Open the settings file in the desktop's text editor."""
        ...

    def open_logs(self) -> None:
        """Open the folder of the logs."""
        ...

    def sign_in(self) -> None:
        """Start the sign-in that renews the credentials."""
        ...

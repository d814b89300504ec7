"""What the tray asks of the desktop."""

from collections.abc import Callable
from typing import Protocol, TypeAlias

from tray_app.model.intents import Intent
from tray_app.model.view import Icon, Menu, Notification

Dispatch: TypeAlias = Callable[[Intent], None]
"""Takes what a person asked for. Safe to call from any thread; never blocks."""


class Tray(Protocol):
    """The icon and its menu."""

    @property
    def problem(self) -> str | None:
        """Why the icon is not visible, and what to do; None while it is."""
        ...

    def run(self, started: Callable[[], None]) -> None:
        """
        Show the icon and own the calling (main) thread until `stop`.

        *started* is called once the icon can be shown to the desktop.

        Raises:
            DesktopError: If there is no tray to be had.
        """
        ...

    def show(self, icon: Icon, menu: Menu) -> None:
        """Show *icon* and *menu*; what is equal is not redrawn. Any thread."""
        ...

    def stop(self) -> None:
        """End `run`. Any thread, any number of times."""
        ...


class Notifier(Protocol):
    """Puts notifications on the screen."""

    @property
    def problem(self) -> str | None:
        """Why the last notification was not shown; None when it was."""
        ...

    @property
    def unanswered(self) -> str | None:
        """The stable id of a notification that may still be shown; None otherwise."""
        ...

    def tell(self, notification: Notification) -> bool:
        """
        Show, or replace by key; True when the desktop has taken it.

        Called again with a notification that was `unanswered`, it does not show it a
        second time: it returns what has become of the first call.
        """
        ...

    def withdraw(self, key: str) -> None:
        """Take the notification with *key* off the screen, if it is there."""
        ...

    def close(self) -> None:
        """Withdraw everything and let go of the desktop."""
        ...


class DesktopError(Exception):
    """The desktop lacks something; the text says what to do about it."""


class KeychainError(DesktopError):
    """The keychain could not be read or written."""


class KeychainEmptyError(KeychainError):
    """The keychain holds no Coralogix key."""


class KeychainLockedError(KeychainError):
    """The keychain waits for the person to unlock it."""


class KeychainMissingError(KeychainError):
    """There is no keychain on this machine."""

"""How each kind of our own trouble is said, and the way out of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from tray_app.model.intents import (
    Intent,
    OpenCoralogix,
    OpenSettings,
    ShowDoctor,
    SignIn,
)
from tray_app.model.state import TroubleKind

OFFLINE_TOLD = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How one kind of trouble is said."""

    line: str
    """In the menu; `{since}` and `{detail}` are filled in."""
    title: str = ""
    """Of the one notification; empty where there is none."""
    body: str = ""
    intent: Intent = ShowDoctor()  # noqa: RUF009  # an immutable value
    button: tuple[str, str] = ("show", "Doctor")
    after: timedelta = timedelta(0)
    """How long it has to last until it is told."""
    back: str = ""
    """Said in passing when it is over; empty: nothing."""


ROWS: Mapping[TroubleKind, Row] = {
    TroubleKind.SIGNED_OUT: Row(
        line="Sign in again…",
        title="Sign-in expired",
        body="Incidents are not being watched.",
        intent=SignIn(),
        button=("show", "Sign in"),
    ),
    TroubleKind.DENIED: Row(
        line="Access denied: see Doctor",
        title="Access denied",
        body="Incidents are not being watched. {detail}",
    ),
    TroubleKind.TABLE_MISSING: Row(
        line="Table not found: see Doctor",
        title="Table not found",
        body="Incidents are not being watched. {detail}",
    ),
    TroubleKind.FEED_MISSING: Row(
        line="Your feed does not exist yet: ask for `admin users add`",
        title="Your feed does not exist yet",
        body="The first sync after `incident-tray admin users add` makes it.",
        after=timedelta(minutes=3),
    ),
    TroubleKind.KEYCHAIN_LOCKED: Row(
        line="Unlock the keychain to act",
        title="The keychain is locked",
        body="Unlock it to acknowledge and assign from here.",
    ),
    TroubleKind.KEYCHAIN_MISSING: Row(
        line="No key to act with: see Doctor",
        title="There is no key to act with",
        body="{detail}",
    ),
    TroubleKind.KEY_REJECTED: Row(
        line="Personal key rejected: replace it…",
        title="Your Coralogix key was rejected",
        body="Replace it with `incident-tray setup`.",
    ),
    TroubleKind.UNREADABLE: Row(
        line="Cannot be read: {detail}",
        title="Incidents cannot be read",
        body="{detail}",
        after=timedelta(minutes=3),
    ),
    TroubleKind.OFFLINE: Row(
        line="Offline since {since}",
        title="Offline since {since}",
        body="Incidents are not being watched.",
        after=OFFLINE_TOLD,
    ),
    TroubleKind.FEED_STOPPED: Row(
        line="No fresh data since {since}",
        title="Incident feed has stopped",
        body="Last change {since}. Check in the browser.",
        intent=OpenCoralogix(),
        button=("open", "Open"),
        back="Feed is back",
    ),
    TroubleKind.SYNC_FAILING: Row(line="The sync is failing: {detail}"),
    TroubleKind.BUSY: Row(line="Busy, retrying: {detail}"),
    TroubleKind.CLOCK_SKEW: Row(
        line="This computer's clock is wrong",
        title="This computer's clock is wrong",
        body="{detail}",
    ),
    TroubleKind.NO_NOTIFICATIONS: Row(line="Notifications are off: {detail}"),
    TroubleKind.NO_TRAY: Row(
        line="No tray on this desktop",
        title="No tray on this desktop",
        body="Install the “AppIndicator” extension, or use: incident-tray status",
        after=timedelta(seconds=60),
    ),
    TroubleKind.LEDGER_REBUILT: Row(
        line="The local database was damaged and made anew",
        title="The local database was damaged",
        body="It was set aside and made anew. {detail}",
    ),
    TroubleKind.DISK_FULL: Row(
        line="Disk full: nothing can be remembered",
        title="Disk full",
        body="What was told cannot be remembered: free some space. {detail}",
    ),
    TroubleKind.SETTINGS: Row(
        line="A mistake in the settings: open them…",
        title="The settings have a mistake",
        body="{detail}\nThe old ones stay in force.",
        intent=OpenSettings(),
        button=("show", "Settings"),
    ),
    TroubleKind.RESTART: Row(
        line="Quit and start again to take over: {detail}",
        title="Settings wait for a new start",
        body="Quit and start again to take over: {detail}.",
        intent=OpenSettings(),
        button=("show", "Settings"),
    ),
}
READING = (
    TroubleKind.SIGNED_OUT,
    TroubleKind.DENIED,
    TroubleKind.TABLE_MISSING,
    TroubleKind.FEED_MISSING,
    TroubleKind.UNREADABLE,
    TroubleKind.OFFLINE,
    TroubleKind.BUSY,
    TroubleKind.SYNC_FAILING,
)
"""What a good look puts an end to, or finds."""
KEY = (
    TroubleKind.KEYCHAIN_LOCKED,
    TroubleKind.KEYCHAIN_MISSING,
    TroubleKind.KEY_REJECTED,
)
"""Troubles with the person's own key: reading goes on where it can."""
NOT_WATCHING = (
    TroubleKind.SIGNED_OUT,
    TroubleKind.DENIED,
    TroubleKind.TABLE_MISSING,
    TroubleKind.FEED_MISSING,
)
"""Troubles that have to be mended by a person before anything is watched."""

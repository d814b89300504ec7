"""How each kind of the tray's own problems is said, and the way out of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from incidents.feeds import CloseReason
from tray_app.model.intents import (
    Intent,
    OpenCoralogix,
    OpenSettings,
    ShowDoctor,
    SignIn,
)
from tray_app.model.state import ProblemKind

OFFLINE_NOTIFIED_AFTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemText:
    """How one kind of problem is said."""

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


ROWS: Mapping[ProblemKind, ProblemText] = {
    ProblemKind.SIGNED_OUT: ProblemText(
        line="Sign in again…",
        title="Sign-in expired",
        body="Incidents are not being watched.",
        intent=SignIn(),
        button=("show", "Sign in"),
    ),
    ProblemKind.DENIED: ProblemText(
        line="Access denied: see Doctor",
        title="Access denied",
        body="Incidents are not being watched. {detail}",
    ),
    ProblemKind.TABLE_MISSING: ProblemText(
        line="Table not found: see Doctor",
        title="Table not found",
        body="Incidents are not being watched. {detail}",
    ),
    ProblemKind.FEED_MISSING: ProblemText(
        line="Your feed does not exist yet: ask for `admin users add`",
        title="Your feed does not exist yet",
        body="The first sync after `incident-tray admin users add` makes it.",
        after=timedelta(minutes=3),
    ),
    ProblemKind.FEED_CLOSED: ProblemText(
        line="Nobody keeps your feed any more: {detail}",
        title="Nobody keeps your feed any more",
        body="{detail} What is shown is old.",
        back="Your feed is kept again",
    ),
    ProblemKind.KEYCHAIN_LOCKED: ProblemText(
        line="Unlock the keychain to act",
        title="The keychain is locked",
        body="Unlock it to acknowledge and assign from here.",
    ),
    ProblemKind.KEYCHAIN_MISSING: ProblemText(
        line="No key to act with: see Doctor",
        title="There is no key to act with",
        body="{detail}",
    ),
    ProblemKind.KEY_REJECTED: ProblemText(
        line="Personal key rejected: replace it…",
        title="Your Coralogix key was rejected",
        body="Replace it with `incident-tray setup`.",
    ),
    ProblemKind.UNREADABLE: ProblemText(
        line="Cannot be read: {detail}",
        title="Incidents cannot be read",
        body="{detail}",
        after=timedelta(minutes=3),
    ),
    ProblemKind.OFFLINE: ProblemText(
        line="Offline since {since}",
        title="Offline since {since}",
        body="Incidents are not being watched.",
        after=OFFLINE_NOTIFIED_AFTER,
    ),
    ProblemKind.FEED_STOPPED: ProblemText(
        line="No fresh data since {since}",
        title="Incident feed has stopped",
        body="Last change {since}. Check in the browser.",
        intent=OpenCoralogix(),
        button=("open", "Open"),
        back="Feed is back",
    ),
    ProblemKind.SYNC_FAILING: ProblemText(line="The sync is failing: {detail}"),
    ProblemKind.BUSY: ProblemText(line="Busy, retrying: {detail}"),
    ProblemKind.CLOCK_SKEW: ProblemText(
        line="This computer's clock is wrong",
        title="This computer's clock is wrong",
        body="{detail}",
    ),
    ProblemKind.NO_NOTIFICATIONS: ProblemText(line="Notifications are off: {detail}"),
    ProblemKind.NO_TRAY: ProblemText(
        line="No tray on this desktop",
        title="No tray on this desktop",
        body="Install the “AppIndicator” extension, or use: incident-tray status",
        after=timedelta(seconds=60),
    ),
    ProblemKind.LEDGER_REBUILT: ProblemText(
        line="The local database was damaged and made anew",
        title="The local database was damaged",
        body="It was set aside and made anew. {detail}",
    ),
    ProblemKind.DISK_FULL: ProblemText(
        line="Disk full: nothing can be remembered",
        title="Disk full",
        body="What was told cannot be remembered: free some space. {detail}",
    ),
    ProblemKind.SETTINGS: ProblemText(
        line="A mistake in the settings: open them…",
        title="The settings have a mistake",
        body="{detail}\nThe old ones stay in force.",
        intent=OpenSettings(),
        button=("show", "Settings"),
    ),
    ProblemKind.RESTART: ProblemText(
        line="Quit and start again to take over: {detail}",
        title="Settings wait for a new start",
        body="Quit and start again to take over: {detail}.",
        intent=OpenSettings(),
        button=("show", "Settings"),
    ),
}
CLOSED: Mapping[CloseReason, str] = {
    CloseReason.REMOVED: "{feed} was removed from the registry: ask an operator.",
    CloseReason.TEAM: "The sync keeps another team than {feed}: change `team`.",
    CloseReason.SCOPE: "The sync keeps no team's feed, so no {feed}: drop `team`.",
}
"""Why nobody writes a feed any more, and what to do."""
READ_PROBLEMS = (
    ProblemKind.SIGNED_OUT,
    ProblemKind.DENIED,
    ProblemKind.TABLE_MISSING,
    ProblemKind.FEED_MISSING,
    ProblemKind.UNREADABLE,
    ProblemKind.OFFLINE,
    ProblemKind.BUSY,
    ProblemKind.SYNC_FAILING,
)
"""Problems that each read of the feeds begins or ends."""
KEY_PROBLEMS = (
    ProblemKind.KEYCHAIN_LOCKED,
    ProblemKind.KEYCHAIN_MISSING,
    ProblemKind.KEY_REJECTED,
)
"""Problems with the person's own key; the feeds are still read where possible."""
NOT_WATCHING = (
    ProblemKind.SIGNED_OUT,
    ProblemKind.DENIED,
    ProblemKind.TABLE_MISSING,
    ProblemKind.FEED_MISSING,
)
"""Troubles that have to be mended by a person before anything is watched."""

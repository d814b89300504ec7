"""A decision put in words: what the ledger stores and the desktop shows."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from incidents.feeds import FeedId
from incidents.models import IncidentId
from tray_app.model.memory import Memory
from tray_app.model.state import Recent
from tray_app.model.view import Notification


class Disposition(StrEnum):
    """What became of a change; the values are stored and shown."""

    NOTIFIED = "told"
    UPDATED = "updated"
    """The notification on the screen says it, quietly."""
    WITHDRAWN = "withdrawn"
    """The notification about the incident was taken off the screen."""
    DIGEST = "digest"
    DEFERRED = "held"
    """It waits for the summary at the end of a quiet period or an absence."""
    SILENT = "history only"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine:
    """What became of one change, and why: a line of `explain` and `history`."""

    feed: FeedId
    seq: int
    id: IncidentId
    at: datetime
    kinds: tuple[str, ...]
    text: str
    """What happened, in a line."""
    outcome: Disposition
    rule: str
    """The rule that decided it, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What one event comes to: stored in one transaction, then shown."""

    memory: Memory
    tell: tuple[Notification, ...] = ()
    withdraw: tuple[str, ...] = ()
    """Keys of notifications to take off the screen, before any is shown."""
    changes: tuple[ChangeLine, ...] = ()
    recent: tuple[Recent, ...] = ()
    """What the menu's recent changes gain, the newest first."""

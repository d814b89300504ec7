"""What the policy remembers from one decision to the next; the ledger stores it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from incidents.models import IncidentId
from tray_app.model.intents import Verb

A_DAY = timedelta(days=1)
OWN_FOR = timedelta(minutes=10)
"""For at least this long, my own action explains a change that fits it."""
SKEW = timedelta(minutes=2)
"""The largest expected difference between the sync's clock and this machine's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """What was shown of one incident since it last opened."""

    touched_at: datetime
    notified_at: Annotated[datetime | None, Field(alias="told_at")] = None
    """When its opening, or its assignment to me, was first shown, also in a digest."""
    on_screen: bool = False
    """Whether its notification may be on the screen."""
    reminded: int = 0
    """How many of the reminders were shown."""
    openings: tuple[datetime, ...] = ()
    """Of the last day, oldest first."""
    flapping: bool = False
    resolved_at: datetime | None = None
    acknowledged_at: datetime | None = None
    """By me."""
    nudged_at: datetime | None = None
    """When I was last reminded of my acknowledgement."""
    withdraw_at: datetime | None = None
    """When its notification leaves the screen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """What a digest remembers of one incident."""

    name: str
    severity: str
    opened: Annotated[bool, Field(alias="fresh")]
    """Whether it opened, rather than changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """A flood of changes, shown as one digest that is replaced as it grows."""

    last_at: datetime
    own: int = 0
    """How many notifications were shown next to the digest."""
    incidents: Mapping[IncidentId, Grouped] = field(default_factory=dict)


class QuietReason(StrEnum):
    """Why nothing is said for a while; the values are stored."""

    AWAY = "away"
    """Nothing was read: asleep, signed out, switched off."""
    SNOOZED = "snoozed"
    QUIET_HOURS = "quiet"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietBacklog:
    """The incidents that changed in a quiet period; one summary names them."""

    since: datetime
    reason: Annotated[QuietReason, Field(alias="why")]
    ids: frozenset[IncidentId] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAction:
    """An action of mine; the change that it causes is no news to me."""

    id: IncidentId
    verb: Verb
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Everything the policy remembers. Immutable."""

    seen_at: datetime | None = None
    """When the feeds were last read."""
    threads: Mapping[IncidentId, Thread] = field(default_factory=dict)
    notified_at: Annotated[tuple[datetime, ...], Field(alias="popped_at")] = ()
    """When notifications of the last minute were decided, also those in a digest."""
    burst: Burst | None = None
    backlog: Annotated[QuietBacklog | None, Field(alias="held")] = None
    own: tuple[OwnAction, ...] = ()
    troubles: Mapping[str, datetime] = field(default_factory=dict)
    """The problems that were shown and go on, and since when."""
    updates: Mapping[str, datetime] = field(default_factory=dict)
    """The newer versions that were shown in the last week, and when."""

    def did(self, own: OwnAction) -> "Memory":
        """Return this with *own* remembered."""
        return replace(self, own=(*self.own, own))

    def mine(self, id_: IncidentId, verb: Verb) -> bool:
        """Whether an action *verb* of mine on *id_* is remembered."""
        return any(own.id == id_ and own.verb is verb for own in self.own)

    def pruned(
        self,
        now: datetime,
        watermark: datetime | None,
        open_ids: Collection[IncidentId],
    ) -> "Memory":
        """Return this without threads and actions that are too old to matter."""
        threads = {
            id_: thread
            for id_, thread in self.threads.items()
            if id_ in open_ids or now - thread.touched_at < A_DAY
        }
        own = tuple(
            action
            for action in self.own
            if now - action.at < OWN_FOR
            or watermark is None
            or watermark < action.at + SKEW
        )
        recent = tuple(at for at in self.notified_at if now - at < timedelta(minutes=1))
        if (len(threads), own, recent) == (
            len(self.threads),
            self.own,
            self.notified_at,
        ):
            return self
        return replace(self, threads=threads, own=own, notified_at=recent)

"""What the policy remembers from one decision to the next; kept in the ledger."""

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
"""How long at least an action of mine explains a change."""
SKEW = timedelta(minutes=2)
"""How far the sync's clock may be from ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """What has been said about one incident since it last opened."""

    touched_at: datetime
    told_at: datetime | None = None
    """When its opening, or its coming to me, was told, alone or in a digest."""
    on_screen: bool = False
    """Whether its notification may be on the screen."""
    reminded: int = 0
    """How many of the reminders are through."""
    openings: tuple[datetime, ...] = ()
    """Of the last day, oldest first."""
    flapping: bool = False
    resolved_at: datetime | None = None
    acknowledged_at: datetime | None = None
    """By me."""
    nudged_at: datetime | None = None
    """When a forgotten acknowledgement was last told."""
    withdraw_at: datetime | None = None
    """When its notification has been on the screen for long enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """What a digest keeps of one incident."""

    name: str
    severity: str
    fresh: bool
    """Whether it opened, rather than changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """A flood, told by one notification that is replaced."""

    last_at: datetime
    own: int = 0
    """How many were told beside the digest."""
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
    """Something I did, so that the change it makes is no news to me."""

    id: IncidentId
    verb: Verb
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """All of it. Never changed, only replaced."""

    seen_at: datetime | None = None
    """The last time that everything up to then had been looked at."""
    threads: Mapping[IncidentId, Thread] = field(default_factory=dict)
    notified_at: Annotated[tuple[datetime, ...], Field(alias="popped_at")] = ()
    """When there was something to tell, alone or in a digest, in the last minute."""
    burst: Burst | None = None
    backlog: Annotated[QuietBacklog | None, Field(alias="held")] = None
    own: tuple[OwnAction, ...] = ()
    troubles: Mapping[str, datetime] = field(default_factory=dict)
    """The troubles that have been told and go on, and since when."""
    updates: Mapping[str, datetime] = field(default_factory=dict)
    """The newer versions that were told in the last week, and when."""

    def did(self, own: OwnAction) -> "Memory":
        """Return this with *own* remembered."""
        return replace(self, own=(*self.own, own))

    def mine(self, id_: IncidentId, verb: Verb) -> bool:
        """Whether I did *verb* to *id_* not long ago."""
        return any(own.id == id_ and own.verb is verb for own in self.own)

    def pruned(
        self,
        now: datetime,
        watermark: datetime | None,
        open_ids: Collection[IncidentId],
    ) -> "Memory":
        """Return this without what no longer decides anything."""
        threads = {
            id_: thread
            for id_, thread in self.threads.items()
            if id_ in open_ids or now - thread.touched_at < A_DAY
        }
        own = tuple(
            one
            for one in self.own
            if now - one.at < OWN_FOR or watermark is None or watermark < one.at + SKEW
        )
        recent = tuple(at for at in self.notified_at if now - at < timedelta(minutes=1))
        if (len(threads), own, recent) == (
            len(self.threads),
            self.own,
            self.notified_at,
        ):
            return self
        return replace(self, threads=threads, own=own, notified_at=recent)

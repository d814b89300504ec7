"""Which feed each incident belongs to, and short proofs that nothing differs."""

import hashlib
import marshal
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from enum import StrEnum

from incidents.feeds import FeedId, User, team_feed
from incidents.models import Incident, IncidentId, UserId
from incidents.sync.bounds import projected


class Scope(StrEnum):
    """What a sync lists."""

    TEAM = "team"
    """Every open incident, once; one feed for the team, one for each user."""
    ASSIGNED = "assigned"
    """What is assigned to registered users; no team feed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Everybody there is a feed for."""

    team: FeedId | None
    users: tuple[User, ...]

    @classmethod
    def of(cls, scope: Scope, team: str, users: Iterable[User]) -> "Audience":
        """Gather the feeds of *scope*."""
        return cls(
            team=team_feed(team) if scope is Scope.TEAM else None, users=tuple(users)
        )

    @property
    def owners(self) -> dict[FeedId, frozenset[UserId]]:
        """Every feed, and the ids of the person it belongs to; none for a team."""
        feeds = {user.feed: user.ids for user in self.users}
        return {self.team: frozenset(), **feeds} if self.team else feeds

    @property
    def ids(self) -> frozenset[UserId]:
        """Every id of every user."""
        return frozenset(id_ for user in self.users for id_ in user.ids)

    def has(self, incident: Incident) -> bool:
        """Whether the open *incident* belongs to any feed."""
        ids = {id_.lower() for id_ in self.ids}
        return bool(self.team) or any(a.lower() in ids for a in incident.assignees)

    def split(
        self,
        incidents: Mapping[IncidentId, Incident],
        bounded: MutableMapping[bytes, Incident] | None = None,
    ) -> dict[FeedId, dict[IncidentId, Incident]]:
        """
        Hand out the open *incidents*, bounded to what a feed may hold.

        Every feed is there, empty where it has none. Ids of people are matched
        in any case. *bounded* remembers, by fingerprint, what was bounded for this
        audience the time before; it is left with what was needed this time.
        """
        known = dict(bounded or {})
        needed: dict[bytes, Incident] = {}
        members: dict[str, list[User]] = {}
        for user in self.users:
            for alias in user.ids:
                members.setdefault(alias.lower(), []).append(user)
        result: dict[FeedId, dict[IncidentId, Incident]] = {
            feed: {} for feed in self.owners
        }
        everybody = self.ids
        for id_, incident in incidents.items():
            if not incident.is_open:
                continue
            print_ = fingerprint(incident)
            kept = known.get(print_) or projected(incident, everybody)
            needed[print_] = kept
            if self.team:
                result[self.team][id_] = kept
            for assignee in incident.assignees:
                for user in members.get(assignee.lower(), ()):
                    result[user.feed][id_] = kept
        if bounded is not None:
            bounded.clear()
            bounded.update(needed)
        return result


def fingerprint(incident: Incident) -> bytes:
    """Condense what a person would call a change, into 16 bytes; once a value."""
    if incident.content_hash:
        return incident.content_hash
    parts = (
        incident.id,
        incident.name,
        # A member of an enum and its plain text are equal, and must condense alike.
        f"{incident.severity}",
        f"{incident.status}",
        f"{incident.state}",
        incident.assignees,
        incident.muted,
        incident.snoozed_until.timestamp() if incident.snoozed_until else None,
        incident.description,
        incident.labels,
        incident.opened_at.timestamp(),
        incident.cut,
    )
    # Version 0 of the format depends on the values alone; a third of `repr`'s time.
    content_hash = hashlib.blake2b(marshal.dumps(parts, 0), digest_size=16).digest()
    object.__setattr__(incident, "content_hash", content_hash)
    return content_hash


def digest(incidents: Iterable[Incident], owners: Iterable[str], *more: object) -> str:
    """Condense a set of incidents, and whatever else decides, into 32 hex digits."""
    content_hash = hashlib.blake2b(digest_size=16)
    content_hash.update(repr((sorted(owners), more)).encode())
    for one in sorted(fingerprint(incident) for incident in incidents):
        content_hash.update(one)
    return content_hash.hexdigest()

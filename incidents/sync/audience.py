"""Which feed each incident belongs to."""

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from enum import StrEnum

from incidents.feeds import FeedId, User, team_feed
from incidents.fingerprint import fingerprint
from incidents.models import Incident, IncidentId, UserId
from incidents.sync.bounds import bound


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

    @property
    def spellings(self) -> frozenset[UserId]:
        """Every id of every user, in every spelling that is known."""
        return self.ids.union(*(user.spellings for user in self.users))

    def has(self, incident: Incident) -> bool:
        """Whether the open *incident* belongs to any feed."""
        ids = {id_.lower() for id_ in self.ids}
        return bool(self.team) or any(a.lower() in ids for a in incident.assignees)

    def split(
        self,
        incidents: Mapping[IncidentId, Incident],
        bounded: MutableMapping[bytes, Incident] | None = None,
        fingerprints: Callable[[Incident], bytes] = fingerprint,
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
            key = fingerprints(incident)
            limited = known.get(key) or bound(incident, everybody)
            needed[key] = limited
            if self.team:
                result[self.team][id_] = limited
            for assignee in incident.assignees:
                for user in members.get(assignee.lower(), ()):
                    result[user.feed][id_] = limited
        if bounded is not None:
            bounded.clear()
            bounded.update(needed)
        return result

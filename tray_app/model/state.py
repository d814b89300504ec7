"""What the tray knows, as one value that is only ever replaced."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from incidents.feeds import CloseReason, FeedId, is_team_feed, is_user_feed
from incidents.models import Incident, IncidentId, UserId
from tray_app.model.freshness import Freshness
from tray_app.model.intents import Verb
from tray_app.model.rules import Ownership, QuietSwitch, Rules, reaches

RECENT = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """The person in front of the screen."""

    uid: str
    ids: frozenset[UserId] = frozenset()
    """What Coralogix calls them, in lower case: any of these is a match."""

    def among(self, users: tuple[UserId, ...]) -> bool:
        """Whether one of *users* is me."""
        return any(user.lower() in self.ids for user in users)


class Stage(StrEnum):
    """How far an action of mine has come."""

    HELD = "held"
    """Not sent yet; it can be taken back."""
    SENT = "sent"
    CONFIRMED = "confirmed"
    """Coralogix has echoed the incident; the feed may not show it yet."""
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"
    """It may or may not have happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """An action of mine on one incident, until the feed shows what came of it."""

    id: IncidentId
    verb: Verb
    stage: Stage
    since: datetime
    """Of this stage."""
    incident: Incident | None = None
    """As Coralogix echoed it, once confirmed."""
    name: str = ""
    reason: str = ""
    """Why it failed, for a person."""
    watermark: datetime | None = None
    """The feed's, when it was confirmed: what is not newer cannot contradict it."""
    permission: str = ""
    """The one that is missing, where that is why it failed."""
    said: bool = False
    """Whether it was said that the answer takes its time."""


class ProblemKind(StrEnum):
    """What can be wrong with ourselves."""

    SIGNED_OUT = "signed out"
    DENIED = "denied"
    TABLE_MISSING = "table missing"
    FEED_MISSING = "feed missing"
    FEED_CLOSED = "feed closed"
    """Nobody writes a feed that we follow any more."""
    KEYCHAIN_LOCKED = "keychain locked"
    KEYCHAIN_MISSING = "keychain missing"
    KEY_REJECTED = "key rejected"
    UNREADABLE = "unreadable"
    """Whatever else keeps it from being read; the detail says what."""
    OFFLINE = "offline"
    FEED_STOPPED = "feed stopped"
    SYNC_FAILING = "sync failing"
    BUSY = "busy"
    CLOCK_SKEW = "clock skew"
    NO_NOTIFICATIONS = "no notifications"
    NO_TRAY = "no tray"
    LEDGER_REBUILT = "ledger rebuilt"
    DISK_FULL = "disk full"
    SETTINGS = "settings"
    RESTART = "restart"
    """Settings were changed that only a new start takes over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong, since when, and the line that says so."""

    kind: ProblemKind
    since: datetime
    detail: str = ""
    """Of the failure, for a person; may be empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snoozes:
    """What is to be silent, and until when. Every one has its end."""

    everything: datetime | None = None
    incidents: Mapping[IncidentId, datetime] = field(default_factory=dict)

    def all_until(self, now: datetime) -> datetime | None:
        """Return until when everything is snoozed, if it is."""
        return self.everything if self.everything and now < self.everything else None

    def until(self, id_: IncidentId, now: datetime) -> datetime | None:
        """Return until when the incident *id_* is snoozed on its own, if it is."""
        end = self.incidents.get(id_)
        return end if end and now < end else None

    def lasting(self, now: datetime) -> "Snoozes":
        """Return those that have not ended."""
        return Snoozes(
            everything=self.all_until(now),
            incidents={k: end for k, end in self.incidents.items() if now < end},
        )

    def without(self, ids: Collection[IncidentId]) -> "Snoozes":
        """Return those that are not about one of *ids*."""
        if not any(id_ in self.incidents for id_ in ids):
            return self
        left = {k: end for k, end in self.incidents.items() if k not in ids}
        return replace(self, incidents=left)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """A line of the recent changes."""

    at: datetime
    id: IncidentId
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrayState:
    """All that the icon, the menu and the command line are made from."""

    me: Me
    rules: Rules = field(default_factory=Rules)
    user_feed: Mapping[IncidentId, Incident] = field(default_factory=dict)
    team_feed: Mapping[IncidentId, Incident] | None = None
    """None where no team is followed."""
    quiet: QuietSwitch | None = None
    """How the menu's switch stands, where it differs from the settings; it is in
    the rules already."""
    started: bool = False
    """Whether anything is known yet: read now, or kept from the last run."""
    freshness: Freshness = field(default_factory=Freshness)
    pending: Mapping[IncidentId, Pending] = field(default_factory=dict)
    snoozes: Snoozes = field(default_factory=Snoozes)
    problems: tuple[Problem, ...] = ()
    forbidden: frozenset[Verb] = frozenset()
    """What the person's key turned out not to be allowed."""
    can_act: bool = True
    """Whether there is a key to act with at all."""
    signs_in: bool = True
    """Whether reading takes an AWS sign-in: in solo mode it does not."""
    recent: tuple[Recent, ...] = ()
    """The newest first."""
    link: str = ""
    """Template of an incident's page: https, with `{id}`. Empty: there is none."""
    closed: Mapping[FeedId, CloseReason] = field(default_factory=dict)
    """The followed feeds that nobody writes any more, and why."""
    registry: int | None = None
    """The version of the registry by which the heads of all feeds were last read."""
    newer: str = ""
    """The version that the sync runs, where it is newer than this one."""

    def incidents(self) -> dict[IncidentId, Incident]:
        """
        Return every open incident by id, as far as is known.

        What Coralogix confirmed to us outranks a feed that has not caught up.
        """
        known = {**(self.team_feed or {}), **self.user_feed}
        for id_, pending in self.pending.items():
            if pending.stage is Stage.CONFIRMED and pending.incident is not None:
                known[id_] = pending.incident
        return {id_: incident for id_, incident in known.items() if incident.is_open}

    def ownership(self, incident: Incident) -> Ownership:
        """Return who has *incident*; me, if my feed has it and I am not known."""
        if not self.me.ids and incident.id in self.user_feed:
            return Ownership.MINE
        return ownership(incident, self.me)

    def is_current(self, id_: IncidentId) -> bool:
        """Whether a feed that is still written has the incident *id_*."""
        if not self.closed:
            return True
        by_user = any(map(is_user_feed, self.closed))
        by_team = any(map(is_team_feed, self.closed))
        return (id_ in self.user_feed and not by_user) or (
            id_ in (self.team_feed or {}) and not by_team
        )

    def shown(self) -> list[Incident]:
        """Return the open incidents that the rules show."""
        return [
            incident
            for incident in self.incidents().values()
            if reaches(incident.severity, self.rules.show_from)
        ]

    def problem(self, kind: ProblemKind) -> Problem | None:
        """Return the problem of that *kind*, if there is."""
        return next((t for t in self.problems if t.kind is kind), None)

    def with_problem(self, problem: Problem) -> "TrayState":
        """Return this with *problem*; one that goes on keeps its beginning."""
        known = self.problem(problem.kind)
        if known is not None:
            problem = replace(problem, since=known.since)
        others = tuple(t for t in self.problems if t.kind is not problem.kind)
        return replace(self, problems=(*others, problem))

    def without_problem(self, *kinds: ProblemKind) -> "TrayState":
        """Return this without problems of those *kinds*."""
        left = tuple(t for t in self.problems if t.kind not in kinds)
        return self if len(left) == len(self.problems) else replace(self, problems=left)


def ownership(incident: Incident, me: Me) -> Ownership:
    """Return who has *incident*, seen by *me*."""
    if me.among(incident.assignees):
        return Ownership.MINE
    return Ownership.OTHERS if incident.assignees else Ownership.UNASSIGNED

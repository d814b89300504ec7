"""What a change means to a person: its topic, whose it is, and who did it."""

from collections.abc import Iterator
from dataclasses import dataclass

from incidents.changes import Change, Kind
from incidents.feeds import FeedId, is_user_feed
from incidents.models import Incident, UserId
from tray_app.model.intents import Verb
from tray_app.model.memory import Memory, Thread
from tray_app.model.rules import Ownership, Topic
from tray_app.model.state import Me, ownership


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One change as it stands in its feed."""

    feed: FeedId
    seq: int
    change: Change

    @property
    def notification_id(self) -> str:
        """The stable id under which a notification of it is shown once."""
        return f"{self.feed}:{self.seq}"

    @property
    def incident(self) -> Incident:
        """The incident as last seen."""
        return self.change.incident

    @property
    def personal(self) -> bool:
        """Whether it comes from a person's own feed."""
        return is_user_feed(self.feed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a change means to me."""

    topic: Topic
    ownership: Ownership
    """Who has it, or had it until it ended or left me."""
    by: UserId | None = None
    """Who did it, where that is known."""
    mine: bool = False
    """I did it."""


def concerns_me(news: News, me: Me) -> bool:
    """Whether my own feed has the change too: I am, or was, an assignee."""
    change = news.change
    return any(me.among(one.assignees) for one in (change.before, change.after) if one)


def meaning(news: News, me: Me, memory: Memory) -> Meaning:
    """Return what *news* means to *me*: its most important topic, whose, by whom."""
    change, incident = news.change, news.incident
    before = change.before or incident
    owner = Ownership.MINE if news.personal else ownership(before, me)
    topic = next(_topics(news, me, memory))
    if topic is Topic.UNASSIGNED:
        now = ownership(incident, me)
        owner = now if now is not Ownership.MINE else Ownership.OTHERS
    elif not news.personal and topic not in (Topic.RESOLVED, Topic.VANISHED):
        owner = ownership(incident, me)
    by = _actor(topic, incident, me)
    verb = _VERBS.get(topic)
    mine = (by is not None and me.among((by,))) or (
        by is None and verb is not None and memory.mine(incident.id, verb)
    )
    return Meaning(topic=topic, ownership=owner, by=by, mine=mine)


_VERBS = {
    Topic.ACKNOWLEDGED: Verb.ACKNOWLEDGE,
    Topic.ASSIGNED: Verb.ASSIGN,
    Topic.UNASSIGNED: Verb.RELEASE,
    Topic.RESOLVED: Verb.RESOLVE,
}


def _topics(news: News, me: Me, memory: Memory) -> Iterator[Topic]:
    """Yield the topics of a change, the most important first."""
    change, kinds = news.change, news.change.kinds
    if Kind.VANISHED in kinds:
        yield Topic.VANISHED
    if Kind.RESOLVED in kinds:
        yield Topic.RESOLVED
    if change.before is None and _had_ended(memory.threads.get(news.incident.id)):
        yield Topic.REOPENED
    if news.personal and change.joined and not _came_by_itself(change, me):
        yield Topic.ASSIGNED
    if change.left:
        yield Topic.UNASSIGNED
    if Kind.ACKNOWLEDGED in kinds:
        yield Topic.ACKNOWLEDGED
    yield from (topic for kind, topic in _PLAIN if kind in kinds)
    yield Topic.EDITED


_PLAIN = (
    (Kind.REOPENED, Topic.REOPENED),
    (Kind.UNACKNOWLEDGED, Topic.REOPENED),
    (Kind.OPENED, Topic.OPENED),
    (Kind.SEVERITY_RAISED, Topic.RAISED),
    (Kind.UNMUTED, Topic.UNMUTED),
    (Kind.MUTED, Topic.MUTED),
    (Kind.SEVERITY_LOWERED, Topic.LOWERED),
    (Kind.SNOOZED, Topic.SNOOZED),
)


def _had_ended(thread: Thread | None) -> bool:
    """Whether the incident had ended, so that it is open again."""
    if thread is None or thread.resolved_at is None:
        return False
    return not thread.openings or thread.openings[-1] <= thread.resolved_at


def _came_by_itself(change: Change, me: Me) -> bool:
    """Whether it opened as mine, without anybody known to have assigned it."""
    after = change.after
    return (
        Kind.OPENED in change.kinds
        and after is not None
        and assigner(after, me) is None
    )


def assigner(incident: Incident, me: Me) -> UserId | None:
    """Return who assigned *incident* to me, where that is known."""
    return next((by for to, by in incident.assigned_by if me.among((to,))), None)


def _actor(topic: Topic, incident: Incident, me: Me) -> UserId | None:
    match topic:
        case Topic.ACKNOWLEDGED:
            return incident.acknowledged_by
        case Topic.RESOLVED:
            return incident.resolved_by
        case Topic.SNOOZED:
            return incident.snoozed_by
        case Topic.ASSIGNED:
            return assigner(incident, me)
        case Topic.UNASSIGNED:
            others = {by for _, by in incident.assigned_by}
            return others.pop() if len(others) == 1 else None
        case _:
            return None

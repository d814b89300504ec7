"""Take in what a look has brought: a new state, what is news, what to keep."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from incidents.diff import replay
from incidents.feeds import (
    CloseReason,
    FeedId,
    SyncStatus,
    is_team_feed,
    is_user_feed,
)
from incidents.follow import Position, ResyncReason
from incidents.models import Incident, IncidentId, UserId
from tray_app.actions.pending import caught_up
from tray_app.feed.poller import FeedRead, Polled
from tray_app.ledger.rows import FeedStep
from tray_app.model.freshness import Freshness
from tray_app.model.news import News
from tray_app.model.state import Me, Problem, ProblemKind, TrayState
from tray_app.present import problems, upgrade
from tray_app.present.problem_texts import READ_PROBLEMS


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPlace:
    """Where we stand in one feed, and whose it is."""

    position: Position | None = None
    owners: frozenset[UserId] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """The state, the news and the ledger steps that follow from a read."""

    state: TrayState
    places: Mapping[FeedId, FeedPlace]
    news: tuple[News, ...]
    """In the order in which it happened; each feed's in its own."""
    steps: Mapping[FeedId, FeedStep]
    """Of the feeds that have moved."""
    restarted: Mapping[FeedId, ResyncReason]
    """The feeds whose state was read as a whole, and why."""


def take(
    state: TrayState, places: Mapping[FeedId, FeedPlace], polled: Polled, now: datetime
) -> Intake:
    """Apply what was *polled* to *state* and *places*; what they have is skipped."""
    polled = _unapplied(places, polled)
    incidents = {feed: incidents_of(state, feed) for feed in polled.feeds}
    steps: dict[FeedId, FeedStep] = {}
    after = dict(places)
    for feed, read in polled.feeds.items():
        place = places[feed]
        after[feed] = _moved(place, read)
        incidents[feed] = _replayed(incidents[feed], read)
        if after[feed] != place or read.rows or read.state is not None:
            step = _step(after[feed], incidents[feed], read)
            if step is not None:
                steps[feed] = step
    me = state.me
    for feed, place in after.items():
        if is_user_feed(feed):
            me = Me(uid=me.uid, ids=place.owners or me.ids)
    state = replace(
        state,
        me=me,
        started=True,
        freshness=_ages(state, polled, now),
        newer=_newer(state, polled),
        closed=_closed(state, polled),
        registry=_registry(state, polled),
    )
    for feed, current in incidents.items():
        state = with_feed(state, feed, current)
    return Intake(
        state=caught_up(_with_problems(state, polled, now), now),
        places=after,
        news=_news(polled),
        steps=steps,
        restarted={
            f: r.reason for f, r in polled.feeds.items() if r.reason is not None
        },
    )


def whole(
    state: TrayState, places: Mapping[FeedId, FeedPlace]
) -> Mapping[FeedId, FeedStep]:
    """Return the position and incidents of every feed, to start a new ledger with."""
    return {
        feed: FeedStep(
            position=place.position,
            owners=place.owners,
            puts=incidents_of(state, feed),
            replace_all=True,
        )
        for feed, place in places.items()
        if place.position is not None
    }


def incidents_of(state: TrayState, feed: FeedId) -> Mapping[IncidentId, Incident]:
    """Return the incidents of *feed* in *state*."""
    return state.user_feed if is_user_feed(feed) else state.team_feed or {}


def with_feed(
    state: TrayState, feed: FeedId, incidents: Mapping[IncidentId, Incident]
) -> TrayState:
    """Return *state* with *incidents* as those of *feed*."""
    if is_user_feed(feed):
        return replace(state, user_feed=incidents)
    return replace(state, team_feed=incidents)


def _unapplied(places: Mapping[FeedId, FeedPlace], polled: Polled) -> Polled:
    """
    Return *polled* without rows before our places, and without feeds that miss some.

    A read may answer a request from a place that another answer has moved since.
    """
    reads = {feed: _following(places[feed], r) for feed, r in polled.feeds.items()}
    following = {feed: read for feed, read in reads.items() if read is not None}
    return replace(polled, feeds=following)


def _following(place: FeedPlace, read: FeedRead) -> FeedRead | None:
    """Return *read* from *place* on; None if it does not begin there."""
    before, after = place.position, read.position
    if before is None or after is None or read.state is not None:
        return read
    if after.epoch != before.epoch or after.cursor < before.cursor:
        return None
    rows = tuple(row for row in read.rows if row.seq > before.cursor)
    if rows and rows[0].seq != before.cursor + 1:
        return None
    return replace(read, rows=rows)


def _moved(place: FeedPlace, read: FeedRead) -> FeedPlace:
    owners = place.owners if read.owners is None else read.owners
    return FeedPlace(position=read.position, owners=owners)


def _replayed(
    before: Mapping[IncidentId, Incident], read: FeedRead
) -> Mapping[IncidentId, Incident]:
    if read.position is None:
        return {}
    if read.state is not None:
        return read.state
    if not read.rows:
        return before
    return replay(before, (row.change for row in read.rows))


def _step(
    place: FeedPlace, incidents: Mapping[IncidentId, Incident], read: FeedRead
) -> FeedStep | None:
    if place.position is None:
        return None
    restarted = read.state is not None
    touched = {row.change.incident.id for row in read.rows}
    return FeedStep(
        position=place.position,
        owners=place.owners,
        puts=incidents
        if restarted
        else {id_: incidents[id_] for id_ in touched if id_ in incidents},
        deletes=frozenset(id_ for id_ in touched if id_ not in incidents),
        replace_all=restarted,
    )


def _news(polled: Polled) -> tuple[News, ...]:
    """Return the changes of all feeds in one order, each feed's in its own."""
    dated: list[tuple[datetime, bool, News]] = []
    for feed, read in polled.feeds.items():
        latest: datetime | None = None
        for row in read.rows:
            at = row.change.observed_at
            latest = max(latest, at) if latest else at
            news = News(feed=feed, seq=row.seq, change=row.change)
            dated.append((latest, not news.personal, news))
    return tuple(n for *_, n in sorted(dated, key=lambda item: item[:2]))


def _ages(state: TrayState, polled: Polled, now: datetime) -> Freshness:
    ages = replace(state.freshness, read_at=now)
    status = polled.status
    if status is None:
        return ages
    interval = timedelta(seconds=max(status.interval_seconds, 1))
    ages = replace(ages, interval=interval, retention=status.retention)
    return ages.marked(status.watermark, now)


def _closed(state: TrayState, polled: Polled) -> Mapping[FeedId, CloseReason]:
    """Return the feeds that nobody writes any more, by their heads and the status."""
    closed = dict(state.closed)
    for feed, read in polled.feeds.items():
        if read.closed is not None:
            closed[feed] = read.closed
        elif read.owners is not None or read.position is None:
            closed.pop(feed, None)
        reason = _other_team(feed, polled.status)
        if reason is not None:
            closed[feed] = reason
    return closed


def _other_team(feed: FeedId, status: SyncStatus | None) -> CloseReason | None:
    """Return why the sync of *status* does not write the team's *feed*; None if so."""
    if not is_team_feed(feed) or status is None or status.watermark is None:
        return None
    if status.scope != "team":
        return CloseReason.SCOPE
    return CloseReason.TEAM if feed != f"TEAM#{status.team}" else None


def _registry(state: TrayState, polled: Polled) -> int | None:
    """Return the registry's version by which every head has been read."""
    if polled.status is None:
        return state.registry
    return None if polled.errors else polled.status.registry


def _newer(state: TrayState, polled: Polled) -> str:
    """Return the version of the sync, where it is newer than this one."""
    if polled.status is None:
        return state.newer
    return polled.status.version if upgrade.newer(polled.status.version) else ""


def _with_problems(state: TrayState, polled: Polled, now: datetime) -> TrayState:
    """A good look ends what kept us from looking; what it found wrong begins."""
    state = state.without_problem(
        *(kind for kind in READ_PROBLEMS if not _goes_on(kind, polled))
    )
    for error in polled.errors.values():
        state = state.with_problem(problems.of_failure(error, now))
    for feed, read in polled.feeds.items():
        if read.position is None:
            detail = f"There is no feed {feed} yet."
            missing = Problem(kind=ProblemKind.FEED_MISSING, since=now, detail=detail)
            state = state.with_problem(missing)
    state = problems.closed(state, now)
    status = polled.status
    if status is not None and status.failures:
        detail = f"{status.problem} ({status.failures} in a row)"
        failing = Problem(kind=ProblemKind.SYNC_FAILING, since=now, detail=detail)
        state = state.with_problem(failing)
    return state


def _goes_on(kind: ProblemKind, polled: Polled) -> bool:
    """Whether *kind* is wrong still, so that it keeps its beginning."""
    if kind is ProblemKind.FEED_MISSING:
        return any(read.position is None for read in polled.feeds.values())
    if kind is ProblemKind.SYNC_FAILING:
        return polled.status is None or bool(polled.status.failures)
    return bool(polled.errors)

"""From news to decisions: meaning, ruling, bursts, reminders, summary. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from incidents.follow import ResyncReason
from incidents.models import Incident, IncidentId, Severity
from tray_app.model.memory import Memory, QuietBacklog, QuietReason
from tray_app.model.news import Meaning, News, meaning
from tray_app.model.output import Disposition
from tray_app.model.quiet import QuietPeriod, quiet_period
from tray_app.model.rules import Ownership, Topic
from tray_app.model.state import TrayState
from tray_app.model.view import Urgency
from tray_app.policy import reminders
from tray_app.policy.bursts import grouped
from tray_app.policy.decisions import Baseline, Decision, Summary, Tell, Verdict
from tray_app.policy.gates import PendingChange, Ruling, judge
from tray_app.policy.loudness import sounds, urgency_of
from tray_app.policy.reasons import Amendment
from tray_app.policy.threads import REOPENS, flapping, noted

SEEN_AT_STEP = timedelta(minutes=1)
"""How exactly the memory notes when incidents were last read."""


def decide(
    memory: Memory,
    news: Sequence[News],
    state: TrayState,
    *,
    now: datetime,
    looked: bool = True,
) -> Decision:
    """
    Decide about *news*, oldest first, and about what has come due.

    *state* is the state after the news; *now* is in the person's time zone;
    *looked* says that the feeds have just been read, with or without news.
    """
    draft = _Draft(memory, state, now, looked=looked)
    for change in news:
        draft.add(change)
    return draft.close()


def baseline(
    memory: Memory, state: TrayState, reason: ResyncReason, id_: str, *, now: datetime
) -> Decision:
    """
    Start from what is open, with one notification that says how much that is.

    *id_* is its stable id. Notifications of incidents that are no longer open are
    withdrawn; the other threads stay.
    """
    view = state.incidents()
    gone = [
        id_
        for id_, thread in memory.threads.items()
        if thread.on_screen and id_ not in view
    ]
    threads = {k: thread for k, thread in memory.threads.items() if k not in set(gone)}
    shown = state.shown()
    return Decision(
        memory=replace(memory, seen_at=now, threads=threads),
        tell=(
            Baseline(
                id=id_,
                reason=reason,
                open=len(shown),
                critical=sum(
                    incident.severity == Severity.CRITICAL for incident in shown
                ),
                mine=sum(
                    state.ownership(incident) is Ownership.MINE for incident in shown
                ),
            ),
        ),
        withdraw=tuple(gone),
    )


class _Draft:
    """A decision under way; nothing outside sees it."""

    def __init__(
        self, memory: Memory, state: TrayState, now: datetime, *, looked: bool
    ) -> None:
        self.state, self.now, self.looked = state, now, looked
        self.quiet: QuietPeriod | None = quiet_period(state, now)
        seen = memory.seen_at
        self.away = looked and seen is not None and now - seen >= state.rules.away_after
        self.memory = self._with_backlog(memory, seen)
        self.threads = dict(self.memory.threads)
        self.changes: dict[IncidentId, Tell] = {}
        self.updates: dict[IncidentId, Tell] = {}
        self.withdraw: dict[IncidentId, None] = {}
        self.deferred: set[IncidentId] = set()
        self.verdicts: list[Verdict] = []
        self.woken: set[IncidentId] = set()

    def _with_backlog(self, memory: Memory, seen: datetime | None) -> Memory:
        """Note since when nothing is said."""
        if memory.backlog is not None:
            return memory
        if self.quiet is not None:
            backlog = QuietBacklog(since=self.now, reason=self.quiet.reason)
            return replace(memory, backlog=backlog)
        if self.away and seen is not None:
            backlog = QuietBacklog(since=seen, reason=QuietReason.AWAY)
            return replace(memory, backlog=backlog)
        return memory

    def add(self, news: News) -> None:
        """Decide about one change."""
        id_ = news.incident.id
        thread = noted(news, self.threads.get(id_))
        about = meaning(news, self.state.me, self.memory)
        if REOPENS & news.change.kinds or not news.incident.is_open:
            self.woken |= {id_} & self.state.snoozes.incidents.keys()
        snoozes = self.state.snoozes.without(self.woken)
        ruling = judge(
            PendingChange(
                news=news,
                meaning=about,
                thread=thread,
                state=replace(self.state, snoozes=snoozes),
                quiet=self.quiet,
                away=self.away,
                now=self.now,
            )
        )
        if ruling.outcome is Disposition.NOTIFIED and REOPENS & news.change.kinds:
            thread, ruling = flapping(thread, ruling, self.state.rules)
        if about.mine and about.topic is Topic.ACKNOWLEDGED:
            thread = replace(thread, acknowledged_at=self.now)
        self.threads[id_] = thread
        self._apply(news, about, ruling)
        self.verdicts.append(
            Verdict(
                news=news, meaning=about, outcome=ruling.outcome, reason=ruling.reason
            )
        )

    def _apply(self, news: News, about: Meaning, ruling: Ruling) -> None:
        id_ = news.incident.id
        thread = self.threads[id_]
        match ruling.outcome:
            case Disposition.WITHDRAWN:
                self.changes.pop(id_, None)
                self.updates.pop(id_, None)
                if thread.on_screen:
                    self.withdraw[id_] = None
                    self.threads[id_] = replace(
                        thread, on_screen=False, withdraw_at=None
                    )
            case Disposition.DEFERRED:
                self.deferred.add(id_)
            case Disposition.NOTIFIED | Disposition.UPDATED:
                self.withdraw.pop(id_, None)
                tell = self._tell(news, about)
                # A change that is not shown yet is replaced, not updated.
                replaced = self.changes.pop(id_, None) is not None
                if ruling.outcome is Disposition.NOTIFIED:
                    self.changes[id_] = tell
                elif not replaced or thread.on_screen:
                    self.updates[id_] = tell
            case _:
                pass  # nothing on the screen changes

    def _tell(self, news: News, about: Meaning) -> Tell:
        thread, rules = self.threads[news.incident.id], self.state.rules
        severity = news.incident.severity
        flaps = thread.flapping and about.topic in (Topic.OPENED, Topic.REOPENED)
        openings = sum(self.now - at < rules.flapping_span for at in thread.openings)
        return Tell(
            news=news,
            meaning=about,
            thread=thread,
            urgency=urgency_of(about.topic, severity),
            sound=sounds(about.topic, severity, rules),
            flapping=openings if flaps else None,
        )

    def close(self) -> Decision:
        """Group bursts, add reminders and the summary, and return the decision."""
        view = self.state.incidents()
        memory = self.memory
        if self.verdicts:
            memory = replace(memory, threads=self.threads)
        if self.deferred and memory.backlog is not None:
            ids = memory.backlog.ids | self.deferred
            memory = replace(memory, backlog=replace(memory.backlog, ids=ids))
        group = grouped(
            memory,
            self.changes.values(),
            self.updates.values(),
            self.state,
            self.now,
        )
        again = reminders.due(
            group.memory, view, self.state, self.now, skip=self.changes.keys()
        )
        memory, summary = self._summary(again.memory, view)
        seen = memory.seen_at
        if self.looked and (seen is None or self.now - seen >= SEEN_AT_STEP):
            watermark = self.state.freshness.watermark
            pruned = memory.pruned(self.now, watermark, view.keys())
            memory = replace(pruned, seen_at=self.now)
        ended = {
            k for k, end in self.state.snoozes.incidents.items() if end <= self.now
        }
        return Decision(
            memory=memory,
            tell=(*group.tell, *again.tell, *summary),
            withdraw=(*self.withdraw, *group.withdraw, *again.withdraw),
            verdicts=tuple(self._amended(group.digested)),
            woken=frozenset(self.woken | ended),
        )

    def _amended(self, digested: frozenset[str]) -> Iterator[Verdict]:
        """Yield the verdicts with what became of each change in the end."""
        last = {tell.id for tell in (*self.changes.values(), *self.updates.values())}
        for verdict in self.verdicts:
            id_ = verdict.news.notification_id
            if verdict.outcome not in (Disposition.NOTIFIED, Disposition.UPDATED):
                yield verdict
            elif id_ not in last:
                yield _amend(verdict, Disposition.SILENT, Amendment.OVERTAKEN)
            elif id_ not in digested:
                yield verdict
            elif verdict.outcome is Disposition.UPDATED:
                yield _amend(verdict, Disposition.WITHDRAWN, Amendment.CLEARED)
            else:
                yield _amend(verdict, Disposition.DIGEST, Amendment.DIGEST)

    def _summary(
        self, memory: Memory, view: Mapping[IncidentId, Incident]
    ) -> tuple[Memory, list[Summary]]:
        """Sum up the backlog, once nothing is quiet any more and the data is fresh."""
        backlog = memory.backlog
        if backlog is None or self.quiet is not None:
            return memory, []
        if self.state.freshness.stale(self.now):
            return memory, []
        memory = replace(memory, backlog=None)
        if not backlog.ids:
            return memory, []
        threads = dict(memory.threads)
        for id_ in backlog.ids & view.keys() & threads.keys():
            threads[id_] = replace(threads[id_], notified_at=self.now, reminded=0)
        memory = replace(memory, threads=threads)
        return memory, [_summary_of(backlog, view, self.state)]


def _amend(verdict: Verdict, outcome: Disposition, amendment: Amendment) -> Verdict:
    reason = replace(verdict.reason, amendment=amendment)
    return replace(verdict, outcome=outcome, reason=reason)


def _summary_of(
    backlog: QuietBacklog, view: Mapping[IncidentId, Incident], state: TrayState
) -> Summary:
    still = [view[id_] for id_ in backlog.ids if id_ in view]
    loud = any(
        incident.severity == Severity.CRITICAL
        and incident.needs_attention
        and not incident.muted
        and state.ownership(incident) is not Ownership.OTHERS
        for incident in still
    )
    return Summary(
        id=f"summary:{backlog.since.isoformat()}",
        reason=backlog.reason,
        since=backlog.since,
        open=len(still),
        mine=sum(state.ownership(incident) is Ownership.MINE for incident in still),
        ended=len(backlog.ids) - len(still),
        urgency=Urgency.CRITICAL if loud else Urgency.NORMAL,
        sound=loud and sounds(Topic.OPENED, Severity.CRITICAL, state.rules),
    )

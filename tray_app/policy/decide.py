"""Decide, from what changed, what is told and what is taken back; pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from incidents.follow import ResyncReason
from incidents.models import Incident, IncidentId
from tray_app.model.memory import Memory, QuietBacklog
from tray_app.model.news import Meaning, News, meaning
from tray_app.model.quiet import QuietPeriod, rest_at
from tray_app.model.rules import Topic
from tray_app.model.state import TrayState
from tray_app.model.view import Notification
from tray_app.policy.bursts import Candidate, grouped
from tray_app.policy.gates import Disposition, PendingChange, Ruling, judge
from tray_app.policy.reminders import reminded
from tray_app.policy.threads import REOPENS, flapping, noted
from tray_app.policy.verdicts import Decided, Verdict
from tray_app.present import notifications, texts

NOTED = timedelta(minutes=1)
"""How exactly it is noted when we last looked."""


def decide(
    memory: Memory,
    news: Sequence[News],
    state: TrayState,
    *,
    now: datetime,
    looked: bool = True,
) -> Decided:
    """
    Decide about *news*, oldest first, and about what has come due.

    *state* is as it is after the news; *now* bears the person's time zone;
    *looked* says that there was a good read, with or without news.
    """
    desk = _Decision(memory, state, now, looked=looked)
    for one in news:
        desk.take(one)
    return desk.decided(bool(news))


def begun(
    memory: Memory, state: TrayState, reason: ResyncReason, told: str, *, now: datetime
) -> Decided:
    """
    Begin from what is open, in silence but for one line that says so.

    *told* is its stable id. What was on the screen and is no longer open is taken
    back; the rest keeps what was said about it.
    """
    view = state.incidents()
    gone = [
        id_ for id_, one in memory.threads.items() if one.on_screen and id_ not in view
    ]
    threads = {k: one for k, one in memory.threads.items() if k not in set(gone)}
    memory = replace(memory, seen_at=now, threads=threads)
    return Decided(
        memory=memory,
        tell=(notifications.begun(state, _ANEW[reason], told),),
        withdraw=tuple(notifications.key_of(id_) for id_ in gone),
    )


_ANEW = {
    ResyncReason.FIRST: "",
    ResyncReason.EXPIRED: "You were away for longer than changes are kept.",
    ResyncReason.RESTORED: "The table was restored or made anew.",
    ResyncReason.LOST: "Some changes are missing; this is how it stands now.",
}


class _Decision:
    """One decision under way; nothing outside sees it."""

    def __init__(
        self, memory: Memory, state: TrayState, now: datetime, *, looked: bool
    ) -> None:
        self.state, self.now, self.looked = state, now, looked
        self.rest: QuietPeriod | None = rest_at(state, now)
        seen = memory.seen_at
        self.away = looked and seen is not None and now - seen >= state.rules.away_after
        self.memory = self._resting(memory, seen)
        self.threads = dict(self.memory.threads)
        self.candidates: dict[IncidentId, Candidate] = {}
        self.updates: dict[IncidentId, Candidate] = {}
        self.withdraw: dict[str, None] = {}
        self.held: set[IncidentId] = set()
        self.verdicts: list[Verdict] = []
        self.woken: set[IncidentId] = set()

    def _resting(self, memory: Memory, seen: datetime | None) -> Memory:
        """Note since when nothing is said."""
        if memory.held is not None:
            return memory
        if self.rest is not None:
            return replace(memory, held=QuietBacklog(since=self.now, why=self.rest.why))
        if self.away and seen is not None:
            return replace(memory, held=QuietBacklog(since=seen, why="away"))
        return memory

    def take(self, news: News) -> None:
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
                rest=self.rest,
                away=self.away,
                now=self.now,
            )
        )
        if ruling.outcome is Disposition.TOLD and REOPENS & news.change.kinds:
            thread, ruling = flapping(thread, ruling, self.state.rules)
        if about.mine and about.topic is Topic.ACKNOWLEDGED:
            thread = replace(thread, acknowledged_at=self.now)
        self.threads[id_] = thread
        self._obey(news, about, ruling)
        self._record(news, about, ruling)

    def _obey(self, news: News, about: Meaning, ruling: Ruling) -> None:
        id_ = news.incident.id
        thread = self.threads[id_]
        key = notifications.key_of(id_)
        if ruling.outcome is Disposition.WITHDRAWN:
            self.candidates.pop(id_, None)
            self.updates.pop(id_, None)
            if thread.on_screen:
                self.withdraw[key] = None
                self.threads[id_] = replace(thread, on_screen=False, withdraw_at=None)
        elif ruling.outcome is Disposition.HELD:
            self.held.add(id_)
        elif ruling.outcome in (Disposition.TOLD, Disposition.UPDATED):
            self.withdraw.pop(key, None)
            candidate = Candidate(
                news=news,
                severity=news.incident.severity,
                own=news.change.joined,
                fresh=bool(REOPENS & news.change.kinds),
                notification=notifications.incident(
                    news, about, thread, self.state, self.now
                ),
            )
            # What has not been told yet need not be eased: the last word counts.
            untold = self.candidates.pop(id_, None) is not None
            if ruling.outcome is Disposition.TOLD:
                self.candidates[id_] = candidate
            elif not untold or thread.on_screen:
                self.updates[id_] = candidate

    def _record(self, news: News, about: Meaning, ruling: Ruling) -> None:
        self.verdicts.append(
            Verdict(
                feed=news.feed,
                seq=news.seq,
                id=news.incident.id,
                at=news.change.observed_at,
                kinds=tuple(sorted(news.change.kinds)),
                text=texts.history(news.change, about, self.now),
                outcome=ruling.outcome,
                rule=ruling.rule,
            )
        )

    def decided(self, news: bool) -> Decided:  # noqa: FBT001  # the only caller names it
        """Gather bursts, reminders and summaries, and close."""
        view = self.state.incidents()
        memory = replace(self.memory, threads=self.threads) if news else self.memory
        if self.held and memory.held is not None:
            ids = memory.held.ids | self.held
            memory = replace(memory, held=replace(memory.held, ids=ids))
        group = grouped(
            memory,
            self.candidates.values(),
            self.updates.values(),
            self.state,
            self.now,
        )
        again = reminded(
            group.memory, view, self.state, self.now, skip=self.candidates.keys()
        )
        memory = again.memory
        memory, summed = self._summed(memory, view)
        seen = memory.seen_at
        if self.looked and (seen is None or self.now - seen >= NOTED):
            watermark = self.state.freshness.watermark
            pruned = memory.pruned(self.now, watermark, view.keys())
            memory = replace(pruned, seen_at=self.now)
        ended = {
            k for k, end in self.state.snoozes.incidents.items() if end <= self.now
        }
        return Decided(
            memory=memory,
            tell=(*group.tell, *again.tell, *summed),
            withdraw=(*self.withdraw, *group.withdraw, *again.withdraw),
            verdicts=tuple(self._corrected(group.digested)),
            woken=frozenset(self.woken | ended),
        )

    def _corrected(self, digested: frozenset[str]) -> Iterator[Verdict]:
        """Say of each change what became of it in the end."""
        last = {
            one.news.told for one in (*self.candidates.values(), *self.updates.values())
        }
        for verdict in self.verdicts:
            told = f"{verdict.feed}:{verdict.seq}"
            if verdict.outcome not in (Disposition.TOLD, Disposition.UPDATED):
                yield verdict
            elif told not in last:
                rule = f"{verdict.rule}; overtaken before it was told"
                yield replace(verdict, outcome=Disposition.SILENT, rule=rule)
            elif told not in digested:
                yield verdict
            elif verdict.outcome is Disposition.UPDATED:
                rule = f"{verdict.rule}; burst: taken back instead"
                yield replace(verdict, outcome=Disposition.WITHDRAWN, rule=rule)
            else:
                rule = f"{verdict.rule}; burst: told in the digest"
                yield replace(verdict, outcome=Disposition.DIGEST, rule=rule)

    def _summed(
        self, memory: Memory, view: Mapping[IncidentId, Incident]
    ) -> tuple[Memory, list[Notification]]:
        """Tell what was held, once nothing holds it any more and we know how it is."""
        held = memory.held
        if held is None or self.rest is not None:
            return memory, []
        if self.state.freshness.stale(self.now):
            return memory, []
        memory = replace(memory, held=None)
        if not held.ids:
            return memory, []
        threads = dict(memory.threads)
        for id_ in held.ids & view.keys() & threads.keys():
            threads[id_] = replace(threads[id_], told_at=self.now, reminded=0)
        memory = replace(memory, threads=threads)
        return memory, [notifications.summary(held, view, self.state, self.now)]

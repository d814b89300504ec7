"""Looks at every commit as it is applied, and compares it with the truth."""

from dataclasses import dataclass, field

from incidents.changes import Change
from incidents.diff import replay
from incidents.feeds import Commit, FeedId
from incidents.models import Incident, IncidentId
from tests.simulation.reader import Findings
from tests.simulation.source import ListingSource
from tests.simulation.table import Table
from tests.simulation.world import World


@dataclass(slots=True)
class Witness:
    """Knows when each sync began, and what it was shown."""

    world: World
    table: Table
    findings: Findings
    syncs: dict[str, tuple[int, ListingSource]] = field(default_factory=dict)

    known: dict[FeedId, set[IncidentId]] = field(default_factory=dict)
    """What each feed has ever told or held."""
    written: dict[FeedId, list[int]] = field(default_factory=dict)
    """Every sequence of each feed, in the order they were written."""

    def watch(self, commit: Commit) -> None:
        """Check one commit against the feed as it is, and against the truth."""
        held = self.table.states.get(commit.feed, {})
        self._sequence(commit)
        self._order(commit)
        for change in commit.changes:
            self._change(commit, change, held)
        known = self.known.setdefault(commit.feed, set())
        if commit.expected is None:
            known.clear()
        known.update(one.id for one in commit.puts)
        known.update(one.incident.id for one in commit.changes)
        if commit.changes:
            after = {id_: one for id_, one in held.items() if id_ not in commit.deletes}
            after |= {one.id: one for one in commit.puts}
            if after != replay(held, commit.changes):
                self._lost(commit, "the state is not where the changes lead")

    def _sequence(self, commit: Commit) -> None:
        head = self.table.heads.get(commit.feed)
        before = head.seq if head else 0
        written = self.written.setdefault(commit.feed, [])
        if head is None:
            written.clear()
        written += range(before + 1, commit.head.seq + 1)
        if commit.head.seq != before + len(commit.changes):
            self.findings.gaps.append(f"{commit.feed}: {before} to {commit.head.seq}")
        taken = self.table.rows.get(commit.feed, {})
        if any(seq in taken for seq in range(before + 1, commit.head.seq + 1)):
            self.findings.repeated.append(f"{commit.feed}: a row is overwritten")

    def _order(self, commit: Commit) -> None:
        """Older never beats newer; and what is not whole is no beginning."""
        head = self.table.heads.get(commit.feed)
        another = head and head.writer != commit.head.writer
        older = head and any(one.observed_at < head.watermark for one in commit.changes)
        if another and older:
            self.findings.repeated.append(f"{commit.feed}: an older read went over")
        _, source = self.syncs[commit.head.writer]
        if not (head and head.ready) and not source.whole:
            self._lost(commit, "a baseline of a part of what is")

    def _change(
        self, commit: Commit, change: Change, held: dict[IncidentId, Incident]
    ) -> None:
        id_, after = change.incident.id, change.after
        if held.get(id_) != change.before:
            self.findings.repeated.append(f"{commit.feed}: {id_} is not what it was")
        if change.before is None and after and not after.is_open:
            before = self.known.get(commit.feed, set())
            if id_ in before:
                self.findings.repeated.append(f"{commit.feed}: {id_} flaps again")
        began, source = self.syncs[commit.head.writer]
        removes = after is None or not after.is_open or change.left
        owned = after and any(a.lower() in commit.head.owners for a in after.assignees)
        if removes and (
            not source.whole
            or (change.left and owned)
            or not self._true(id_, after, began)
        ):
            self.findings.wrong_removals.append(f"{commit.feed}: {change}")
        elif not self._true(id_, after, began):
            self._lost(commit, f"{id_} never was as it is told")

    def _true(self, id_: IncidentId, after: Incident | None, since: int) -> bool:
        return self.world.was(id_, after, since)

    def _lost(self, commit: Commit, what: str) -> None:
        self.findings.lost.append(f"{commit.feed} by {commit.head.writer}: {what}")

    def is_whole(self, feed: FeedId) -> bool:
        """Whether what was ever written to *feed* is 1, 2, 3 and so on to its head."""
        head = self.table.heads[feed]
        return self.written.get(feed, []) == list(range(1, head.seq + 1))

"""Check every commit against the feed and the truth, as it is applied."""

from dataclasses import dataclass, field

from incidents.changes import Change
from incidents.diff import replay
from incidents.feeds import Commit, FeedId
from incidents.models import Incident, IncidentId
from tests.simulation.faulty_source import ListingSource
from tests.simulation.reader import Findings
from tests.simulation.table import Table
from tests.simulation.world import World


@dataclass(slots=True)
class CommitChecker:
    """Checks commits by the step at which their sync began, and the sync's source."""

    world: World
    table: Table
    findings: Findings
    syncs: dict[str, tuple[int, ListingSource]] = field(default_factory=dict)

    known_ids: dict[FeedId, set[IncidentId]] = field(default_factory=dict)
    """Every incident id that a feed has ever had in a change or in its state."""
    written: dict[FeedId, list[int]] = field(default_factory=dict)
    """The sequences of each feed, in the order of writing."""

    def check(self, commit: Commit) -> None:
        """Check one commit against the feed's present state and the truth."""
        incidents = self.table.states.get(commit.feed, {})
        self._check_sequence(commit)
        self._check_order(commit)
        for change in commit.changes:
            self._check_change(commit, change, incidents)
        known_ids = self.known_ids.setdefault(commit.feed, set())
        if commit.expected is None:
            known_ids.clear()
        known_ids.update(incident.id for incident in commit.puts)
        known_ids.update(change.incident.id for change in commit.changes)
        if commit.changes:
            after = {
                id_: incident
                for id_, incident in incidents.items()
                if id_ not in commit.deletes
            }
            after |= {incident.id: incident for incident in commit.puts}
            if after != replay(incidents, commit.changes):
                self._lost(commit, "the changes do not lead to the state")

    def _check_sequence(self, commit: Commit) -> None:
        head = self.table.heads.get(commit.feed)
        before = head.seq if head else 0
        written = self.written.setdefault(commit.feed, [])
        if head is None:
            written.clear()
        written += range(before + 1, commit.head.seq + 1)
        if commit.head.seq != before + len(commit.changes):
            self.findings.gaps.append(f"{commit.feed}: {before} to {commit.head.seq}")
        rows = self.table.rows.get(commit.feed, {})
        if any(seq in rows for seq in range(before + 1, commit.head.seq + 1)):
            self.findings.repeated.append(f"{commit.feed}: a row is overwritten")

    def _check_order(self, commit: Commit) -> None:
        """An older read must not replace a newer one; a baseline must be complete."""
        head = self.table.heads.get(commit.feed)
        other_writer = head and head.writer != commit.head.writer
        older = head and any(
            change.observed_at < head.watermark for change in commit.changes
        )
        if other_writer and older:
            self.findings.repeated.append(
                f"{commit.feed}: an older read replaced a newer one"
            )
        if commit.head.closed:
            return  # a closed feed has no baseline
        _, source = self.syncs[commit.head.writer]
        if not (head and head.ready) and not source.complete_so_far:
            self._lost(commit, "a baseline from an incomplete listing")

    def _check_change(
        self, commit: Commit, change: Change, incidents: dict[IncidentId, Incident]
    ) -> None:
        id_, after = change.incident.id, change.after
        if incidents.get(id_) != change.before:
            self.findings.repeated.append(
                f"{commit.feed}: {id_} is not as the change's before says"
            )
        if change.before is None and after and not after.is_open:
            before = self.known_ids.get(commit.feed, set())
            if id_ in before:
                self.findings.repeated.append(
                    f"{commit.feed}: {id_} is reported again as short-lived"
                )
        began, source = self.syncs[commit.head.writer]
        removes = after is None or not after.is_open or change.left
        owned = after and any(a.lower() in commit.head.owners for a in after.assignees)
        if removes and (
            not source.complete_so_far
            or (change.left and owned)
            or not self._was_true(id_, after, began)
        ):
            self.findings.wrong_removals.append(f"{commit.feed}: {change}")
        elif not self._was_true(id_, after, began):
            self._lost(commit, f"{id_} was never in this version")

    def _was_true(self, id_: IncidentId, after: Incident | None, since: int) -> bool:
        return self.world.was_true(id_, after, since)

    def _lost(self, commit: Commit, what: str) -> None:
        self.findings.lost.append(f"{commit.feed} by {commit.head.writer}: {what}")

    def is_contiguous(self, feed: FeedId) -> bool:
        """Whether the sequences written to *feed* are 1, 2, 3 … up to its head."""
        head = self.table.heads[feed]
        return self.written.get(feed, []) == list(range(1, head.seq + 1))

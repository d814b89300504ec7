"""Checks after a schedule has settled without faults."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from incidents.feeds import FeedId
from incidents.models import Incident, IncidentId
from incidents.sync.run import Report
from tests.simulation.commit_checks import CommitChecker
from tests.simulation.reader import Findings, Reader
from tests.simulation.table import Table


@dataclass(frozen=True, slots=True)
class FinalChecks:
    """Compares feeds with the truth, and readers with the feeds."""

    table: Table
    commit_checker: CommitChecker
    findings: Findings

    def check_feeds(
        self, expected: Mapping[FeedId, Mapping[IncidentId, Incident]]
    ) -> None:
        """Check that every feed has the *expected* incidents and no gap."""
        for feed, incidents in expected.items():
            if self.table.states.get(feed, {}) != incidents:
                self.findings.lost.append(f"{feed} differs from the truth")
            if not self.table.heads[feed].ready:
                self.findings.lost.append(f"{feed} has half a baseline")
            if not self.commit_checker.is_contiguous(feed):
                written = self.commit_checker.written.get(feed)
                self.findings.gaps.append(f"{feed}: {written}")

    def check_quiet(self, sync: Callable[[], Report]) -> None:
        """Check that one more sync writes its mark and nothing else."""
        before = self.table.writes
        report = sync()
        if not report.quiet or self.table.writes != before + 1:
            self.findings.repeated.append("a quiet sync wrote more than its mark")

    def check_reader(self, reader: Reader) -> None:
        """Check that the reader notified all changes and has the feed's state."""
        for feed in reader.feeds:
            head = self.table.heads.get(feed)
            if head is None or not head.ready:
                continue  # created in a scope that no longer lists for it
            reader.check_notified(feed)
            position = reader.disk.positions[feed]
            if (position.cursor, position.epoch) != (head.seq, head.epoch):
                self.findings.lost.append(f"{reader.name} {feed} is at {position}")
            if reader.disk.incidents[feed] != self.table.states[feed]:
                self.findings.lost.append(f"{reader.name} {feed} shows another state")

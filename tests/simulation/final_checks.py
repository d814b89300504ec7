"""Checks after a schedule has settled without faults."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

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

    def check_quiet(self, now: datetime, sync: Callable[[], Report]) -> None:
        """
        Check that one more sync writes its mark and nothing else.

        In doubt it compares every head: it names itself first, and changes no feed.
        """
        before, until = self.table.writes, self.table.status.doubt_until
        in_doubt = until is not None and now < until
        report = sync()
        unchanged = report.complete and not report.feeds_changed
        if self.table.writes != before + 1 + in_doubt or not unchanged:
            self.findings.repeated.append("a quiet sync wrote more than its mark")
        if report.quiet == in_doubt:
            self.findings.repeated.append("a sync was quiet in doubt, or not without")

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

"""What must hold whenever everything has come to rest."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from incidents.feeds import FeedId
from incidents.models import Incident, IncidentId
from incidents.sync.run import Report
from tests.simulation.reader import Findings, Reader
from tests.simulation.table import Table
from tests.simulation.witness import Witness


@dataclass(frozen=True, slots=True)
class Rest:
    """Compares feeds with the truth, and readers with the feeds."""

    table: Table
    witness: Witness
    findings: Findings

    def is_true(self, wanted: Mapping[FeedId, Mapping[IncidentId, Incident]]) -> None:
        """Every feed holds what it should, in sequences without a gap."""
        for feed, incidents in wanted.items():
            if self.table.states.get(feed, {}) != incidents:
                self.findings.lost.append(f"{feed} differs from the truth")
            if not self.table.heads[feed].ready:
                self.findings.lost.append(f"{feed} has half a baseline")
            if not self.witness.is_whole(feed):
                written = self.witness.written.get(feed)
                self.findings.gaps.append(f"{feed}: {written}")

    def is_quiet(self, sync: Callable[[], Report]) -> None:
        """One more sync writes its mark and nothing else."""
        before = self.table.writes
        report = sync()
        if not report.quiet or self.table.writes != before + 1:
            self.findings.repeated.append("a quiet sync wrote more than its mark")

    def has_caught_up(self, reader: Reader) -> None:
        """The reader is at the head, was told all, and shows what the feed holds."""
        for feed in reader.feeds:
            head = self.table.heads.get(feed)
            if head is None or not head.ready:
                continue  # begun in a scope that lists for it no longer
            reader.settle(feed)
            position = reader.disk.positions[feed]
            if (position.cursor, position.epoch) != (head.seq, head.epoch):
                self.findings.lost.append(f"{reader.name} {feed} is at {position}")
            if reader.disk.incidents[feed] != self.table.states[feed]:
                self.findings.lost.append(f"{reader.name} {feed} shows another state")

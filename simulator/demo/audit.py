"""Compare a tray's ledger with its feeds: nothing lost, nothing twice."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from incidents.feeds import FeedId, FeedRow
from incidents.ports import FeedReader
from tray_app.ledger.history import ChangeOutcome, outcomes
from tray_app.ledger.ledger import Ledger

_NOTIFIED = frozenset({"told", "updated"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The result of the comparison."""

    lost: int
    """Changes missing in the ledger, or in it without the notification due."""
    duplicates: int
    """Repeated notifications, and changes that are in no feed."""


def outcomes_by_key(path: Path) -> dict[tuple[str, int], ChangeOutcome]:
    """Read the outcome of every change in the ledger at *path*, by feed and seq."""
    with Ledger(path, check=False) as ledger:
        return {(outcome.feed, outcome.seq): outcome for outcome in outcomes(ledger)}


def rows(reader: FeedReader, feed: FeedId, after: int) -> Iterator[FeedRow]:
    """Read every change of *feed* after the sequence *after*, consistently."""
    page: Sequence[FeedRow] = reader.rows(feed, after, strong=True)
    while page:
        yield from page
        page = reader.rows(feed, page[-1].seq, strong=True)


def compare(
    reader: FeedReader,
    start_positions: Mapping[FeedId, int],
    ledger: Path,
    delivered: Sequence[str] | None = None,
) -> Audit:
    """
    Compare *ledger* with the feeds after the *start_positions* of the tray.

    *delivered* are the stable ids of the desktop's notifications, if known.
    """
    outcomes = outcomes_by_key(ledger)
    feed_keys = {
        (feed, row.seq)
        for feed, after in start_positions.items()
        for row in rows(reader, feed, after)
    }
    # A desktop without notifications gets them later: they are not lost.
    settled = {"shown", "withdrawn", "summed up"}
    if delivered is None:
        settled.add("waiting")
    not_shown = {
        key
        for key, entry in outcomes.items()
        if entry.outcome in _NOTIFIED and entry.state not in settled
    }
    lost = len(feed_keys - outcomes.keys()) + len(not_shown)
    duplicates = len(outcomes.keys() - feed_keys)
    if delivered is not None:
        counts = Counter(delivered)
        duplicates += sum(count - 1 for count in counts.values())
        lost += sum(
            f"{feed}:{seq}" not in counts
            for (feed, seq), entry in outcomes.items()
            if entry.state == "shown"
        )
    return Audit(lost=lost, duplicates=duplicates)

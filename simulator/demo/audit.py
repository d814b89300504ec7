"""Compare what a reader has told with what its feeds hold: nothing lost or twice."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from incidents.feeds import FeedId, FeedRow
from incidents.ports import FeedReader
from tray_app.ledger.history import ChangeOutcome, outcomes
from tray_app.ledger.ledger import Ledger

_TOLD = frozenset({"told", "updated"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The comparison."""

    lost: int
    """Changes in the feeds that the ledger has not, or has and never told."""
    duplicates: int
    """Notifications that came more than once, and changes that no feed holds."""


def entries(path: Path) -> dict[tuple[str, int], ChangeOutcome]:
    """Read what the ledger at *path* says of every change, by feed and sequence."""
    with Ledger(path, check=False) as ledger:
        return {(one.feed, one.seq): one for one in outcomes(ledger)}


def rows(reader: FeedReader, feed: FeedId, after: int) -> Iterator[FeedRow]:
    """Read every change of *feed* after the sequence *after*, strongly."""
    page: Sequence[FeedRow] = reader.rows(feed, after, strong=True)
    while page:
        yield from page
        page = reader.rows(feed, page[-1].seq, strong=True)


def tally(
    reader: FeedReader,
    begun: Mapping[FeedId, int],
    ledger: Path,
    delivered: Sequence[str] | None = None,
) -> Audit:
    """
    Compare *ledger* with the feeds after where the reader *begun* in each.

    *delivered* are the stable ids that the desktop was handed, where that is known.
    """
    kept = entries(ledger)
    held = {
        (feed, row.seq)
        for feed, after in begun.items()
        for row in rows(reader, feed, after)
    }
    # A desktop that takes no notifications is offered them again: that is not lost.
    settled = {"shown", "dropped"} | ({"waiting"} if delivered is None else set())
    untold = {
        key
        for key, entry in kept.items()
        if entry.outcome in _TOLD and entry.state not in settled
    }
    lost = len(held - kept.keys()) + len(untold)
    twice = len(kept.keys() - held)
    if delivered is not None:
        counts = Counter(delivered)
        twice += sum(count - 1 for count in counts.values())
        lost += sum(
            f"{feed}:{seq}" not in counts
            for (feed, seq), entry in kept.items()
            if entry.state == "shown"
        )
    return Audit(lost=lost, duplicates=twice)

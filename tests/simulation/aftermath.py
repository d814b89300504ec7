"""What must hold between the truth, the feeds and the ledgers after a soak."""

import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from incidents.changes import Change
from incidents.diff import replay
from incidents.feeds import FeedId, user_feed
from incidents.models import Incident, IncidentId
from incidents.ports import FeedReader
from tray_app.ledger.ledger import Ledger

Told: TypeAlias = tuple[object, ...]
"""Severity, status, assignees and whether it is muted."""


@dataclass(slots=True)
class Found:
    """Counts, and what is wrong."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


def compare(
    store: FeedReader,
    baselines: Mapping[FeedId, Mapping[IncidentId, Incident]],
    truth: Mapping[IncidentId, Told],
    homes: Mapping[str, Path],
    team: FeedId,
) -> Found:
    """Feeds replay to the truth, ledgers equal the feeds, nothing is shown twice."""
    found = Found()
    for feed, baseline in baselines.items():
        changes, state = _changes(store, feed), store.state(feed)
        found.counts["changes"] += len(changes)
        if state.head is None or state.head.seq != len(changes):
            found.problems.append(f"{feed}: {len(changes)} rows, {state.head}")
        if replay(baseline, changes) != state.incidents:
            found.problems.append(f"{feed} does not replay to its state")
        if not _is_chained(baseline, changes):
            found.problems.append(f"{feed}: a change does not begin where it should")
    held = store.state(team).incidents
    if {id_: _told(one) for id_, one in held.items()} != truth:
        found.problems.append("the team's feed is not the truth")
    for uid, home in homes.items():
        for feed in (user_feed(uid), team):
            _ledger(store, feed, home / "ledger.db", found)
        _screen(home, found)
    return found


def _changes(store: FeedReader, feed: FeedId) -> list[Change]:
    rows = store.rows(feed, 0, limit=1_000_000, strong=True)
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1)), "a gap"
    return [row.change for row in rows]


def _is_chained(baseline: Mapping[IncidentId, Incident], changes: list[Change]) -> bool:
    held = dict(baseline)
    for change in changes:
        if held.get(change.incident.id) != change.before:
            return False
        held = replay(held, [change])
    return True


def _told(incident: Incident) -> Told:
    return (
        incident.severity,
        incident.status,
        incident.assignees,
        incident.muted,
    )


def _ledger(store: FeedReader, feed: FeedId, path: Path, found: Found) -> None:
    with closing(sqlite3.connect(path)) as ledger:
        taken = ledger.execute(
            "SELECT seq FROM change WHERE feed = ? ORDER BY seq", (feed,)
        ).fetchall()
    state = store.state(feed)
    seqs = [seq for (seq,) in taken]
    last = state.head.seq if state.head else 0
    found.counts["taken"] += len(seqs)
    if seqs != list(range(1, last + 1)):
        found.problems.append(f"{path}: {feed}: {len(seqs)} of {last} changes")
    with Ledger(path) as kept:
        if kept.feeds()[feed].incidents != state.incidents:
            found.problems.append(f"{path}: {feed} holds something else")


def _screen(home: Path, found: Found) -> None:
    shown = Counter((home / "screen").read_text().split())
    with closing(sqlite3.connect(home / "ledger.db")) as ledger:
        told = ledger.execute("SELECT told, state FROM told").fetchall()
    found.counts["shown"] += len(shown)
    # A crash between showing and writing it down shows it over itself.
    found.counts["shown_over_itself"] += sum(shown.values()) - len(shown)
    for id_, state in told:
        if state == "waiting" or (state == "shown" and not shown[id_]):
            found.problems.append(f"{home}: {id_} is {state}")
    for id_ in shown.keys() - {id_ for id_, _ in told}:
        found.problems.append(f"{home}: {id_} was shown and is not known")

"""Compare the truth, the feeds and the ledgers after a soak."""

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

VisibleState: TypeAlias = tuple[object, ...]
"""Severity, status, assignees, and whether it is muted."""


@dataclass(slots=True)
class SoakResult:
    """Counts and problems."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


def compare(
    store: FeedReader,
    baselines: Mapping[FeedId, Mapping[IncidentId, Incident]],
    truth: Mapping[IncidentId, VisibleState],
    homes: Mapping[str, Path],
    team: FeedId,
) -> SoakResult:
    """Check that feeds replay to the truth and ledgers equal the feeds."""
    result = SoakResult()
    for feed, baseline in baselines.items():
        changes, state = _changes(store, feed), store.state(feed)
        result.counts["changes"] += len(changes)
        if state.head is None or state.head.seq != len(changes):
            result.problems.append(f"{feed}: {len(changes)} rows, {state.head}")
        if replay(baseline, changes) != state.incidents:
            result.problems.append(f"{feed} does not replay to its state")
        if not _is_chained(baseline, changes):
            result.problems.append(f"{feed}: a change does not begin where it should")
    incidents = store.state(team).incidents
    if {id_: _visible_state(incident) for id_, incident in incidents.items()} != truth:
        result.problems.append("the team's feed is not the truth")
    for uid, home in homes.items():
        for feed in (user_feed(uid), team):
            _ledger(store, feed, home / "ledger.db", result)
        _screen(home, result)
    return result


def _changes(store: FeedReader, feed: FeedId) -> list[Change]:
    rows = store.rows(feed, 0, limit=1_000_000, strong=True)
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1)), "a gap"
    return [row.change for row in rows]


def _is_chained(baseline: Mapping[IncidentId, Incident], changes: list[Change]) -> bool:
    incidents = dict(baseline)
    for change in changes:
        if incidents.get(change.incident.id) != change.before:
            return False
        incidents = replay(incidents, [change])
    return True


def _visible_state(incident: Incident) -> VisibleState:
    return (
        incident.severity,
        incident.status,
        incident.assignees,
        incident.muted,
    )


def _ledger(store: FeedReader, feed: FeedId, path: Path, result: SoakResult) -> None:
    with closing(sqlite3.connect(path)) as ledger:
        stored = ledger.execute(
            "SELECT seq FROM change WHERE feed = ? ORDER BY seq", (feed,)
        ).fetchall()
    state = store.state(feed)
    seqs = [seq for (seq,) in stored]
    last = state.head.seq if state.head else 0
    result.counts["taken"] += len(seqs)
    if seqs != list(range(1, last + 1)):
        result.problems.append(f"{path}: {feed}: {len(seqs)} of {last} changes")
    with Ledger(path) as ledger:
        if ledger.feeds()[feed].incidents != state.incidents:
            result.problems.append(f"{path}: {feed} has another state")


def _screen(home: Path, result: SoakResult) -> None:
    shown = Counter((home / "screen").read_text().split())
    with closing(sqlite3.connect(home / "ledger.db")) as ledger:
        notifications = ledger.execute("SELECT told, state FROM told").fetchall()
    result.counts["shown"] += len(shown)
    # After a crash between showing and storing that, it is shown again in place.
    result.counts["shown_over_itself"] += sum(shown.values()) - len(shown)
    for id_, state in notifications:
        if state == "waiting" or (state == "shown" and not shown[id_]):
            result.problems.append(f"{home}: {id_} is {state}")
    for id_ in shown.keys() - {id_ for id_, _ in notifications}:
        result.problems.append(f"{home}: {id_} was shown and is not known")

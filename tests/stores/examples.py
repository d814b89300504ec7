"""Incidents, heads and commits to try stores with."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from incidents.changes import Change
from incidents.feeds import Commit, FeedId, Head, user_feed
from incidents.models import Incident, IncidentId, UserId

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
ALICE = user_feed("alice")


def incident(id_: str = "i1", severity: str = "critical") -> Incident:
    """Make one incident, opened ten minutes ago and assigned to alice."""
    return Incident(
        id=IncidentId(id_),
        name="Checkout fails",
        severity=severity,
        status="triggered",
        assignees=(UserId("alice@example.com"),),
        labels=(("service", "checkout"), ("team", "payments")),
        opened_at=NOW - timedelta(minutes=10),
        updated_at=NOW,
    )


def head(seq: int, rev: int, writer: str = "s1") -> Head:
    """Make the head after *rev* commits with *seq* changes."""
    return Head(
        seq=seq,
        rev=rev,
        epoch="e1",
        writer=writer,
        watermark=NOW + timedelta(minutes=rev),
        digest=f"digest of {rev}",
        owners=frozenset({UserId("alice@example.com"), UserId("alice")}),
        marks=((NOW.date(), 1),) if seq else (),
    )


def baseline(*incidents: Incident, feed: FeedId = ALICE) -> Commit:
    """Begin a feed with *incidents*."""
    return Commit(feed=feed, expected=None, head=head(0, 1), puts=incidents)


def changed(before: Incident | None, after: Incident | None) -> Change:
    """Tell of a difference seen now."""
    return Change(
        before=before,
        after=after,
        observed_at=NOW,
        since=NOW - timedelta(minutes=1),
    )


def following(
    commit: Commit, *changes: Change, writer: str = "s2", feed: FeedId | None = None
) -> Commit:
    """Take the step after *commit*, with *changes* and the states they lead to."""
    before = commit.head
    new = replace(
        head(before.seq + len(changes), before.rev + 1, writer), epoch=before.epoch
    )
    return Commit(
        feed=feed or commit.feed,
        expected=before,
        head=new,
        changes=changes,
        puts=tuple(one.after for one in changes if one.after),
        deletes=tuple(one.incident.id for one in changes if not one.after),
    )


_wild = st.text(st.characters(), max_size=20)
"""Any text, lone surrogates too: JSON can carry them."""
_SPAN = timedelta(days=10_000)


def _moments(first: timedelta) -> st.SearchStrategy[datetime]:
    """Draw a time after *first*, counted from now, down to the microsecond."""
    return st.timedeltas(first, _SPAN).map(lambda since: NOW + since)


_any_time = _moments(-_SPAN)
_ids = _wild.map(UserId)
incidents = st.builds(
    Incident,
    id=_wild.map(IncidentId),
    name=_wild,
    severity=st.sampled_from(["critical", "info", "SEV-0"]) | _wild,
    status=st.sampled_from(["triggered", "acknowledged", "resolved"]) | _wild,
    state=_wild,
    assignees=st.lists(_ids, max_size=3).map(tuple),
    muted=st.booleans(),
    description=_wild,
    labels=st.lists(st.tuples(_wild, _wild), max_size=3).map(tuple),
    opened_at=_any_time,
    updated_at=_any_time,
    closed_at=st.none() | _any_time,
    assigned_by=st.lists(st.tuples(_ids, _ids), max_size=2).map(tuple),
    acknowledged_by=st.none() | _ids,
    resolved_by=st.none() | _ids,
    snoozed_until=st.none() | _any_time,
    snoozed_by=st.none() | _ids,
    cut=st.booleans(),
)
changes = st.builds(
    Change,
    before=st.none() | incidents,
    after=incidents,
    observed_at=_moments(timedelta()),
    since=st.none() | _any_time,
    joined=st.just(value=True),
    left=st.booleans(),
)

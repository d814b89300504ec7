"""What every store does, whatever it is made of."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incidents.diff import replay
from incidents.errors import ConflictError, StoreNewerError
from incidents.feeds import (
    MAX_ACTIONS,
    SCHEMA,
    CloseReason,
    FeedClosure,
    FeedId,
    FeedState,
    PreviousWriter,
    Registry,
    SyncStatus,
    User,
    team_feed,
    user_feed,
)
from incidents.models import IncidentId, UserId
from incidents.sync.closing import closing, remove_user
from incidents.sync.plan import SyncContext, steps
from tests.stores import examples
from tests.stores.engines import Open, Store
from tests.stores.examples import (
    ALICE,
    NOW,
    baseline,
    changed,
    following,
    head,
    incident,
)

TEAM = team_feed("payments")


def told(store: Store, feed: FeedId = ALICE) -> list[int]:
    """List the sequences that a reader from the beginning is told."""
    return [row.seq for row in store.rows(feed, 0, limit=10_000)]


# The status


def test_a_fresh_store_has_a_fresh_status(store: Store) -> None:
    assert store.status() == SyncStatus()


def test_a_mark_forgets_the_digest_and_answers_who_marked_before(store: Store) -> None:
    assert store.begin_write("s1") == PreviousWriter()
    store.write_status(SyncStatus(digest="d", writer="s1", open=3))

    assert store.begin_write("s2") == PreviousWriter(name="s1")

    assert store.status() == SyncStatus(writer="s2", open=3)


def test_a_writer_that_left_no_digest_had_not_finished(store: Store) -> None:
    store.begin_write("s1")

    assert store.begin_write("s2") == PreviousWriter(name="s1", finished=False)


def test_a_status_is_read_as_it_was_written(store: Store) -> None:
    status = SyncStatus(
        watermark=NOW,
        attempted_at=NOW + timedelta(microseconds=1),
        failures=2,
        problem="incomplete",
        open=7,
        quarantined=1,
        scope="assigned",
        team="payments",
        interval_seconds=30,
        digest="d",
        writer="s1",
        audited_at=NOW,
        doubt_until=NOW + timedelta(minutes=15),
        retention_days=7,
        version="1.3.0",
    )
    store.begin_write("s1")

    store.write_status(status)

    assert store.status() == status


def test_the_first_status_needs_no_mark(store: Store) -> None:
    store.write_status(SyncStatus(digest="d"))
    store.write_status(SyncStatus(digest="e"))

    assert store.status().digest == "e"


def test_who_has_been_overtaken_writes_no_status(store: Store) -> None:
    store.begin_write("s1")
    store.begin_write("s2")

    with pytest.raises(ConflictError):
        store.write_status(SyncStatus(digest="old", writer="s1"))

    assert store.status() == SyncStatus(writer="s2")


def test_a_status_that_names_nobody_is_refused_once_somebody_has_marked(
    store: Store,
) -> None:
    store.begin_write("s1")

    with pytest.raises(ConflictError):
        store.write_status(SyncStatus(digest="old"))


def test_whoever_has_not_marked_writes_no_status_even_where_there_is_none(
    store: Store,
) -> None:
    with pytest.raises(ConflictError):
        store.write_status(SyncStatus(digest="d", writer="s1"))

    assert store.status() == SyncStatus()


def test_a_cleared_digest_refuses_the_writer_that_it_names_no_longer(
    store: Store,
) -> None:
    store.begin_write("s1")
    store.write_status(SyncStatus(digest="d", writer="s1", open=3))

    store.clear_digest()

    assert store.status() == SyncStatus(open=3)
    with pytest.raises(ConflictError):
        store.write_status(SyncStatus(digest="d", writer="s1"))


def test_a_status_of_a_newer_version_is_refused(store: Store) -> None:
    store.write_status(SyncStatus(schema=SCHEMA + 1))

    with pytest.raises(StoreNewerError, match="upgrade"):
        store.status()


# Feeds


def test_before_its_baseline_a_feed_is_not_there(store: Store) -> None:
    assert store.head(ALICE) is None
    assert store.heads([ALICE, TEAM]) == {}
    assert store.state(ALICE) == FeedState(head=None)
    assert store.rows(ALICE, 0) == []


def test_a_commit_shows_in_head_state_and_rows(store: Store) -> None:
    begin = baseline(incident("a"), incident("b"))
    raised = changed(incident("a"), incident("a", "error"))
    gone = changed(incident("b"), None)
    step = following(begin, raised, gone)

    store.commit(begin)
    store.commit(step)

    assert store.head(ALICE) == step.head
    assert store.heads([ALICE, TEAM]) == {ALICE: step.head}
    after = {IncidentId("a"): incident("a", "error")}
    assert store.state(ALICE) == FeedState(head=step.head, incidents=after)
    rows = store.rows(ALICE, 0)
    assert [row.seq for row in rows] == [1, 2]
    assert [row.change for row in rows] == [raised, gone]
    assert {row.epoch for row in rows} == {"e1"}


def test_what_takes_no_part_in_equality_is_kept_too(store: Store) -> None:
    one = replace(
        incident(),
        updated_at=NOW + timedelta(seconds=5),
        closed_at=NOW,
        assigned_by=((UserId("alice@example.com"), UserId("bob@example.com")),),
        acknowledged_by=UserId("alice@example.com"),
        resolved_by=UserId("bob@example.com"),
    )

    store.commit(baseline(one))

    (kept,) = store.state(ALICE).incidents.values()
    assert repr(kept) == repr(one)


def test_a_commit_without_changes_moves_the_head_alone(store: Store) -> None:
    begin = baseline()
    store.commit(begin)

    store.commit(following(begin))

    assert store.head(ALICE) == following(begin).head
    assert told(store) == []


def test_of_two_that_build_on_the_same_head_one_wins_whole(store: Store) -> None:
    begin = baseline()
    winner = following(begin, changed(None, incident("a")), writer="winner")
    loser = following(
        begin,
        changed(None, incident("b")),
        changed(None, incident("c")),
        writer="loser",
    )
    store.commit(begin)
    store.commit(winner)

    with pytest.raises(ConflictError) as caught:
        store.commit(loser)

    assert caught.value.head == winner.head
    assert told(store) == [1]
    assert set(store.state(ALICE).incidents) == {"a"}


def test_a_feed_is_created_once(store: Store) -> None:
    store.commit(baseline(incident("a")))
    late = baseline(incident("b"))

    with pytest.raises(ConflictError) as caught:
        store.commit(replace(late, head=replace(late.head, writer="late")))

    assert caught.value.head == baseline().head
    assert set(store.state(ALICE).incidents) == {"a"}


def test_a_feed_that_is_gone_refuses_who_builds_on_it(store: Store) -> None:
    with pytest.raises(ConflictError) as caught:
        store.commit(following(baseline(), changed(None, incident())))

    assert caught.value.head is None
    assert store.head(ALICE) is None
    assert told(store) == []


def test_a_feed_that_began_anew_refuses_who_knew_the_old_one(store: Store) -> None:
    begin = baseline()
    old = replace(begin, head=replace(begin.head, epoch="before the restore"))
    store.commit(begin)

    with pytest.raises(ConflictError):
        store.commit(following(old, changed(None, incident())))

    assert told(store) == []


def test_a_commit_that_is_repeated_is_taken_once(store: Store) -> None:
    begin = baseline()
    step = following(begin, changed(None, incident()))

    for commit in (begin, begin, step, step):
        store.commit(commit)

    assert store.head(ALICE) == step.head
    assert told(store) == [1]


def test_a_repeated_commit_that_was_built_on_is_a_conflict(store: Store) -> None:
    begin = baseline()
    first = following(begin, changed(None, incident("a")))
    second = following(first, changed(None, incident("b")), writer="s3")
    for commit in (begin, first, second):
        store.commit(commit)

    with pytest.raises(ConflictError) as caught:
        store.commit(first)

    assert caught.value.head == second.head
    assert told(store) == [1, 2]


def test_a_commit_may_be_as_large_as_is_said_and_no_larger(store: Store) -> None:
    most = [incident(f"i{number}") for number in range(MAX_ACTIONS - 1)]
    store.commit(baseline(*most))

    with pytest.raises(ValueError, match="do not fit"):
        store.commit(baseline(*most, incident("more"), feed=TEAM))

    assert len(store.state(ALICE).incidents) == len(most)
    assert store.head(TEAM) is None


def test_what_is_more_than_one_commit_holds_arrives_in_steps(store: Store) -> None:
    first = {id_: incident(id_) for id_ in (IncidentId(f"i{n:03}") for n in range(120))}
    then = {id_: replace(one, severity="error") for id_, one in first.items()}

    for wanted in (first, then):
        facts = SyncContext(
            sync="s1",
            observed_at=NOW,
            since=None,
            complete=True,
            retention=timedelta(days=30),
            wanted={ALICE: wanted},
            owners={ALICE: frozenset({UserId("alice")})},
            present=wanted,
            ended={},
        )
        for step in steps(ALICE, store.state(ALICE), facts):
            store.commit(step)

    assert told(store) == list(range(1, 121))
    assert store.state(ALICE).incidents == then
    rows = store.rows(ALICE, 0, limit=500)
    assert replay(first, [row.change for row in rows]) == then


def test_rows_come_after_the_cursor_in_order_and_no_more_than_asked(
    store: Store,
) -> None:
    begin = baseline()
    step = following(begin, *(changed(None, incident(f"i{n}")) for n in range(12)))
    store.commit(begin)
    store.commit(step)

    assert [row.seq for row in store.rows(ALICE, 0, limit=3)] == [1, 2, 3]
    assert [row.seq for row in store.rows(ALICE, 9)] == [10, 11, 12]
    assert [row.seq for row in store.rows(ALICE, 9, strong=True)] == [10, 11, 12]
    assert store.rows(ALICE, 12) == []


def test_feeds_with_names_alike_are_kept_apart(store: Store) -> None:
    feeds = [user_feed("a"), user_feed("ab"), user_feed("A"), team_feed("a")]
    for feed in feeds:
        store.commit(baseline(incident(feed), feed=feed))

    for feed in feeds:
        assert list(store.state(feed).incidents) == [IncidentId(feed)]


def test_more_heads_than_one_request_takes_are_read(store: Store) -> None:
    feeds = [user_feed(f"u{number}") for number in range(103)]
    for feed in feeds:
        store.commit(baseline(feed=feed))

    assert store.heads([*feeds, TEAM, feeds[0]]) == dict.fromkeys(feeds, head(0, 1))


@pytest.mark.needs("volume")
def test_a_state_of_more_than_one_page_is_read_whole(store: Store) -> None:
    # Hardly to be compressed: together they are more than the 1 MB of a page.
    chance = random.Random(1)
    ids = [IncidentId(f"i{number:03}") for number in range(850)]
    many = {
        id_: replace(incident(id_), description=chance.randbytes(1800).hex())
        for id_ in ids
    }
    commit = baseline(*list(many.values())[: MAX_ACTIONS - 1])
    store.commit(commit)
    for start in range(MAX_ACTIONS - 1, len(many), MAX_ACTIONS - 1):
        some = list(many.values())[start : start + MAX_ACTIONS - 1]
        commit = replace(following(commit), puts=tuple(some))
        store.commit(commit)

    assert store.state(ALICE).incidents == many


@pytest.mark.parametrize(
    "id_",
    ["", "#", "HEAD", "C#000000000001", "a/b c", "ä€😀", "\ud800", "x" * 1200],
    ids=ascii,
)
def test_any_id_can_be_put_and_deleted(store: Store, id_: str) -> None:
    one = incident(id_)
    begin = baseline(one)
    store.commit(begin)
    assert store.state(ALICE).incidents == {id_: one}

    store.commit(following(begin, changed(one, None)))

    assert store.state(ALICE).incidents == {}
    assert store.rows(ALICE, 0)[0].change == changed(one, None)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_any_incident_and_any_change_come_back_as_they_went(
    open_store: Open, data: st.DataObject
) -> None:
    store = open_store()
    one, change = data.draw(examples.incidents), data.draw(examples.changes)
    feed = user_feed(f"u{data.draw(st.integers(0, 10**9))}")
    found = store.head(feed)
    begin = baseline(feed=feed)
    begin = replace(begin, head=replace(begin.head, epoch="e"))
    if found is None:
        store.commit(begin)
        found = begin.head
    step = following(replace(begin, head=found), change)
    store.commit(replace(step, puts=(one,)))

    assert repr(store.state(feed).incidents[one.id]) == repr(one)
    assert repr(store.rows(feed, found.seq)[0].change) == repr(change)


def test_a_head_of_a_newer_version_is_refused(store: Store) -> None:
    begin = baseline()
    store.commit(replace(begin, head=replace(begin.head, schema=SCHEMA + 1)))

    for read in (lambda: store.head(ALICE), lambda: store.heads([ALICE])):
        with pytest.raises(StoreNewerError, match="upgrade"):
            read()


@pytest.mark.needs("threads")
def test_of_many_writers_at_once_one_wins_each_round(open_store: Open) -> None:
    stores = [open_store() for _writer in range(4)]
    begin = baseline()
    stores[0].commit(begin)

    def race(number: int) -> list[int]:
        return _race(stores[number], f"w{number}", rounds=12, start=barrier.wait)

    barrier = threading.Barrier(len(stores))
    with ThreadPoolExecutor(len(stores)) as pool:
        won = list(pool.map(race, range(len(stores))))

    assert told(stores[0]) == list(range(1, 49))
    assert sorted(seq for some in won for seq in some) == list(range(1, 49))
    final = stores[0].head(ALICE)
    assert final is not None
    assert (final.seq, final.rev) == (48, 49)


def _race(
    store: Store, writer: str, rounds: int, start: Callable[[], int]
) -> list[int]:
    """Commit *rounds* changes, each on the winner's head; list what was won."""
    start()
    won: list[int] = []
    now = store.head(ALICE)
    while len(won) < rounds:
        assert now is not None
        change = changed(None, incident(f"{writer}-{len(won)}"))
        step = following(replace(baseline(), head=now), change, writer=writer)
        try:
            store.commit(step)
        except ConflictError as conflict:
            now = conflict.head
        else:
            won.append(step.head.seq)
            now = step.head
    return won


# The registry


def user(uid: str, *ids: str, name: str = "") -> User:
    return User(uid=uid, ids=frozenset(map(UserId, ids)), name=name)


def test_people_are_added_replaced_and_removed(store: Store) -> None:
    assert store.registry() == Registry(version=0, users=())
    store.add_user(user("bob", "bob@example.com"))
    store.add_user(user("alice", "alice@example.com", "8a7f", name="Älice"))
    store.add_user(user("bob", "bob@example.org", name="Bob"))

    registry = store.registry()
    assert registry.version == 3
    assert registry.users == (
        user("alice", "alice@example.com", "8a7f", name="Älice"),
        user("bob", "bob@example.org", name="Bob"),
    )

    assert remove_user(store, "alice", NOW)
    assert store.registry() == Registry(version=4, users=registry.users[1:])


def test_removing_nobody_changes_nothing(store: Store) -> None:
    store.add_user(user("alice", "a"))

    assert not remove_user(store, "bob", NOW)

    assert store.registry().version == 1


def test_a_person_without_ids_can_be_kept(store: Store) -> None:
    store.add_user(user("alice"))

    assert store.registry().users == (user("alice"),)


def test_the_status_tells_the_registry_s_version_and_never_sets_it(
    store: Store,
) -> None:
    before = store.status()
    store.add_user(user("alice", "a"))

    store.write_status(replace(before, digest="d"))

    assert store.status() == SyncStatus(digest="d", registry=1)
    store.begin_write("s1")
    assert store.status().registry == 1


def test_the_registry_outlives_a_feed_of_the_same_name(store: Store) -> None:
    store.add_user(user("alice", "a"))
    store.commit(baseline(incident()))

    assert remove_user(store, "alice", NOW)

    assert store.head(ALICE) is not None


# Feeds that end


def test_the_feed_of_a_person_who_is_removed_is_closed_and_expires(
    store: Store,
) -> None:
    store.add_user(user("alice", "a"))
    store.commit(baseline(incident()))

    assert remove_user(store, "alice", NOW)

    now_closed = store.head(ALICE)
    assert now_closed is not None
    assert now_closed.closed == FeedClosure(
        reason=CloseReason.REMOVED,
        at=NOW,
        registry=2,
        ends=datetime(2026, 12, 25, tzinfo=UTC),
    )
    assert set(store.state(ALICE).incidents) == {"i1"}


def test_a_person_without_a_feed_leaves_a_closed_one_that_no_late_sync_begins(
    store: Store,
) -> None:
    store.add_user(user("alice", "a"))

    assert remove_user(store, "alice", NOW)

    with pytest.raises(ConflictError):
        store.commit(baseline(incident()))


def test_a_feed_left_open_by_an_older_version_is_closed_all_the_same(
    store: Store,
) -> None:
    store.commit(baseline(incident()))

    assert remove_user(store, "alice", NOW)
    assert not remove_user(store, "alice", NOW)


def test_nobody_is_removed_by_a_registry_that_has_changed_since(store: Store) -> None:
    store.add_user(user("alice", "a"))
    closed = FeedClosure(reason=CloseReason.REMOVED, at=NOW, registry=2, ends=NOW)
    (first,) = closing(ALICE, store.state(ALICE), closed, "s1")
    store.add_user(user("bob", "b"))

    with pytest.raises(ConflictError):
        store.remove_user("alice", first)

    assert {one.uid for one in store.registry().users} == {"alice", "bob"}
    assert store.head(ALICE) is None


def test_a_removal_that_is_sent_twice_is_made_once(store: Store) -> None:
    store.add_user(user("alice", "a"))
    later = NOW + timedelta(days=3650)
    closed = FeedClosure(reason=CloseReason.REMOVED, at=NOW, registry=2, ends=later)
    (first,) = closing(ALICE, store.state(ALICE), closed, "s1")

    store.remove_user("alice", first)
    store.remove_user("alice", first)

    assert store.registry() == Registry(version=2, users=())

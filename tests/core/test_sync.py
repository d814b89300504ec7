"""One sync from end to end, over an honest store in memory."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from incidents.changes import Kind
from incidents.errors import SourceUnavailableError
from incidents.feeds import CloseReason, FeedId, User, team_feed, user_feed
from incidents.models import Incident, UserId
from incidents.sync.audience import Scope
from incidents.sync.closing import remove_user
from incidents.sync.run import LIFETIME, Report, Sync, SyncCache, SyncSettings
from tests.core.builders import ALICE, BOB, MINUTE, NOW, Source, incident
from tests.simulation.faulty_store import FaultyStore
from tests.simulation.table import RequestFault, Table

TEAM, ALICES, BOBS = team_feed("ops"), user_feed("alice"), user_feed("bob")
ALICE_USER = User(uid="alice", ids=frozenset({ALICE}))
BOB_USER = User(uid="bob", ids=frozenset({BOB}))


@dataclass
class House:
    """A source, a table, and a clock; syncs are run in them."""

    source: Source = field(default_factory=Source)
    table: Table = field(default_factory=Table)
    now: datetime = NOW
    scope: Scope = Scope.TEAM
    warm: SyncCache = field(default_factory=SyncCache)
    asked: list[str] = field(default_factory=list)
    count: int = 0
    looks_for_brief: bool = False
    looks_for_names: bool = True
    version: str = ""

    def __post_init__(self) -> None:
        """Register two people."""
        for user in (ALICE_USER, BOB_USER):
            FaultyStore(table=self.table).add_user(user)

    @property
    def store(self) -> FaultyStore:
        return FaultyStore(table=self.table, gate=self.gate)

    def gate(self, request: str, /, *, writes: bool) -> RequestFault:
        self.asked.append(f"{request}!" if writes else request)
        return RequestFault.NONE

    def sync(self) -> Report:
        """Run one a minute later; `asked` is what it asked of the store."""
        self.count += 1
        self.now += MINUTE
        self.asked.clear()
        settings = SyncSettings(
            team="ops", scope=self.scope, workers=1, version=self.version
        )
        store = self.store
        return Sync(
            source=self.source,
            store=store,
            registry=store,
            settings=settings,
            clock=lambda: self.now,
            warm=self.warm,
            ended=self.source if self.looks_for_brief else None,
            names=self.source if self.looks_for_names else None,
        ).run(f"s{self.count}")

    def kinds(self, feed: FeedId) -> list[set[Kind]]:
        rows = self.store.rows(feed, 0)
        assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
        return [set(row.change.kinds) for row in rows]

    def held(self, feed: FeedId) -> set[str]:
        return set(self.table.states.get(feed, {}))


def settled(*open_: Incident) -> House:
    house = House()
    house.source.open = list(open_)
    house.sync()
    return house


def test_the_first_sync_is_a_baseline_that_tells_nothing() -> None:
    house = settled(incident(assignees=(ALICE,)))

    assert (house.held(TEAM), house.held(ALICES), house.held(BOBS)) == (
        {"a"},
        {"a"},
        set(),
    )
    assert house.kinds(TEAM) == house.kinds(ALICES) == []


def test_a_quiet_sync_reads_the_status_and_writes_its_mark_and_nothing_else() -> None:
    house = settled(incident())

    report = house.sync()

    assert report.quiet
    assert report.complete
    assert house.asked == ["status", "write_status!"]
    assert house.table.status.watermark == house.now


def test_another_version_is_said_in_the_status_and_is_quiet_all_the_same() -> None:
    house = settled(incident())
    house.version = "1.3.0"

    report = house.sync()

    assert report.quiet
    assert house.asked == ["status", "write_status!"]
    assert house.table.status.version == "1.3.0"


def test_after_an_unfinished_writer_every_sync_compares_every_head() -> None:
    house = settled(incident())
    house.store.begin_write("crashed")
    compared = []
    for _ in range(17):
        house.sync()
        compared.append("head" in house.asked)

    assert compared == [True] * 15 + [False] * 2
    assert house.asked == ["status", "write_status!"]


@pytest.mark.parametrize("users", [0, 5, 500])
def test_calls_do_not_depend_on_the_number_of_users(users: int) -> None:
    house = settled(incident())
    for number in range(users):
        user = User(uid=f"u{number}", ids=frozenset({UserId(f"u{number}@x")}))
        house.store.add_user(user)
    house.sync()
    house.source.open.append(incident("b"))

    report = house.sync()

    assert report.api_calls == 1
    assert report.changes == 1
    assert house.sync().quiet
    assert house.asked == ["status", "write_status!"]


def test_a_warm_busy_sync_reads_no_state() -> None:
    house = settled(incident())
    house.source.open.append(incident("b", assignees=(ALICE,)))

    house.sync()

    assert house.asked == [
        "status",
        "begin_write!",
        "commit!",
        "commit!",
        "write_status!",
    ]


def test_a_cold_sync_reads_the_state_of_feeds_that_differ_alone() -> None:
    house = settled(incident())
    house.warm = SyncCache()
    house.source.open.append(incident("b"))

    house.sync()

    assert house.asked.count("state") == 1


def test_the_life_of_an_incident_is_told_to_those_it_concerns() -> None:
    house = settled()
    opened = incident(opened_at=house.now)
    for then in (
        opened,
        replace(opened, assignees=(ALICE,)),
        replace(opened, assignees=(ALICE,), status="acknowledged"),
        replace(opened, assignees=(BOB,), status="acknowledged"),
    ):
        house.source.open = [then]
        house.sync()
    house.source.open, house.source.ended = [], [replace(then, status="resolved")]
    house.sync()

    assert house.kinds(ALICES) == [
        {Kind.OPENED, Kind.ASSIGNED},
        {Kind.ACKNOWLEDGED},
        {Kind.ASSIGNED, Kind.UNASSIGNED},
    ]
    assert house.kinds(BOBS) == [
        {Kind.ASSIGNED, Kind.ACKNOWLEDGED},
        {Kind.RESOLVED},
    ]
    assert house.kinds(TEAM)[-1] == {Kind.RESOLVED}
    assert house.held(TEAM) == house.held(ALICES) == house.held(BOBS) == set()


def test_an_incomplete_listing_adds_and_never_removes() -> None:
    house = settled(incident("a", assignees=(ALICE,)), incident("b"))
    house.source.open = [incident("b"), incident("c")]
    house.source.missing = {"a"}
    house.source.complete = False

    report = house.sync()

    assert not report.complete
    assert report.error == "Some incidents were not listed."
    assert house.held(TEAM) == {"a", "b", "c"}
    assert house.held(ALICES) == {"a"}
    status = house.table.status
    assert (status.failures, status.problem, status.digest) == (1, "incomplete", "")
    assert status.watermark == house.now - MINUTE


def test_after_an_incomplete_listing_the_next_is_never_quiet() -> None:
    house = settled(incident())
    house.source.complete = False
    house.sync()
    house.source.complete = True

    report = house.sync()

    assert not report.quiet
    assert house.table.status.failures == 0
    house.now += LIFETIME
    house.sync()
    assert house.sync().quiet


def test_a_listing_that_lies_by_omission_removes_nothing() -> None:
    house = settled(incident("a", assignees=(ALICE,)), incident("b"))
    omitted = house.source.open
    house.source.open, house.source.ended = [], omitted

    report = house.sync()

    assert report.complete
    assert (house.held(TEAM), house.held(ALICES)) == ({"a", "b"}, {"a"})
    assert not house.sync().quiet


def test_a_source_that_is_down_writes_nothing() -> None:
    house = settled(incident())
    house.source.fails = SourceUnavailableError("down")

    with pytest.raises(SourceUnavailableError):
        house.sync()

    assert house.asked == ["status"]


def test_someone_who_joins_gets_a_baseline_and_no_news() -> None:
    house = settled(incident(assignees=(UserId("carol@x"),)))
    house.store.add_user(User(uid="carol", ids=frozenset({UserId("carol@x")})))

    assert not house.sync().quiet

    assert house.held(user_feed("carol")) == {"a"}
    assert house.kinds(user_feed("carol")) == []


def test_a_second_id_brings_what_it_owns() -> None:
    house = settled(incident(assignees=(UserId("0a-1"),)))
    house.store.add_user(replace(ALICE_USER, ids=frozenset({ALICE, UserId("0a-1")})))

    house.sync()

    assert house.kinds(ALICES) == [{Kind.ASSIGNED}]
    assert house.table.heads[ALICES].owners == {ALICE, "0a-1"}


def test_the_feed_of_someone_who_was_removed_stays_as_it_was() -> None:
    house = settled(incident(assignees=(ALICE,)))
    remove_user(house.store, "alice", house.now)
    house.source.open, house.source.ended = [], [incident(status="resolved")]

    house.sync()

    assert house.held(ALICES) == {"a"}
    assert house.held(TEAM) == set()


def test_only_what_people_are_assigned_is_listed_where_that_is_the_scope() -> None:
    house = House(scope=Scope.ASSIGNED)
    house.source.open = [incident(assignees=(ALICE,))]

    house.sync()

    assert house.source.assignees == {ALICE, BOB}
    assert TEAM not in house.table.heads
    assert house.held(ALICES) == {"a"}


def test_the_scope_may_change_on_a_living_table() -> None:
    house = settled(incident("a", assignees=(ALICE,)), incident("b"))
    for scope in (Scope.ASSIGNED, Scope.TEAM):
        house.scope = scope
        assert not house.sync().quiet
        assert house.sync().quiet

    assert house.held(TEAM) == {"a", "b"}
    assert house.kinds(TEAM) == house.kinds(ALICES) == []


def test_once_an_hour_every_head_is_compared_whatever_the_digest_says() -> None:
    house = settled(incident())
    house.table.heads[TEAM] = replace(house.table.heads[TEAM], digest="wrong")
    house.table.states[TEAM].clear()
    assert house.sync().quiet
    house.now += timedelta(hours=1)

    report = house.sync()

    assert not report.quiet
    assert house.held(TEAM) == {"a"}


def test_a_process_forgets_what_it_knew_once_another_has_written() -> None:
    house = settled(incident("a"))
    ours = house.warm
    house.warm = SyncCache()
    house.source.open = [incident("b")]
    house.source.missing = {"a"}
    house.sync()
    house.warm = ours
    house.source.open, house.source.missing = [incident("a")], {"b"}

    house.sync()

    assert house.held(TEAM) == {"a"}


def test_what_fires_again_has_opened_again_for_everybody_and_is_no_assignment() -> None:
    house = settled(incident(assignees=(ALICE,)))
    house.source.open = []
    house.source.ended = [incident(assignees=(ALICE,), status="resolved")]
    house.sync()

    house.source.open, house.source.ended = [incident(assignees=(ALICE,))], []
    house.sync()

    again = [{Kind.RESOLVED}, {Kind.REOPENED}]
    assert house.kinds(TEAM) == house.kinds(ALICES) == again


def test_what_was_open_all_along_is_an_assignment_to_whom_it_comes() -> None:
    house = settled(incident(assignees=(BOB,)))

    house.source.open = [incident(assignees=(ALICE,))]
    house.sync()

    assert house.kinds(ALICES) == [{Kind.ASSIGNED}]
    assert Kind.UNASSIGNED in house.kinds(BOBS)[0]


def test_a_team_that_is_renamed_has_its_feed_closed_and_one_that_is_back_goes_on() -> (
    None
):
    house = settled(incident())
    epoch = house.table.heads[TEAM].epoch
    house.scope = Scope.ASSIGNED
    house.sync()

    closed = house.table.heads[TEAM].closed
    assert closed is not None
    assert closed.reason is CloseReason.SCOPE
    assert closed.ends is not None

    house.scope = Scope.TEAM
    house.source.open = [incident(), incident("b", opened_at=house.now)]
    house.sync()

    head = house.table.heads[TEAM]
    assert (head.closed, head.epoch) == (None, epoch)
    assert house.kinds(TEAM) == [{Kind.OPENED}]


def test_a_person_who_is_added_again_catches_up_with_the_right_changes() -> None:
    house = settled(incident(assignees=(ALICE,)))
    remove_user(house.store, "alice", house.now)
    house.sync()
    assert house.table.heads[ALICES].closed is not None

    house.store.add_user(ALICE_USER)
    house.source.open = [incident(assignees=(ALICE,), severity="critical")]
    house.sync()

    assert house.table.heads[ALICES].closed is None
    assert house.kinds(ALICES) == [{Kind.SEVERITY_RAISED}]

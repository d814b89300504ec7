"""Commits of one sync: lost races run again, failures stay where they are."""

from dataclasses import dataclass, field

import pytest

from incidents.diff import replay
from incidents.errors import ConflictError, StoreUnavailableError
from incidents.feeds import Commit, FeedId, FeedState, Head
from incidents.fingerprint import digest
from incidents.models import Incident
from incidents.sync.plan import SyncContext
from incidents.sync.publish import PublishResult, publish
from tests.core.builders import FEED, MINUTE, NOW, by_id, facts, incident
from tests.simulation.faulty_store import FaultyStore

OTHER = FeedId("USER#alice")


@dataclass(slots=True, kw_only=True)
class Raced(FaultyStore):
    """Another writer gets in before each of our first *losses* commits."""

    losses: int
    theirs: Incident
    broken: frozenset[FeedId] = frozenset()
    tried: list[Commit] = field(default_factory=list)

    def commit(self, commit: Commit) -> None:
        """Lose, break, or take it."""
        self.tried.append(commit)
        if commit.feed in self.broken:
            raise StoreUnavailableError("Throttled.")
        if len(self.tried) <= self.losses:
            self.overtake(commit.feed)
        self.table.apply(commit)

    def overtake(self, feed: FeedId) -> None:
        """Let another sync commit what it saw a minute before us."""
        rival = FaultyStore(table=self.table)
        name = f"rival {len(self.tried)}"
        known = facts(
            self.theirs, sync=name, wanted={feed: by_id(self.theirs)}, owners={}
        )
        # A rival that has nothing to tell still moves the head.
        state = rival.state(feed)
        assert state.head
        head = Head(
            seq=state.head.seq,
            rev=state.head.rev + 1,
            epoch=state.head.epoch,
            writer=name,
            watermark=known.observed_at - 2 * MINUTE,
            digest="",
        )
        rival.commit(
            Commit(feed=feed, expected=state.head, head=head, puts=(self.theirs,))
        )


def store(losses: int = 0, broken: frozenset[FeedId] = frozenset()) -> Raced:
    made = Raced(losses=0, theirs=incident("theirs"))
    for feed in (FEED, OTHER):
        begin(made, feed)
    made.tried.clear()
    made.losses, made.broken = losses, broken
    return made


def begin(made: FaultyStore, feed: FeedId) -> None:
    known = facts(
        observed_at=NOW - 5 * MINUTE, wanted={feed: {}}, owners={feed: frozenset()}
    )
    publish(made, known, {feed: FeedState(head=None)}, workers=1)


def run(made: Raced, known: SyncContext, workers: int = 1) -> PublishResult:
    return publish(
        made, known, {feed: made.state(feed) for feed in known.wanted}, workers
    )


def test_a_lost_race_is_compared_anew_with_what_the_winner_left() -> None:
    made = store(losses=1)

    outcome = run(made, facts(incident("ours")))

    first, second = made.tried
    assert first.expected != second.expected
    assert outcome.problem == ""
    assert made.state(FEED).incidents.keys() == {"theirs", "ours"}
    assert outcome.states[FEED] == made.state(FEED)


def test_a_race_that_is_always_lost_is_left_to_the_next_sync() -> None:
    made = store(losses=99)

    outcome = run(made, facts(incident("ours")))

    assert len(made.tried) == 5
    assert outcome.problem
    assert FEED not in outcome.states


def test_one_feed_that_fails_stops_no_other() -> None:
    made = store(broken=frozenset({OTHER}))
    both = {feed: by_id(incident()) for feed in (OTHER, FEED)}
    known = facts(incident(), wanted=both, owners=dict.fromkeys(both, frozenset()))

    for workers in (1, 8):
        outcome = run(made, known, workers)

        assert made.state(FEED).incidents.keys() == {"a"}
        assert outcome.states.keys() == {FEED}
        assert outcome.problem == "Throttled."


def test_an_older_read_leaves_a_newer_one_alone() -> None:
    made = store()
    run(made, facts(incident("new")))
    newer = made.state(FEED)

    outcome = run(made, facts(incident("old"), sync="s0", observed_at=NOW - MINUTE))

    assert outcome.superseded
    assert outcome.changed == frozenset()
    assert made.state(FEED) == newer


def test_what_is_remembered_is_what_the_store_holds() -> None:
    made = store()
    many = [incident(f"{n:03}") for n in range(120)]

    outcome = run(made, facts(*many))

    assert outcome.states[FEED] == made.state(FEED)
    assert outcome.changes == 120
    assert outcome.changed == {FEED}
    assert replay({}, [row.change for row in made.rows(FEED, 0, limit=200)]) == by_id(
        *many
    )


def test_a_baseline_is_remembered_as_it_is_held() -> None:
    made = FaultyStore()

    outcome = publish(made, facts(incident()), {FEED: FeedState(head=None)}, workers=8)

    assert outcome.states[FEED] == made.state(FEED)
    remembered = outcome.states[FEED].head
    assert remembered
    assert remembered.digest == digest([incident()], [])
    assert outcome.changes == 0


def test_nothing_to_do_needs_no_thread() -> None:
    assert publish(FaultyStore(), facts(), {}, workers=8) == PublishResult()


def test_a_conflict_carries_the_winner() -> None:
    made = store()
    before = made.state(FEED).head
    made.overtake(FEED)
    assert before

    with pytest.raises(ConflictError) as refusal:
        made.table.apply(Commit(feed=FEED, expected=before, head=before))

    assert refusal.value.head == made.state(FEED).head

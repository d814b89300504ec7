"""Two writers, one reader, three changes, a crash anywhere: no sampling."""

from tests.simulation.explore import Exploration


def test_no_interleaving_loses_repeats_or_leaves_a_feed_wrong() -> None:
    exploration = Exploration()

    exploration.explore()

    assert exploration.ends > 5_000
    assert len(exploration.visited) > 60_000

"""Two writers, one reader, three changes, a crash anywhere: no sampling."""

from pathlib import Path

from tests.simulation.explore import Exploration

GUARANTEES = Path(__file__).resolve().parents[2] / "docs" / "guarantees.md"


def test_no_interleaving_loses_repeats_or_leaves_a_feed_wrong() -> None:
    exploration = Exploration()

    exploration.explore()

    told = f"{len(exploration.visited):,} states and {exploration.ends:,} ends"
    assert told in GUARANTEES.read_text()

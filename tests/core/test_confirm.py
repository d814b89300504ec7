"""Absence is a question; only an answer about the incident itself ends it."""

from dataclasses import dataclass

import pytest

from incidents.errors import SourceUnavailableError
from incidents.models import Incident, IncidentId, Quarantined
from incidents.ports import Listing, Lookup
from incidents.sync.disappearances import confirm
from tests.core.builders import Source, incident, listing

A = incident("a")
GONE = incident("a", status="resolved")


def held(*ids: str) -> set[IncidentId]:
    return set(map(IncidentId, ids))


def test_nothing_is_asked_while_everything_held_is_listed() -> None:
    source = Source()

    fates = confirm(source, listing(A), held("a"))

    assert source.asked == []
    assert (fates.present, fates.ended, fates.calls) == ({"a": A}, {}, 0)


def test_an_incomplete_listing_asks_and_ends_nothing() -> None:
    source = Source(ended=[GONE])

    fates = confirm(source, listing(complete=False), held("a"))

    assert source.asked == []
    assert fates.ended == {}


def test_what_is_resolved_has_ended_as_it_is_now() -> None:
    fates = confirm(Source(ended=[GONE]), listing(), held("a"))

    assert fates.ended == {"a": GONE}
    assert fates.problem == ""


def test_what_the_source_denies_has_ended() -> None:
    fates = confirm(Source(missing={"a"}), listing(), held("a"))

    assert fates.ended == {"a": None}


def test_what_is_still_open_is_present_though_it_is_not_listed() -> None:
    fates = confirm(Source(open=[A]), listing(), held("a"))

    assert fates.present == {"a": A}
    assert fates.ended == {}
    assert fates.unlisted == (A,)


def test_what_cannot_be_looked_up_stays_and_is_a_problem() -> None:
    fates = confirm(Source(ended=[GONE]), listing(), held("a", "b"))

    assert fates.ended == {"a": GONE}
    assert fates.problem.startswith("1 incidents")


def test_a_failing_look_up_keeps_what_was_listed() -> None:
    source = Source(fails=SourceUnavailableError("down"))

    fates = confirm(source, listing(incident("b")), held("a", "b"))

    assert fates.present.keys() == {"b"}
    assert fates.ended == {}
    assert fates.problem


def test_a_row_that_was_not_understood_still_counts_as_present() -> None:
    source = Source(ended=[GONE])
    unread = Listing(
        incidents={},
        quarantined=(Quarantined(id=IncidentId("a"), reason="no name"),),
        complete=True,
        total=1,
        calls=1,
    )

    fates = confirm(source, unread, held("a"))

    assert source.asked == []
    assert fates.ended == {}


@dataclass
class Unreadable(Source):
    """Answers rows that are not understood."""

    def look_up(self, ids: object) -> Lookup:  # noqa: ARG002  # whatever is asked
        """Find one, and not understand it."""
        unread = Quarantined(id=IncidentId("a"), reason="no name")
        return Lookup(incidents={}, missing=frozenset(), quarantined=(unread,), calls=1)


def test_a_looked_up_row_that_is_not_understood_ends_nothing() -> None:
    fates = confirm(Unreadable(), listing(), held("a"))

    assert fates.ended == {}
    assert fates.problem == ""


@pytest.mark.parametrize(
    ("vanished", "remaining", "believed"),
    [(10, 0, True), (11, 0, False), (11, 25, False), (11, 26, True), (30, 70, True)],
)
def test_a_flood_with_one_doubt_is_not_believed_at_all(
    vanished: int,
    remaining: int,
    believed: bool,  # noqa: FBT001  # a column of a table
) -> None:
    lost = [incident(f"v{n}", status="resolved") for n in range(vanished)]
    kept = [incident(f"k{n}") for n in range(remaining)]

    fates = confirm(
        Source(ended=lost[1:]), listing(*kept), {i.id for i in [*lost, *kept]}
    )

    assert len(fates.ended) == (vanished - 1 if believed else 0)
    assert fates.problem


def test_a_flood_without_a_doubt_is_believed() -> None:
    lost: list[Incident] = [incident(f"v{n}", status="resolved") for n in range(500)]

    fates = confirm(Source(ended=lost), listing(), {one.id for one in lost})

    assert len(fates.ended) == 500
    assert fates.problem == ""

"""
Ten thousand answers that no good server gives, and what must hold of each.

Only the documented errors come out, neighbours of what is broken are not lost,
nothing goes on for ever, and no more is read than the cap.
"""

import json
from collections.abc import Callable, Iterator
from random import Random

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidents.coralogix.http.acting_client import ActingHttp
from incidents.coralogix.http.limits import Limits
from incidents.coralogix.incidents import actions
from incidents.coralogix.incidents.actor import CoralogixActor
from incidents.coralogix.incidents.events import read_events
from incidents.coralogix.incidents.incident_row import read_rows
from incidents.coralogix.incidents.reader import CoralogixReader
from incidents.errors import SourceError
from incidents.models import IncidentId, UserId
from tests.coralogix.fakes import Chunks, Clockwork, acting_http, uid
from tests.coralogix.mutation import Json, Row, answers, mutated, rows, scrambled

SEEDS, EACH = 8, 1_250
CAP = 80 * 1024
CHUNK = 4 * 1024
MOST_REQUESTS = 1_100
"""A listing ends after 1,000 pages, each asked for a few times at most."""
REAL = rows(1, 6)
IDS = [IncidentId(str(row["id"])) for row in REAL]
FIRST = IDS[0]


class Wire:
    """Answers every request with the same bytes; counts what is read of them."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.requests = 0
        self.read = 0
        """The most that was read of one answer."""
        self._status, self._headers, self._body = status, headers, body

    def __call__(self, _: httpx.Request) -> httpx.Response:
        self.requests += 1
        assert self.requests <= MOST_REQUESTS
        return httpx.Response(
            self._status,
            headers=[(n.encode(), v.encode()) for n, v in self._headers.items()],
            stream=Chunks(self._chunks()),
        )

    def _chunks(self) -> Iterator[bytes]:
        for start in range(0, len(self._body), CHUNK):
            self.read = max(self.read, start + CHUNK)
            yield self._body[start : start + CHUNK]


def over(wire: Wire) -> ActingHttp:
    return acting_http(wire, clockwork=Clockwork(), limits=Limits(answer=CAP))


def listing(http: ActingHttp) -> None:
    found = CoralogixReader(http).list_open(None)
    assert found.complete == (not found.problem)


def looking_up(http: ActingHttp) -> None:
    found = CoralogixReader(http).look_up(IDS)
    assert not found.missing & found.incidents.keys()
    assert found.incidents.keys() | found.missing <= set(IDS)


def doing(deed: actions.Action) -> Callable[[ActingHttp], None]:
    def do(http: ActingHttp) -> None:
        outcomes = CoralogixActor(http).perform(deed, IDS)
        assert [outcome.id for outcome in outcomes] == IDS
        for outcome in outcomes:
            assert outcome.ok == (outcome.error is None)
            assert outcome.incident is None or outcome.incident.id == outcome.id

    return do


ACTS = tuple(
    doing(deed)
    for deed in (
        actions.ACKNOWLEDGE,
        actions.CLOSE,
        actions.UNASSIGN,
        actions.assign_to(UserId("a@example.com")),
    )
)
FITTING: dict[str, tuple[Callable[[ActingHttp], object], ...]] = {
    "list": (listing,),
    "batch": (looking_up,),
    "acted": ACTS,
    "get": (lambda http: CoralogixActor(http).details(FIRST),),
    "events": (lambda http: CoralogixActor(http).timeline(FIRST),),
    "people": (lambda http: CoralogixActor(http).people(),),
    "whoami": (lambda http: CoralogixActor(http).whoami(),),
}
"""What asks for each of the answers in `mutation.answers`."""
DOINGS = tuple(do for some in FITTING.values() for do in some)


def endure(do: Callable[[ActingHttp], object], wire: Wire) -> None:
    """Let nothing out but what is documented, fit for a person."""
    told = "nothing went wrong"
    try:
        do(over(wire))
    except SourceError as error:
        told = str(error)
    assert told
    assert told.isprintable()
    assert wire.read <= CAP + CHUNK


@pytest.mark.parametrize("seed", range(SEEDS))
def test_mutated_answers_end_in_a_value_or_a_documented_error(seed: int) -> None:
    real = answers(REAL)
    for number in range(EACH):
        chance = Random(f"{seed}:{number}")
        name = chance.choice(list(real))
        whole: Json = real[name]
        for _ in range(chance.choice([0, 1, 1, 2, 5])):
            whole = mutated(whole, chance)
        body, encoding = scrambled(json.dumps(whole).encode(), chance)
        status = chance.choice([200, 200, 200, 200, chance.randrange(200, 600)])
        said = {"content-encoding": encoding} if encoding else {}
        said |= chance.choice([{}, {"retry-after": str(chance.choice(["x", 1, -1]))}])
        fitting = FITTING.get(name, DOINGS) if chance.random() < 0.8 else DOINGS
        endure(chance.choice(fitting), Wire(status, said, body))


@pytest.mark.parametrize("seed", range(4))
def test_what_is_broken_costs_no_neighbour(seed: int) -> None:
    for number in range(250):
        chance = Random(f"{seed}:{number}")
        broken = chance.randrange(len(REAL))
        given: list[Json] = list(REAL)
        given[broken] = mutated(REAL[broken], chance)
        others = set(IDS) - {IDS[broken]}

        read = read_rows(given)
        batch = CoralogixReader(over(batched(given))).look_up(IDS)
        listed = CoralogixReader(over(paged(given))).list_open(None)

        assert others <= read.incidents.keys()
        assert len(read.incidents) + len(read.quarantined) == len(REAL)
        assert others <= batch.incidents.keys()
        assert others <= listed.incidents.keys()
        assert listed.complete
        for id_ in others:
            assert read.incidents[id_] == listed.incidents[id_] == batch.incidents[id_]


def paged(given: list[Json]) -> Wire:
    pagination: Json = {"totalSize": len(given)}
    return Wire(
        200, {}, json.dumps({"incidents": given, "pagination": pagination}).encode()
    )


def batched(given: list[Json]) -> Wire:
    found = dict(zip(IDS, given, strict=True))
    return Wire(200, {}, json.dumps({"incidents": found}).encode())


def test_an_event_that_is_broken_costs_no_neighbour() -> None:
    events = [event for row in REAL for event in _events(row)]
    assert len(events) > 10
    whole = read_events(events)
    assert (len(whole.events), whole.malformed) == (len(events), 0)
    for number in range(500):
        chance = Random(number)
        broken = chance.randrange(len(events))
        given = [
            *events[:broken],
            mutated(events[broken], chance),
            *events[broken + 1 :],
        ]

        read = read_events(given)

        assert len(read.events) + read.malformed == len(events)
        assert read.events[:broken] == whole.events[:broken]
        assert read.events[-1] == whole.events[-1] or broken == len(events) - 1


def _events(row: Row) -> list[Json]:
    events = row["events"]
    assert isinstance(events, list)
    return events


LEAF = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
NAMES = sorted({*REAL[0], "incidents", "incident", "userId", "code", "error", "?"})
JUNK = st.recursive(
    LEAF,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(JUNK, st.sampled_from(DOINGS), st.sampled_from([200, 400, 404, 500]))
def test_any_json_ends_in_a_value_or_a_documented_error(
    junk: object, do: Callable[[ActingHttp], object], status: int
) -> None:
    endure(do, Wire(status, {}, json.dumps(junk).encode()))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(DOINGS), st.integers(200, 599))
def test_any_bytes_end_in_a_value_or_a_documented_error(
    body: bytes, do: Callable[[ActingHttp], object], status: int
) -> None:
    endure(do, Wire(status, {}, body))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(sorted(REAL[0])), JUNK), max_size=5))
def test_any_rows_are_each_read_or_quarantined(junk: list[dict[str, object]]) -> None:
    named = [{"id": uid(n), **row, "name": "x"} for n, row in enumerate(junk)]

    read = read_rows(named)

    assert len(read.quarantined) <= len(named)
    assert all(one.reason.isprintable() for one in read.quarantined)


def test_the_wire_of_these_tests_can_carry_a_good_answer() -> None:
    found = CoralogixReader(over(paged(list(REAL)))).list_open(None)

    assert found.complete
    assert set(found.incidents) == set(IDS)

"""The person's own key: not there, there at last, refused, and good."""

import queue
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from incidents.coralogix.http.acting_client import ActingHttp
from incidents.coralogix.http.key import Key
from incidents.coralogix.http.limits import Limits
from incidents.coralogix.http.regions import Address
from incidents.coralogix.incidents.actor import CoralogixActor
from simulator.api.server import RunningServer, serve
from simulator.world.world import World
from tests.coralogix.fakes import acting, answer
from tests.tray.desk import NOW, incident, state
from tray_app.actions import key_state
from tray_app.app.events import Changed, Event
from tray_app.app.side_effects import SideEffects
from tray_app.model.intents import Verb
from tray_app.model.ports import KeychainMissingError
from tray_app.model.state import Problem, ProblemKind, TrayState

REJECTED = Problem(kind=ProblemKind.KEY_REJECTED, since=NOW)
WORLD = World(seed=1, users=2, open=0, now=datetime.now(UTC))


@pytest.fixture(scope="module")
def running() -> Iterator[RunningServer]:
    with serve(WORLD) as running:
        yield running


@pytest.fixture
def actor(
    running: RunningServer, request: pytest.FixtureRequest
) -> Iterator[CoralogixActor]:
    key = getattr(request, "param", WORLD.users[0].key)
    http = ActingHttp(Address.parse(running.base_url), Key(key), limits=Limits())
    yield CoralogixActor(http)
    http.close()


def test_a_key_that_comes_late_makes_one_able_again(actor: CoralogixActor) -> None:
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    missing = KeychainMissingError("there is none")
    there: Iterator[CoralogixActor | KeychainMissingError] = iter([missing, actor])

    def connect() -> CoralogixActor:
        found = next(there)
        if isinstance(found, KeychainMissingError):
            raise found
        return found

    outside = SideEffects(
        put=events.put,
        poll=lambda _: None,
        connect=connect,
        clock=lambda: NOW,
        profile="",
    )
    hindered = frozenset({Verb.ASSIGN})
    known = state(incident(), problems=(REJECTED,), forbidden=hindered)

    outside.find_key()
    known = after(known, events)
    assert known.problem(ProblemKind.KEYCHAIN_MISSING)
    assert not known.can_act
    outside.find_key()
    known = after(known, events)
    assert known.can_act
    assert known.problems == (REJECTED,)
    known = after(known, events)

    assert known == replace(known, problems=(), forbidden=frozenset(), can_act=True)


def test_the_tray_links_to_a_team_that_is_named_by_a_bare_subdomain() -> None:
    actor, _ = acting(answer(json_={"team_url": "acme"}))
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    effects = SideEffects(
        put=events.put,
        poll=lambda _: None,
        connect=lambda: actor,
        clock=lambda: NOW,
        profile="",
    )

    effects.get_ready(link=True)

    known = after(after(state(), events), events)
    assert known.link == "https://acme.app.eu2.coralogix.com/#/insights?id={id}"


def after(known: TrayState, events: "queue.SimpleQueue[Event]") -> TrayState:
    """Return *known* after the next event."""
    event = events.get(timeout=30)
    assert isinstance(event, Changed)
    return event.apply(known)


def test_a_key_that_coralogix_takes_is_good(actor: CoralogixActor) -> None:
    assert key_state.is_good(actor)


@pytest.mark.parametrize("actor", ["cxup_of_nobody"], indirect=True)
def test_one_that_it_refuses_is_not(actor: CoralogixActor) -> None:
    assert not key_state.is_good(actor)

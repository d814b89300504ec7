"""Assigned to me and acknowledged in one step, on the real way to Coralogix."""

import queue
from datetime import UTC, datetime

import pytest

from incidents.coralogix.http.acting_client import ActingHttp
from incidents.coralogix.http.key import Key
from incidents.coralogix.http.limits import Limits
from incidents.coralogix.http.regions import Address
from incidents.coralogix.incidents.actor import CoralogixActor
from incidents.errors import SourceUnavailableError
from incidents.models import IncidentId, Status, UserId
from simulator.api.server import serve
from simulator.world.world import World
from tests.tray.desk import NOW, WATCHED, incident, state
from tray_app.actions import actions, pending
from tray_app.actions.pending import Result
from tray_app.app.events import Acted, Event
from tray_app.app.side_effects import SideEffects
from tray_app.model.intents import Verb
from tray_app.model.state import Me

TAKEN = (Verb.ASSIGN, Verb.ACKNOWLEDGE)


def test_it_is_assigned_and_acknowledged_in_coralogix() -> None:
    world = World(seed=1, users=2, open=0, now=datetime.now(UTC))
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    with serve(world) as running:
        me = world.users[0]
        http = ActingHttp(Address.parse(running.base_url), Key(me.key), limits=Limits())
        outside = SideEffects(
            put=events.put,
            poll=lambda _: None,
            connect=lambda: CoralogixActor(http),
            clock=lambda: NOW,
            profile="",
        )
        id_ = IncidentId(world.open_incident())

        outside.act(Verb.TAKE, (id_,), Me(uid=me.uid, ids=frozenset({UserId("x")})))

        event = events.get(timeout=30)
        assert isinstance(event, Acted)
        (result,) = event.results
        assert result.error is None
        assert result.incident is not None
        assert result.incident.status == Status.ACKNOWLEDGED
        assert len(result.incident.assignees) == 1
        http.close()


def test_both_changes_are_mine_and_a_failure_leaves_neither_so() -> None:
    one = incident()
    sent = actions.requested(state(one), WATCHED, Verb.TAKE, (one.id,), NOW)
    error = SourceUnavailableError("Down.")

    failed = actions.answered(
        sent.state,
        sent.output.memory,
        Verb.TAKE,
        [Result(id=one.id, error=error)],
        NOW,
    )

    assert all(sent.output.memory.mine(one.id, verb) for verb in TAKEN)
    assert not any(failed.output.memory.mine(one.id, verb) for verb in TAKEN)
    (said,) = failed.output.tell
    assert said.title == "Not assigned and acknowledged: payment-latency"


@pytest.mark.parametrize(
    ("mine", "status", "shown"),
    [
        (True, "acknowledged", True),
        (True, "triggered", False),
        (False, "acknowledged", False),
    ],
)
def test_it_stands_until_the_feed_shows_both(
    *, mine: bool, status: str, shown: bool
) -> None:
    one = incident(status=status)
    known = state(one, user_feed={one.id: one} if mine else {})

    assert pending.shows(Verb.TAKE, one.id, known) is shown

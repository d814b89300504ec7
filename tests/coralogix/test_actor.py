"""What became of each incident: told from the answer, or by looking again."""

from collections.abc import Callable, Mapping

import httpx
import pytest

from incidents.coralogix.http.routes import Version
from incidents.coralogix.incidents import actions
from incidents.coralogix.incidents.actions import Action, ActionResult
from incidents.coralogix.incidents.actor import MANY
from incidents.coralogix.incidents.reader import BATCH
from incidents.errors import (
    IncidentMissingError,
    KeyRejectedError,
    NotConfirmedError,
    PermissionMissingError,
    RouteMissingError,
    SourceUnavailableError,
    ThrottledError,
)
from incidents.models import IncidentId, UserId
from tests.coralogix.fakes import Clockwork, acting, answer, held, ids, row, sent, uid

ALICE = UserId("alice@example.com")
ASSIGN = actions.assign_to(ALICE)
ACKED: dict[str, object] = {"status": "INCIDENT_STATUS_ACKNOWLEDGED"}
RESOLVED: dict[str, object] = {
    "status": "INCIDENT_STATUS_RESOLVED",
    "closedAt": "2026-01-02T04:00:00Z",
}


def acted(*rows: object) -> httpx.Response:
    return answer(json_={"incidents": list(rows)})


def looked(
    *rows: Mapping[str, object], missing: tuple[int, ...] = ()
) -> httpx.Response:
    found = {str(one["id"]): one for one in rows}
    absent = [uid(number) for number in missing]
    return answer(json_={"incidents": found, "notFoundIds": absent})


def only(outcomes: tuple[ActionResult, ...]) -> ActionResult:
    (outcome,) = outcomes
    return outcome


@pytest.mark.parametrize(("version", "size"), [(Version.V5, MANY), (Version.V3, BATCH)])
def test_long_lists_go_in_parts_each_id_once(version: Version, size: int) -> None:
    wanted = ids(*range(2 * size + 1))
    parts = [wanted[:size], wanted[size : 2 * size], wanted[2 * size :]]
    actor, asked = acting(
        *(acted(*({**row(1, **ACKED), "id": id_} for id_ in part)) for part in parts),
        version=version,
    )

    outcomes = actor.perform(actions.ACKNOWLEDGE, [*wanted, *wanted])

    assert [outcome.id for outcome in outcomes] == wanted
    assert all(outcome.ok for outcome in outcomes)
    assert len(asked) == 3
    assert max(len(request.url.raw_path) for request in asked) < 8_000


def test_somebody_assigned_by_e_mail_may_be_answered_by_uuid() -> None:
    actor, asked = acting(acted(row(1, assignments=held(uid(99)))))

    assert actor.assign(ids(1), ALICE)[IncidentId(uid(1))].assignees == (uid(99),)
    assert len(asked) == 1


DOUBTFUL: tuple[Callable[[], httpx.Response | Exception], ...] = (
    lambda: httpx.ReadTimeout("late"),
    lambda: httpx.RemoteProtocolError("cut"),
    lambda: httpx.WriteError("cut"),
    lambda: answer(500, {"code": 500, "message": "Internal"}),
    lambda: answer(502, content=b"<html>"),
    lambda: answer(503),
    lambda: answer(504),
    lambda: answer(409, {"code": 409, "message": "Aborted"}),
    lambda: answer(content=b'{"incidents":[{"id":'),
    lambda: answer(content=b""),
    lambda: answer(json_=[]),
    acted,
    lambda: acted("what?"),
    lambda: acted(row(1)),
    lambda: acted(row(2, assignments=held(ALICE))),
    lambda: acted({**row(1, assignments=held(ALICE)), "createdAt": 5}),
)


@pytest.mark.parametrize("doubt", DOUBTFUL)
@pytest.mark.parametrize("version", [Version.V5, Version.UNVERSIONED])
def test_after_a_doubtful_answer_it_is_looked_at_and_never_done_again(
    doubt: Callable[[], httpx.Response | Exception], version: Version
) -> None:
    after = row(1, assignments=held("Alice@Example.com"))
    actor, asked = acting(doubt(), looked(after), version=version)

    outcome = only(actor.perform(ASSIGN, ids(1)))

    assert outcome.ok
    assert [request.method for request in asked] == ["POST", "GET"]


@pytest.mark.parametrize("doubt", DOUBTFUL)
def test_what_does_not_show_when_looked_at_is_told_as_not_confirmed(
    doubt: Callable[[], httpx.Response | Exception],
) -> None:
    actor, asked = acting(doubt(), looked(row(1, assignments=held("bob@example.com"))))

    outcome = only(actor.perform(ASSIGN, ids(1)))

    assert isinstance(outcome.error, NotConfirmedError)
    assert "look before you repeat" in str(outcome.error)
    assert outcome.incident is not None
    assert outcome.incident.assignees == ("bob@example.com",)
    assert len(asked) == 2


def test_what_cannot_be_looked_at_either_is_not_confirmed() -> None:
    actor, asked = acting(answer(504), *[answer(500)] * 4)

    with pytest.raises(NotConfirmedError, match="could not be looked at"):
        actor.resolve(ids(1))
    assert sum(request.method == "POST" for request in asked) == 1


def test_a_key_that_may_act_but_not_look_is_told_as_not_confirmed() -> None:
    actor, _ = acting(answer(504), answer(403))

    assert isinstance(only(actor.perform(ASSIGN, ids(1))).error, NotConfirmedError)


@pytest.mark.parametrize(
    ("deed", "done", "open_"),
    [
        (actions.ACKNOWLEDGE, row(1, **ACKED), row(1)),
        (actions.ACKNOWLEDGE, row(1, **RESOLVED), row(1)),
        (actions.RESOLVE, row(1, **RESOLVED), row(1, **ACKED)),
        (actions.CLOSE, row(1, closedAt="2026-01-02T04:00:00Z"), row(1)),
        (actions.UNASSIGN, row(1), row(1, assignments=held(ALICE))),
        (ASSIGN, row(1, assignments=held(ALICE)), row(1)),
    ],
)
def test_each_deed_knows_what_it_looks_like_when_done(
    deed: Action, done: dict[str, object], open_: dict[str, object]
) -> None:
    proven, _ = acting(answer(504), looked(done))
    unproven, _ = acting(acted(open_), looked(open_))

    assert only(proven.perform(deed, ids(1))).ok
    assert not only(unproven.perform(deed, ids(1))).ok


def test_each_id_of_one_request_has_its_own_outcome() -> None:
    actor, _ = acting(
        acted(row(2, **ACKED), row(1)), looked(row(1), row(3, **ACKED), missing=(4,))
    )

    outcomes = actor.perform(actions.ACKNOWLEDGE, ids(4, 3, 2, 1, 5))

    assert [outcome.id for outcome in outcomes] == ids(4, 3, 2, 1, 5)
    assert [type(outcome.error) for outcome in outcomes] == [
        IncidentMissingError,
        type(None),
        type(None),
        NotConfirmedError,
        NotConfirmedError,
    ]


def test_one_that_does_not_exist_costs_no_other() -> None:
    missing = answer(404, {"code": 404, "message": "Not Found: incident"})
    actor, asked = acting(missing, looked(row(1), missing=(2,)), acted(row(1, **ACKED)))

    outcomes = actor.perform(actions.ACKNOWLEDGE, ids(1, 2))

    assert [outcome.ok for outcome in outcomes] == [True, False]
    assert isinstance(outcomes[1].error, IncidentMissingError)
    assert sent(asked[2]) == {"incidentIds": [uid(1)]}


def test_a_server_that_misses_what_it_shows_is_believed_once() -> None:
    missing = {"code": 404, "message": "Not Found: incident"}
    actor, asked = acting(
        answer(404, missing), looked(row(1), row(2)), answer(404, missing)
    )

    outcomes = actor.perform(actions.ACKNOWLEDGE, ids(1, 2))

    assert all(isinstance(o.error, IncidentMissingError) for o in outcomes)
    assert len(asked) == 3


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (lambda: answer(401), KeyRejectedError),
        (lambda: answer(403), PermissionMissingError),
        (lambda: answer(404, {"code": 5, "message": "Not Found"}), RouteMissingError),
    ],
)
def test_what_no_later_request_would_mend_ends_it_for_the_rest(
    response: Callable[[], httpx.Response], error: type[Exception]
) -> None:
    wanted = ids(*range(MANY * 3))
    actor, asked = acting(response())

    outcomes = actor.perform(actions.RESOLVE, wanted)

    assert {type(outcome.error) for outcome in outcomes} == {error}
    assert len(outcomes) == len(wanted)
    assert len(asked) == 1


def test_a_part_that_is_refused_does_not_stop_the_next() -> None:
    actor, _ = acting(answer(400), acted(row(MANY, **ACKED)))

    outcomes = actor.perform(actions.ACKNOWLEDGE, ids(*range(MANY + 1)))

    assert [outcome.ok for outcome in outcomes] == [False] * MANY + [True]


def test_what_never_reached_the_server_is_sent_again() -> None:
    clockwork = Clockwork()
    actor, asked = acting(
        httpx.ConnectError("refused"),
        answer(429, headers={"retry-after": "7"}),
        acted(row(1, **ACKED)),
        clockwork=clockwork,
    )

    actor.acknowledge(ids(1))

    assert len(asked) == 3
    assert clockwork.slept == [0.5, 8.0]


@pytest.mark.parametrize(
    ("step", "error"),
    [
        (lambda: httpx.ConnectError("refused"), SourceUnavailableError),
        (lambda: answer(429), ThrottledError),
    ],
)
def test_patience_ends_and_nothing_was_done(
    step: Callable[[], httpx.Response | Exception], error: type[Exception]
) -> None:
    actor, asked = acting(*(step() for _ in range(4)))

    with pytest.raises(error):
        actor.close(ids(1))
    assert len(asked) == 4


def test_who_is_asked_to_wait_for_an_hour_is_told_so_at_once() -> None:
    clockwork = Clockwork()
    actor, _ = acting(answer(429, headers={"retry-after": "3600"}), clockwork=clockwork)

    with pytest.raises(ThrottledError) as told:
        actor.close(ids(1))

    assert (told.value.retry_after, clockwork.slept) == (3600.0, [])


def test_the_first_trouble_of_several_is_raised_by_name() -> None:
    actor, _ = acting(acted(row(1, **ACKED)), looked(missing=(2,)))

    with pytest.raises(IncidentMissingError):
        actor.acknowledge(ids(1, 2))

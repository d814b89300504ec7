"""Send an action of a person to Coralogix, for the tray, `watch` and commands."""

from collections.abc import Callable, Sequence

from incidents.coralogix.http.routes import Operation
from incidents.coralogix.incidents.actions import Action, ActionResult, assign_to
from incidents.coralogix.incidents.actor import CoralogixActor
from incidents.models import IncidentId, UserId
from tray_app.model.intents import PARTS, Verb

_OPERATIONS = {
    Verb.ASSIGN: Operation.ASSIGN,
    Verb.RELEASE: Operation.UNASSIGN,
    Verb.ACKNOWLEDGE: Operation.ACKNOWLEDGE,
    Verb.RESOLVE: Operation.RESOLVE,
}


def operations(verb: Verb) -> tuple[Operation, ...]:
    """Return the operations that *verb* consists of, in their order."""
    return tuple(_OPERATIONS[part] for part in PARTS.get(verb, (verb,)))


def perform(
    actor: CoralogixActor,
    steps: Sequence[Operation],
    ids: Sequence[IncidentId],
    *,
    assignee: Callable[[], UserId],
) -> tuple[ActionResult, ...]:
    """
    Do each of *steps* to the incidents for which the step before succeeded.

    *assignee* is called where a step assigns. Returns one result for each incident.

    Raises:
        SourceRejectedError: If there is no id, or the assignee cannot be one.
            Nothing was sent.
    """
    results: dict[IncidentId, ActionResult] = {}
    for operation in steps:
        remaining = [id_ for id_ in ids if id_ not in results or results[id_].ok]
        # No id at all is for the actor to refuse.
        if not remaining and ids:
            break
        action = (
            assign_to(assignee())
            if operation is Operation.ASSIGN
            else Action(operation)
        )
        results |= {r.id: r for r in actor.perform(action, remaining)}
    return tuple(results.values())

"""The state of the person's own key: present, accepted, allowed."""

import logging
from dataclasses import replace

from incidents.coralogix.incidents.actor import CoralogixActor
from incidents.errors import PermissionMissingError, SourceError
from tray_app.model.state import Problem, ProblemKind, TrayState

log = logging.getLogger(__name__)


def unable(state: TrayState, problem: Problem) -> TrayState:
    """Return *state* with *problem*; a locked keychain may open at the next action."""
    locked = problem.kind is ProblemKind.KEYCHAIN_LOCKED
    return replace(state.with_problem(problem), can_act=locked)


def able(state: TrayState) -> TrayState:
    """Return *state* with a key, which Coralogix may still reject."""
    keychain = (ProblemKind.KEYCHAIN_LOCKED, ProblemKind.KEYCHAIN_MISSING)
    return replace(state.without_problem(*keychain), can_act=True)


def unhindered(state: TrayState) -> TrayState:
    """Return *state* with an accepted key; its permissions are not known yet."""
    accepted = state.without_problem(ProblemKind.KEY_REJECTED)
    return replace(accepted, forbidden=frozenset())


def is_good(actor: CoralogixActor) -> bool:
    """Return whether Coralogix accepts the key; False if it does not answer."""
    try:
        actor.whoami()
    except PermissionMissingError:
        return True  # `whoami` needs a permission of its own
    except SourceError as error:
        log.info("the key is not known to be good: %s", error)
        return False
    return True

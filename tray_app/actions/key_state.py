"""What is known of the person's own key: whether there is one, and what it may do."""

import logging
from dataclasses import replace

from incidents.coralogix.incidents.actor import CoralogixActor
from incidents.errors import PermissionMissingError, SourceError
from tray_app.model.state import Problem, ProblemKind, TrayState

log = logging.getLogger(__name__)


def unable(state: TrayState, trouble: Problem) -> TrayState:
    """Note why there is no key; one that is locked up can be had by trying."""
    locked = trouble.kind is ProblemKind.KEYCHAIN_LOCKED
    return replace(state.with_trouble(trouble), can_act=locked)


def able(state: TrayState) -> TrayState:
    """Note that there is a key; whether it is good is another question."""
    kept_back = (ProblemKind.KEYCHAIN_LOCKED, ProblemKind.KEYCHAIN_MISSING)
    return replace(state.without_trouble(*kept_back), can_act=True)


def unhindered(state: TrayState) -> TrayState:
    """Note that the key is good; what it may do is found out by doing it."""
    bare = state.without_trouble(ProblemKind.KEY_REJECTED)
    return replace(bare, forbidden=frozenset())


def is_good(actor: CoralogixActor) -> bool:
    """Whether Coralogix takes the key; False while it cannot be asked."""
    try:
        actor.whoami()
    except PermissionMissingError:
        return True  # to say whose it is takes a permission of its own
    except SourceError as error:
        log.info("the key is not known to be good: %s", error)
        return False
    return True

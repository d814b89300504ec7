"""What a person does to incidents, and what becomes of each: values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from incidents.coralogix.http.routes import Json, Operation
from incidents.errors import SourceError, SourceRejectedError
from incidents.models import Incident, IncidentId, Status, UserId

_LONGEST_USER = 300
"""Characters (coralogix.md §1)."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do, to any number of incidents."""

    operation: Operation
    user: UserId | None = None
    """The person to assign to; None for every other operation."""

    def __post_init__(self) -> None:
        """Raise SourceRejectedError where it assigns to nobody."""
        if self.operation is not Operation.ASSIGN:
            return
        if not self.user or self.user.isspace() or len(self.user) > _LONGEST_USER:
            raise SourceRejectedError(
                "Nothing was sent: say who to assign to, in 1 to 300 characters."
            )

    def fields(self, ids: Sequence[IncidentId]) -> Mapping[str, Json]:
        """Return what is sent to do it to *ids*, named as in version 5."""
        if self.user is None:
            return {"incidentIds": ids}
        return {"incidentIds": ids, "assignedTo": {"userId": self.user}}

    def is_proven_by(self, incident: Incident) -> bool:
        """Whether *incident*, looked at again, shows that it was done."""
        if self.operation is Operation.ASSIGN and self.user is not None:
            return self.user.casefold() in {u.casefold() for u in incident.assignees}
        return self.agrees_with(incident)

    def agrees_with(self, incident: Incident) -> bool:
        """
        Whether the answer to the action itself may show *incident* like this.

        One person may have two ids, an e-mail and a UUID (coralogix.md §8): whoever
        was assigned by one may be answered by the other.
        """
        match self.operation:
            case Operation.ASSIGN:
                return bool(incident.assignees)
            case Operation.UNASSIGN:
                return not incident.assignees
            case Operation.ACKNOWLEDGE:
                return incident.status != Status.TRIGGERED
            case _:
                return not incident.is_open or incident.closed_at is not None


ACKNOWLEDGE = Action(Operation.ACKNOWLEDGE)
RESOLVE = Action(Operation.RESOLVE)
CLOSE = Action(Operation.CLOSE)
UNASSIGN = Action(Operation.UNASSIGN)


def assign_to(user: UserId) -> Action:
    """Assign to *user*. Raises SourceRejectedError if it is nobody."""
    return Action(Operation.ASSIGN, user)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionResult:
    """What became of one incident."""

    id: IncidentId
    incident: Incident | None = None
    """As it is now, where that is known."""
    error: SourceError | None = None
    """Why it was not done, or is not known to have been; None when it was."""

    @property
    def ok(self) -> bool:
        """Whether it was done, for all that can be known."""
        return self.error is None

"""Acts on incidents with a person's own key, and tells what became of each."""

import contextlib
from collections.abc import Iterable, Mapping, Sequence

from incidents.coralogix.fields import is_incident_id
from incidents.coralogix.http.acting_client import ActingHttp
from incidents.coralogix.http.regions import Links
from incidents.coralogix.http.routes import Operation, request
from incidents.coralogix.incidents import actions
from incidents.coralogix.incidents.actions import Action, ActionResult
from incidents.coralogix.incidents.answers import read_acted
from incidents.coralogix.incidents.details import (
    Details,
    read_details,
    read_timeline,
)
from incidents.coralogix.incidents.events import Events
from incidents.coralogix.incidents.reader import BATCH, FATAL, CoralogixReader
from incidents.coralogix.people import Identity, People, read_identity, read_people
from incidents.errors import (
    IncidentMissingError,
    NotConfirmedError,
    SourceError,
    SourceGarbledError,
    SourceRejectedError,
    SourceUnavailableError,
)
from incidents.models import Incident, IncidentId, UserId

MANY = 500
"""Ids in one body. It may hold 10,000; the answer has each incident, events and all."""
_HOPELESS = (*FATAL, SourceUnavailableError)
"""What the next request would meet as well."""
_DOUBTFUL = (NotConfirmedError, SourceGarbledError)
"""It was sent, and what came back does not tell."""


class CoralogixActor:
    """
    Implements `Actions`; every mutation passes through `perform`.

    `assign` and its like answer the incidents as they are now, keyed as asked, or
    raise the first error among the outcomes, also where others were done: for what
    became of each, ask `perform`.
    """

    def __init__(self, http: ActingHttp) -> None:
        self._http = http
        self._reader = CoralogixReader(http)

    def assign(
        self, ids: Sequence[IncidentId], user: UserId
    ) -> Mapping[IncidentId, Incident]:
        """Assign *ids* to *user*: the `by-user` endpoint. Raises SourceError."""
        return _all(self.perform(actions.assign_to(user), ids))

    def unassign(self, ids: Sequence[IncidentId]) -> Mapping[IncidentId, Incident]:
        """Assign *ids* to nobody. Raises SourceError."""
        return _all(self.perform(actions.UNASSIGN, ids))

    def acknowledge(self, ids: Sequence[IncidentId]) -> Mapping[IncidentId, Incident]:
        """Acknowledge *ids*. Raises SourceError."""
        return _all(self.perform(actions.ACKNOWLEDGE, ids))

    def resolve(self, ids: Sequence[IncidentId]) -> Mapping[IncidentId, Incident]:
        """Resolve *ids*. Raises SourceError."""
        return _all(self.perform(actions.RESOLVE, ids))

    def close(self, ids: Sequence[IncidentId]) -> Mapping[IncidentId, Incident]:
        """Close *ids*. Raises SourceError."""
        return _all(self.perform(actions.CLOSE, ids))

    def perform(
        self, action: Action, ids: Sequence[IncidentId]
    ) -> tuple[ActionResult, ...]:
        """
        Do *action* to *ids* and tell what became of each, in the order asked.

        What fails is in the outcomes. A refused key or an unreachable server ends
        it: the rest is not sent, and says so by the same error.

        Raises:
            SourceRejectedError: If there is no id, or one that cannot be one.
                Nothing was sent.
        """
        unique_ids = list(dict.fromkeys(ids))
        if not unique_ids:
            # "Close" speaks of all that match; no id is not to become every id.
            raise SourceRejectedError("Nothing was sent: name an incident.")
        if not all(map(is_incident_id, unique_ids)):
            raise SourceRejectedError(
                "Nothing was sent: the id of an incident is a UUID."
            )
        outcomes: dict[IncidentId, ActionResult] = {}
        over: SourceError | None = None
        size = MANY if self._http.routes[action.operation].body else BATCH
        for start in range(0, len(unique_ids), size):
            batch = unique_ids[start : start + size]
            done = _failed(batch, over) if over else self._some(action, batch)
            outcomes |= {outcome.id: outcome for outcome in done}
            over = next((o.error for o in done if isinstance(o.error, _HOPELESS)), None)
        return tuple(outcomes[id_] for id_ in unique_ids)

    def show(self, id_: IncidentId) -> Incident:
        """Read one incident as it is now. Raises SourceError."""
        return self.details(id_).incident

    def details(self, id_: IncidentId) -> Details:
        """Read the whole of one incident. Raises SourceError."""
        return read_details(self._request_about(Operation.GET, id_), id_)

    def timeline(self, id_: IncidentId) -> Events:
        """Read what happened to one incident, oldest first. Raises SourceError."""
        return read_timeline(self._request_about(Operation.EVENTS, id_))

    def people(self) -> People:
        """
        Read whom incidents are assigned to, and how many each has.

        It shows what an assignee's id looks like on this account.

        Raises:
            SourceError: If it cannot be read.
        """
        route = self._http.routes[Operation.FILTER_VALUES]
        return read_people(self._http.send(request(route)))

    def whoami(self) -> Identity:
        """Read who the key belongs to. Raises SourceError."""
        route = self._http.routes[Operation.WHOAMI]
        return read_identity(self._http.send(request(route)))

    def team_links(self) -> Links:
        """
        Ask where the team's web application is, and link to it.

        Raises:
            SettingsError: If the answer does not tell where it is.
            SourceError: If it cannot be read.
        """
        return Links.of_team_url(self.whoami().team_url, self._http.address)

    def disconnect(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def _request_about(self, operation: Operation, id_: IncidentId) -> object:
        if not is_incident_id(id_):
            raise SourceRejectedError(
                "Nothing was sent: the id of an incident is a UUID."
            )
        return self._http.send(request(self._http.routes[operation], id_=id_))

    def _some(
        self, action: Action, ids: Sequence[IncidentId], *, again: bool = False
    ) -> Sequence[ActionResult]:
        """Do it in one request; what its answer leaves open is looked at."""
        route = self._http.routes[action.operation]
        try:
            rows = read_acted(
                self._http.send(request(route, action.fields(ids)))
            ).incidents
        except _DOUBTFUL as error:
            return self._settled(action, ids, str(error))
        except IncidentMissingError as error:
            if again or len(ids) == 1:
                return _failed(ids, error)
            return self._without_missing(action, ids, error)
        except SourceError as error:
            return _failed(ids, error)
        shown = [
            ActionResult(id=id_, incident=rows[id_])
            for id_ in ids
            if id_ in rows and action.agrees_with(rows[id_])
        ]
        rest = [id_ for id_ in ids if id_ not in {outcome.id for outcome in shown}]
        silent = "The answer of Coralogix does not show it."
        return [*shown, *self._settled(action, rest, silent)]

    def _settled(
        self, action: Action, ids: Sequence[IncidentId], reason: str
    ) -> list[ActionResult]:
        """Look at *ids* again and tell the truth: done, missing, or not confirmed."""
        incidents: Mapping[IncidentId, Incident] = {}
        missing: frozenset[IncidentId] = frozenset()
        with contextlib.suppress(SourceError):
            # Looking failed as well: nothing is known, and each outcome says so.
            lookup = self._reader.look_up(ids)
            incidents, missing = lookup.incidents, lookup.missing
        outcomes = []
        for id_ in ids:
            now = incidents.get(id_)
            error: SourceError | None = None
            if id_ in missing:
                error = IncidentMissingError("Coralogix knows no such incident.")
            elif now is None or not action.is_proven_by(now):
                seen = "could not be looked at" if now is None else "does not show it"
                error = NotConfirmedError(
                    f"{reason} The incident {seen}, so it is not known whether the"
                    f" request to {action.operation} took effect: look before you"
                    " repeat it."
                )
            outcomes.append(ActionResult(id=id_, incident=now, error=error))
        return outcomes

    def _without_missing(
        self, action: Action, ids: Sequence[IncidentId], error: IncidentMissingError
    ) -> Sequence[ActionResult]:
        """Leave out those that do not exist, so that they cost no other."""
        try:
            missing = self._reader.look_up(ids).missing
        except SourceError:
            return _failed(ids, error)
        gone = [id_ for id_ in ids if id_ in missing]
        rest = [id_ for id_ in ids if id_ not in missing]
        done = self._some(action, rest, again=True) if rest else []
        return [*_failed(gone, error), *done]


def _failed(ids: Iterable[IncidentId], error: SourceError) -> list[ActionResult]:
    return [ActionResult(id=id_, error=error) for id_ in ids]


def _all(outcomes: Iterable[ActionResult]) -> Mapping[IncidentId, Incident]:
    now: dict[IncidentId, Incident] = {}
    for outcome in outcomes:
        if outcome.error is not None:
            raise outcome.error
        if outcome.incident is not None:
            now[outcome.id] = outcome.incident
    return now

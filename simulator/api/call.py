"""A parsed request, as handlers get it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from simulator.api.decoding import BadRequestError, Values, texts
from simulator.api.faults import Plan
from simulator.api.responses import Caller
from simulator.world.records import IncidentRecord
from simulator.world.world import World

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_LIMIT = 10_000


class NotFoundError(Exception):
    """The API answers 404 with this text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestContext:
    """The caller, the fields of the request, the world, and the faults to apply."""

    world: World
    caller: Caller
    fields: Values
    id: str
    """The id in the path; empty if the route has none."""
    plan: Plan

    def ids(self, field: str) -> Sequence[str]:
        """Return the distinct ids in *field*. Raises BadRequestError."""
        ids = list(dict.fromkeys(texts(self.fields, field)))
        if not 1 <= len(ids) <= _LIMIT:
            raise BadRequestError(f"invalid {field}: 1 to {_LIMIT} ids are required")
        for id_ in ids:
            if not _UUID.fullmatch(id_):
                raise BadRequestError(f'invalid {field}: "{id_}" is not a UUID')
        return ids

    def record(self) -> IncidentRecord:
        """Return the incident of the path's id. Raises NotFoundError."""
        if not _UUID.fullmatch(self.id):
            raise BadRequestError(f'invalid id: "{self.id}" is not a UUID')
        record = self.world.find(self.id.lower())
        if record is None:
            raise NotFoundError(f"incident {self.id} was not found")
        return record

    def record_of_event(self) -> IncidentRecord:
        """Return the incident of the path's event id. Raises NotFoundError."""
        for record in self.world.records():
            if any(self.id in (event.id, event.key) for event in record.events):
                return record
        raise NotFoundError(f"no incident of the event {self.id} was found")

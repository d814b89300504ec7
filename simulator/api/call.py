"""One request, understood: what a handler needs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from simulator.api.decoding import BadRequestError, Values, texts
from simulator.api.faults import Plan
from simulator.api.responses import Bearer
from simulator.world.records import IncidentRecord
from simulator.world.world import World

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_MOST = 10_000


class NotFoundError(Exception):
    """The API answers 404; the text is for the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestContext:
    """Who asks what about which world, and what is to go wrong."""

    world: World
    bearer: Bearer
    fields: Values
    id: str
    """From the path; empty where it holds none."""
    plan: Plan

    def ids(self, field: str) -> Sequence[str]:
        """Take the ids, each once. Raises BadRequestError if they are none."""
        ids = list(dict.fromkeys(texts(self.fields, field)))
        if not 1 <= len(ids) <= _MOST:
            raise BadRequestError(f"invalid {field}: 1 to {_MOST} ids are required")
        for id_ in ids:
            if not _UUID.fullmatch(id_):
                raise BadRequestError(f'invalid {field}: "{id_}" is no UUID')
        return ids

    def one(self) -> IncidentRecord:
        """Find the incident that the path names. Raises NotFoundError."""
        if not _UUID.fullmatch(self.id):
            raise BadRequestError(f'invalid id: "{self.id}" is no UUID')
        record = self.world.find(self.id.lower())
        if record is None:
            raise NotFoundError(f"incident {self.id} was not found")
        return record

    def of_event(self) -> IncidentRecord:
        """Find the incident to which the event in the path belongs."""
        for record in self.world.records():
            if any(self.id in (event.id, event.key) for event in record.events):
                return record
        raise NotFoundError(f"no incident of the event {self.id} was found")

"""
What a reasonable person would write first, and what it costs.

List the incidents of each user with a call of its own, put every one of them, let
each tray read all of its own. No comparing, no feed, no head.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from incidents.feeds import User
from incidents.models import Incident
from incidents.ports import IncidentSource
from incidents.stores.dynamodb.items import Item
from simulator.demo.capacity import item_size, write_units

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_BATCH = 25
"""The largest batch of BatchWriteItem."""
OWN = 0.5
"""Read units of a tray's poll of its own incidents: five small items, below 4 KB."""


@dataclass(slots=True)
class Costs:
    """The calls and units of the naive way so far."""

    api_calls: int = 0
    write_units: float = 0


def sync(
    source: IncidentSource,
    people: Iterable[User],
    write: Callable[[Sequence[Item]], object],
    costs: Costs,
) -> None:
    """Fetch the incidents of each of *people* and put them all without reading."""
    for user in people:
        listing = source.list_open(user.ids)
        costs.api_calls += listing.calls
        items = [item(user.uid, incident) for incident in listing.incidents.values()]
        for start in range(0, len(items), _BATCH):
            write(items[start : start + _BATCH])
        costs.write_units += sum(write_units(item_size(row)) for row in items)


def item(uid: str, incident: Incident) -> Item:
    """Return the fields of *incident* that a tray shows, as attributes."""
    return {
        "pk": {"S": uid},
        "sk": {"S": incident.id},
        "name": {"S": incident.name},
        "severity": {"S": incident.severity},
        "status": {"S": incident.status},
        "assignees": {"L": [{"S": user} for user in incident.assignees]},
        "muted": {"BOOL": incident.muted},
        "opened_at": {"S": incident.opened_at.isoformat()},
        "updated_at": {"S": incident.updated_at.isoformat()},
    }


def writer(client: "DynamoDBClient", table: str) -> Callable[[Sequence[Item]], object]:
    """Put items into *table*, a batch at a time."""

    def write(items: Sequence[Item]) -> object:
        return client.batch_write_item(
            RequestItems={table: [{"PutRequest": {"Item": dict(row)}} for row in items]}
        )

    return write

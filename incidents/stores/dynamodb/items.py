"""The items of the table: which keys, and what goes under which name."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from incidents.changes import Change
from incidents.errors import StoreDamagedError
from incidents.feeds import SCHEMA, FeedId, FeedRow, Head, SyncStatus, User, expiry
from incidents.models import Incident, IncidentId
from incidents.stores import codec, records
from incidents.stores.fields import check_schema
from incidents.stores.records import TTL

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

Item: TypeAlias = Mapping[str, "AttributeValueTypeDef"]
"""An item as DynamoDB's low-level API takes and gives it."""
KEYS = ("pk", "sk")
SYNC = "SYNC"
STATUS: Item = {"pk": {"S": SYNC}, "sk": {"S": "STATUS"}}
REGISTRY = "REGISTRY"
CHANGES = "C#"
STATES = "I#"
USERS = "USER#"
LAST_SEQ = 999_999_999_999
"""Sequences have 12 digits, so that their order as text is their order."""
_LONGEST_WORD = 100
"""Characters of a text that is stored a second time, for people to filter on."""


def head_key(feed: FeedId) -> Item:
    """Name the head of *feed*."""
    return {"pk": {"S": feed}, "sk": {"S": "HEAD"}}


def change_sk(seq: int) -> str:
    """Name the change *seq* within its feed."""
    return f"{CHANGES}{seq:012}"


def state_key(feed: FeedId, id_: IncidentId) -> Item:
    """Name the state of the incident *id_* within *feed*."""
    return {"pk": {"S": feed}, "sk": {"S": STATES + codec.key(id_)}}


def user_key(uid: str) -> Item:
    """Name the user *uid*."""
    return {"pk": {"S": REGISTRY}, "sk": {"S": USERS + uid}}


def head_item(feed: FeedId, head: Head) -> Item:
    """Build the item of *head*."""
    return {**head_key(feed), **_attributes(records.head_to_json(head))}


def head_of(item: Item) -> Head:
    """
    Read the head from its item.

    Raises:
        StoreDamagedError: If it is nothing of ours.
        StoreNewerError: If a newer version wrote it.
    """
    return records.head_from_json(_plain(item))


def change_item(
    feed: FeedId, seq: int, epoch: str, change: Change, retention: timedelta
) -> Item:
    """Build the item of *change*: what people filter on by name, the rest packed."""
    incident = change.incident
    item: dict[str, AttributeValueTypeDef] = {
        "pk": {"S": feed},
        "sk": {"S": change_sk(seq)},
        "v": {"N": str(SCHEMA)},
        "epoch": {"S": epoch},
        "at": {"S": change.observed_at.isoformat()},
        TTL: {"N": str(_ttl(change, retention))},
        "change": {"B": codec.pack_change(change)},
    }
    for name, text in (
        ("incident", codec.key(incident.id)),
        ("severity", incident.severity),
        ("status", incident.status),
    ):
        if len(text) <= _LONGEST_WORD and text.isprintable():
            item[name] = {"S": text}
    return item


def _ttl(change: Change, retention: timedelta) -> int:
    return int(expiry(change.observed_at.date(), retention).timestamp())


def row_of(item: Item) -> FeedRow:
    """
    Read a change, where it stands, from its item.

    Raises:
        StoreDamagedError: If it is nothing of ours.
        StoreNewerError: If a newer version wrote it.
    """
    _refuse_newer(item)
    try:
        return FeedRow(
            seq=int(item["sk"]["S"].removeprefix(CHANGES)),
            epoch=item["epoch"]["S"],
            change=codec.unpack_change(bytes(item["change"]["B"])),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise StoreDamagedError("The table holds a change that is not ours.") from error


def state_item(feed: FeedId, incident: Incident, ends: datetime | None) -> Item:
    """Build the item that holds *incident* as it is now, and expires at *ends*."""
    item: Item = {
        **state_key(feed, incident.id),
        "v": {"N": str(SCHEMA)},
        "incident": {"B": codec.pack_incident(incident)},
    }
    return {**item, TTL: {"N": str(int(ends.timestamp()))}} if ends else item


def incident_of(item: Item) -> Incident:
    """
    Read an incident from the item that holds its state.

    Raises:
        StoreDamagedError: If it is nothing of ours.
        StoreNewerError: If a newer version wrote it.
    """
    _refuse_newer(item)
    try:
        return codec.unpack_incident(bytes(item["incident"]["B"]))
    except (KeyError, TypeError) as error:
        raise StoreDamagedError("The table holds a state that is not ours.") from error


def status_attributes(status: SyncStatus) -> Item:
    """Build the attributes of *status*, all but the registry's version."""
    data = records.status_to_json(status)
    del data["registry"]
    return _attributes(data)


def status_of(item: Item) -> SyncStatus:
    """
    Read the status from its item.

    Raises:
        StoreDamagedError: If it is nothing of ours.
        StoreNewerError: If a newer version wrote it.
    """
    return records.status_from_json(_plain(item))


def user_item(user: User) -> Item:
    """Build the item of *user*."""
    return {**user_key(user.uid), **_attributes(records.user_to_json(user))}


def user_of(item: Item) -> User:
    """
    Read a user from their item.

    Raises:
        StoreDamagedError: If it is nothing of ours.
        StoreNewerError: If a newer version wrote it.
    """
    return records.user_from_json(_plain(item))


def _refuse_newer(item: Item) -> None:
    version = item.get("v", {}).get("N", "")
    if version.isdecimal():
        check_schema(int(version))


def _attributes(data: Mapping[str, object]) -> "dict[str, AttributeValueTypeDef]":
    return {name: _attribute(value) for name, value in data.items() if value != []}


def _attribute(value: object) -> "AttributeValueTypeDef":
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case int():
            return {"N": str(value)}
        case str():
            return {"S": value}
        case [*texts]:
            return {"SS": [str(text) for text in texts]}
        case _:
            raise TypeError(f"no attribute for {type(value).__name__}")


def _plain(item: Item) -> dict[str, object]:
    """Convert the attributes of flat items back into JSON; skip other types."""
    result: dict[str, object] = {}
    for name, value in item.items():
        match value:
            case {"S": text}:
                result[name] = text
            case {"N": number} if number.removeprefix("-").isdecimal():
                result[name] = int(number)
            case {"BOOL": flag}:
                result[name] = flag
            case {"SS": texts}:
                result[name] = list(texts)
            case _:
                pass
    return result

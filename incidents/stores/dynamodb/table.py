"""Create the table where CloudFormation does not: local use and tests."""

from typing import TYPE_CHECKING

from incidents.stores.dynamodb.client import already_there, translated
from incidents.stores.dynamodb.items import KEYS
from incidents.stores.records import TTL

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_PARTITION, _SORT = KEYS


def create_table(client: "DynamoDBClient", name: str) -> bool:
    """
    Make the table *name* and wait until it can be used; False if it was there.

    Raises:
        StoreError: If it could not be made.
    """
    with translated(name):
        created = not already_there(lambda: _create(client, name))
        client.get_waiter("table_exists").wait(
            TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )
        _expire(client, name)
    return created


def _create(client: "DynamoDBClient", name: str) -> None:
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": _PARTITION, "AttributeType": "S"},
            {"AttributeName": _SORT, "AttributeType": "S"},
        ],
        KeySchema=[
            {"AttributeName": _PARTITION, "KeyType": "HASH"},
            {"AttributeName": _SORT, "KeyType": "RANGE"},
        ],
    )


def _expire(client: "DynamoDBClient", name: str) -> None:
    """Let changes end; what a crash between the two left undone is done here."""
    answer = client.describe_time_to_live(TableName=name)
    description = answer["TimeToLiveDescription"]
    if description.get("TimeToLiveStatus") in ("ENABLED", "ENABLING"):
        return
    client.update_time_to_live(
        TableName=name,
        TimeToLiveSpecification={"Enabled": True, "AttributeName": TTL},
    )

"""Which table a command means, and how to reach it."""

import argparse
import os
from typing import TYPE_CHECKING

from incidents.errors import SettingsError
from tray_app.settings.settings import TABLE, checked_endpoint

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from incidents.stores.dynamodb.store import DynamoDBStore


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that name a table and how to reach it."""
    parser.add_argument(
        "--table", metavar="NAME", help="the DynamoDB table; default: TABLE_NAME"
    )
    parser.add_argument(
        "--region", metavar="REGION", help="of AWS; default: as boto3 finds it"
    )
    parser.add_argument("--profile", metavar="PROFILE", help="the AWS profile")
    parser.add_argument(
        "--endpoint-url", metavar="URL", help="another address of DynamoDB"
    )


def open_table(args: argparse.Namespace) -> "DynamoDBStore":
    """
    Return the store of the table that *args* name; nothing is sent yet.

    Raises:
        SettingsError: If no table is named, or the client cannot be made.
    """
    from incidents.stores.dynamodb.store import DynamoDBStore

    table = name(args)  # checked before the client looks for a region
    return DynamoDBStore(_client(args), table, reader=True)


def create(args: argparse.Namespace) -> bool:
    """
    Create the table that *args* name; False if it exists already.

    Raises:
        SettingsError: If no table is named, or the client cannot be made.
        StoreError: If it cannot be created.
    """
    from incidents.stores.dynamodb.table import create_table

    table = name(args)
    return create_table(_client(args), table)


def named(args: argparse.Namespace) -> str:
    """Return the table's name in *args*, or else in TABLE_NAME; empty without both."""
    return args.table or os.environ.get("TABLE_NAME", "")  # noqa: TID251  # a composition root


def name(args: argparse.Namespace, *, ways: str = "--table NAME") -> str:
    """
    Return the name of the table in *args*, or else in TABLE_NAME, checked.

    Raises:
        SettingsError: If it is wrong or missing; *ways* are how it can be given.
    """
    table = named(args)
    if not table:
        raise SettingsError(f"No table: give {ways}, or set TABLE_NAME.")
    if not TABLE.fullmatch(table):
        raise SettingsError(
            f"{table!r} is no name of a table: 3 to 255 letters, digits and _.- only."
        )
    return table


def endpoint(args: argparse.Namespace) -> str | None:
    """Return the endpoint in *args*, checked. Raises SettingsError."""
    try:
        return checked_endpoint(args.endpoint_url) if args.endpoint_url else None
    except ValueError as exc:
        raise SettingsError(f"--endpoint-url: {exc}") from exc


def _client(args: argparse.Namespace) -> "DynamoDBClient":
    from incidents.stores.dynamodb.client import dynamodb_client

    return dynamodb_client(
        region=args.region, profile=args.profile, endpoint=endpoint(args)
    )

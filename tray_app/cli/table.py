"""Which table a command means, and how to reach it."""

import argparse
import os
from typing import TYPE_CHECKING

from incidents.errors import SettingsError
from tray_app.settings.settings import TABLE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from incidents.stores.dynamodb.store import DynamoDBStore


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what names a table; what is left out boto3 finds where it does."""
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
    Prepare the store that *args* name; nothing is sent yet.

    Raises:
        SettingsError: If the table has no name, or the client cannot be made.
    """
    from incidents.stores.dynamodb.store import DynamoDBStore

    given = name(args)  # said before the client asks for a region
    return DynamoDBStore(_client(args), given, reader=True)


def create(args: argparse.Namespace) -> bool:
    """
    Make the table that *args* name; False if it was there.

    Raises:
        SettingsError: If the table has no name, or the client cannot be made.
        StoreError: If it could not be made.
    """
    from incidents.stores.dynamodb.table import create_table

    given = name(args)
    return create_table(_client(args), given)


def said(args: argparse.Namespace) -> str:
    """Return what *args*, or else TABLE_NAME, say that the table is called, if any."""
    return args.table or os.environ.get("TABLE_NAME", "")  # noqa: TID251  # a composition root


def name(args: argparse.Namespace, *, ways: str = "--table NAME") -> str:
    """
    Return the name of the table that *args*, or else TABLE_NAME, says.

    Raises:
        SettingsError: If there is none, to be given in these *ways*, or it is wrong.
    """
    given = said(args)
    if not given:
        raise SettingsError(f"No table: give {ways}, or set TABLE_NAME.")
    if not TABLE.fullmatch(given):
        raise SettingsError(
            f"{given!r} is no name of a table: 3 to 255 letters, digits and _.- only."
        )
    return given


def _client(args: argparse.Namespace) -> "DynamoDBClient":
    from incidents.stores.dynamodb.client import dynamodb_client

    return dynamodb_client(
        region=args.region, profile=args.profile, endpoint=args.endpoint_url
    )

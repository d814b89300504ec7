"""Where Coralogix is and whose key is used, for every command that acts."""

import argparse

from incidents.coralogix.http.acting_client import ActingHttp
from incidents.coralogix.http.regions import REGIONS, Address
from incidents.coralogix.http.routes import NEWEST, Version
from incidents.coralogix.incidents.actor import CoralogixActor
from incidents.errors import SettingsError
from tray_app.app.connect import LIMITS, key
from tray_app.settings.paths import settings_file
from tray_app.settings.settings import Coralogix, load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what says where Coralogix is."""
    group = parser.add_argument_group("where Coralogix is")
    where = group.add_mutually_exclusive_group()
    where.add_argument(
        "--base-url",
        metavar="URL",
        help="https://HOST, https://HOST/mgmt/openapi, or that with a version",
    )
    where.add_argument(
        "--region",
        metavar="REGION",
        help=f"{', '.join(REGIONS)}, or a private domain",
    )
    group.add_argument(
        "--api-version",
        choices=[version.value for version in Version],
        help=f"default: what the base URL says, else {NEWEST}",
    )


def address(args: argparse.Namespace) -> Address:
    """
    Say where Coralogix is: as the arguments say, or else the settings file.

    Raises:
        SettingsError: If it is not said, wrong, or said in two ways that differ.
    """
    said = args.base_url is not None or args.region is not None
    settings = Coralogix() if said else load(settings_file()).coralogix
    named = args.api_version or settings.api_version
    version = Version(named) if named else None
    base_url = args.base_url if said else settings.base_url or None
    region = args.region if said else settings.region or None
    if base_url is not None:
        return Address.parse(base_url, version)
    if region is not None:
        return Address.of_region(region, version)
    raise SettingsError(
        "Say where Coralogix is: --region or --base-url, or in the settings file."
    )


def open_actor(args: argparse.Namespace) -> CoralogixActor:
    """
    Prepare to act as the person whose key it is; nothing is sent yet.

    Raises:
        SettingsError: If where it is, or the key, is missing or wrong.
        KeychainError: If the keychain is locked or missing, or holds no key.
    """
    return CoralogixActor(ActingHttp(address(args), key(), limits=LIMITS))

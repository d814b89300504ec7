"""Where Coralogix is, for every command that acts."""

import argparse

from incidents.coralogix.http.regions import REGIONS, Address
from incidents.coralogix.http.routes import NEWEST, Version
from incidents.errors import SettingsError
from tray_app.settings.paths import settings_file
from tray_app.settings.settings import load


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
    Return the address of Coralogix: from the arguments, or else from the settings.

    Raises:
        SettingsError: If neither has it, or it is wrong.
    """
    base_url, region, version = args.base_url, args.region, args.api_version
    if base_url is None and region is None:
        stored = load(settings_file()).coralogix
        base_url, region = stored.base_url, stored.region
        version = version or stored.api_version
    if not (base_url or region):
        raise SettingsError(
            "Say where Coralogix is: --region or --base-url, or in the settings file."
        )
    return Address.configured(
        base_url=base_url or "",
        region=region or "",
        version=Version(version) if version else None,
    )

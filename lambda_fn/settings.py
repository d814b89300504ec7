"""The environment of one sync, read and checked once."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from incidents.coralogix.http.key import Key
from incidents.coralogix.http.regions import Address
from incidents.errors import SettingsError
from incidents.feeds import team_feed
from incidents.sync.audience import Scope
from incidents.sync.run import SyncSettings

NAMES: Mapping[str, str] = {
    "TABLE_NAME": "the DynamoDB table, by name or ARN",
    "CORALOGIX_BASE_URL": "the API, up to /mgmt/openapi/5; or give the region",
    "CORALOGIX_REGION": "the region of the account, such as eu2; or a private domain",
    "CORALOGIX_API_KEY": "the key itself; for local runs",
    "CORALOGIX_SECRET_ARN": "the secret in Secrets Manager that holds the key",
    "TEAM": "the name of the team's feed",
    "SYNC_SCOPE": "team (default) or assigned",
    "BRIEF_INCIDENTS": "yes: tell what came and went between two syncs; no (default)",
    "RETENTION_DAYS": "how long changes are kept; 30",
    "INTERVAL_SECONDS": "how far apart syncs are meant to be; 60",
    "WORKERS": "how many feeds are written at a time; 8",
    "LOG_LEVEL": "DEBUG, INFO (default), WARNING or ERROR",
    "POWERTOOLS_SERVICE_NAME": "what logs and metrics call this deployment",
    "AWS_REGION": "of AWS; else as boto3 finds it",
}
"""Every variable that is read here. The template and Lambda set these, no others."""

_TABLE = re.compile(r"[A-Za-z0-9_.-]{3,255}|arn:aws[a-z-]*:dynamodb:[!-~]{1,1000}")
_SERVICE = "incident-tray"
"""What logs and metrics say where nothing else is set."""
_NO_ADDRESS = Address("https://nowhere.invalid")
"""Stands in where no address can be read, which has been noted as a mistake."""
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_T = TypeVar("_T")
_U = TypeVar("_U")


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterSettings:
    """What one deployment is told. Its repr holds no key."""

    table: str
    address: Address
    key: Key | None
    """None where the key is in a secret."""
    secret: str
    """Its ARN or name; empty where the key is given."""
    region: str
    """Of AWS; empty where boto3 is to find it."""
    sync: SyncSettings
    brief: bool
    """Whether to ask for what opened and ended between two syncs, too."""


def load(environment: Mapping[str, str]) -> WriterSettings:
    """
    Read the settings; an empty variable is an absent one.

    Raises:
        SettingsError: With a line for each mistake, by the name of its variable.
    """
    read = _Reading(environment)
    settings = _settings(read)
    if read.mistakes:
        raise SettingsError("\n".join(read.mistakes))
    return settings


def log_settings(environment: Mapping[str, str]) -> tuple[str, str]:
    """Read what logs call this deployment and their level, the usual for a mistake."""
    read = _Reading(environment)
    return read.text("POWERTOOLS_SERVICE_NAME") or _SERVICE, read.level()


def _settings(read: "_Reading") -> WriterSettings:
    read.exactly_one("CORALOGIX_BASE_URL", "CORALOGIX_REGION")
    read.exactly_one("CORALOGIX_API_KEY", "CORALOGIX_SECRET_ARN")
    read.level()  # only to be told if it is wrong: `log_settings` reads it for itself
    scope = read.one("SYNC_SCOPE", _scope, Scope.TEAM)
    if scope is Scope.TEAM:
        read.required("TEAM")
    return WriterSettings(
        table=read.required("TABLE_NAME") and read.one("TABLE_NAME", _table, ""),
        address=read.address(),
        key=read.one("CORALOGIX_API_KEY", Key, None),
        secret=read.text("CORALOGIX_SECRET_ARN"),
        # Lambda sets it, and people do; boto3 reads AWS_DEFAULT_REGION alone.
        region=read.text("AWS_REGION"),
        sync=SyncSettings(
            team=read.one("TEAM", _team, ""),
            scope=scope,
            retention=timedelta(days=read.number("RETENTION_DAYS", 30, 1, 365)),
            interval=timedelta(seconds=read.number("INTERVAL_SECONDS", 60, 1, 3600)),
            workers=read.number("WORKERS", 8, 1, 64),
        ),
        brief=read.one("BRIEF_INCIDENTS", _is_yes, absent=False),
    )


def _table(text: str) -> str:
    if not _TABLE.fullmatch(text):
        raise ValueError("is no name of a DynamoDB table")
    return text


def _team(text: str) -> str:
    team_feed(text)  # raises ValueError if it cannot name a feed
    return text


def _scope(text: str) -> Scope:
    if text.lower() not in set(Scope):
        raise ValueError("must be team or assigned")
    return Scope(text.lower())


def _is_yes(text: str) -> bool:
    if text.lower() not in ("yes", "no"):
        raise ValueError("must be yes or no")
    return text.lower() == "yes"


def _level(text: str) -> str:
    if text.upper() not in _LEVELS:
        raise ValueError(f"must be one of {', '.join(_LEVELS)}")
    return text.upper()


class _Reading:
    """Reads variables, and collects what is wrong with them."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.mistakes: list[str] = []

    def text(self, name: str) -> str:
        return self._environment.get(name, "").strip()

    def one(self, name: str, parse: Callable[[str], _T], absent: _U) -> _T | _U:
        """Parse the variable *name*; *absent* where it is empty, or a mistake."""
        text = self.text(name)
        try:
            return parse(text) if text else absent
        except (SettingsError, ValueError) as error:
            self.mistakes.append(f"{name}: {str(error).rstrip('.')}.")
            return absent

    def address(self) -> Address:
        base_url, region = (
            self.text("CORALOGIX_BASE_URL"),
            self.text("CORALOGIX_REGION"),
        )
        name = "CORALOGIX_BASE_URL" if base_url else "CORALOGIX_REGION"
        return self.one(
            name,
            lambda _: Address.configured(base_url=base_url, region=region),
            _NO_ADDRESS,
        )

    def number(self, name: str, default: int, least: int, most: int) -> int:
        def parse(text: str) -> int:
            digits = text if re.fullmatch(r"[0-9]{1,9}", text) else "-1"
            if not least <= int(digits) <= most:
                raise ValueError(f"must be a whole number from {least} to {most}")
            return int(digits)

        return self.one(name, parse, default)

    def level(self) -> str:
        return self.one("LOG_LEVEL", _level, "INFO")

    def required(self, name: str) -> str:
        if not self.text(name):
            self.mistakes.append(f"{name} is not set: give {NAMES[name]}.")
        return self.text(name)

    def exactly_one(self, first: str, second: str) -> None:
        count = bool(self.text(first)) + bool(self.text(second))
        if count == 0:
            self.mistakes.append(f"Neither {first} nor {second} is set: set one.")
        if count > 1:
            self.mistakes.append(f"{first} and {second} are both set: leave one out.")

"""The settings: what a person can set, read from a TOML file."""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from incidents.coralogix.http.regions import Address, Links, is_loopback
from incidents.coralogix.http.routes import Version
from incidents.errors import SettingsError
from incidents.feeds import user_feed
from tray_app.model.rules import Rules

Mode: TypeAlias = Literal["team", "solo"]
Stamp: TypeAlias = tuple[int, int] | None
"""When a file was last written and how long it is; None if there is none."""

POLL = (1, 3600)
"""The bounds of `poll_seconds`."""
TABLE = re.compile(r"arn:.+|[A-Za-z0-9_.-]{3,255}")
"""What a table may be called."""
PROFILE = re.compile(r"([^\s\-[\]][^\x00-\x1f\x7f[\]]{0,254})?")
"""What a profile may be called: nothing that a program takes for an option."""
LARGEST = 1_000_000
"""Bytes of a settings file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coralogix:
    """Where Coralogix is, for actions and for solo mode."""

    base_url: str = ""
    region: str = ""
    api_version: str = ""
    link: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError if an address or a link is not valid."""
        if self.base_url and self.region:
            raise ValueError("give base_url or region, not both")
        try:
            self.address()
            if self.link:
                Links(self.link)
        except SettingsError as exc:
            raise ValueError(str(exc)) from exc

    def address(self) -> Address | None:
        """Return where the API is; None if no setting says so."""
        version = _version(self.api_version)
        if not (self.base_url or self.region):
            return None
        return Address.configured(
            base_url=self.base_url, region=self.region, version=version
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything a person can set. What each is for: `template.DOCS`."""

    mode: Mode = "team"
    uid: str = ""
    team: str = ""
    table: str = "incidents"
    region: str = ""
    profile: str = ""
    endpoint: str = ""
    poll_seconds: float = 20.0
    coralogix: Coralogix = field(default_factory=Coralogix)
    rules: Rules = field(default_factory=Rules)

    def __post_init__(self) -> None:
        """Raise ValueError if something is out of its bounds."""
        for name in ("uid", "team"):
            value = getattr(self, name)
            if value:
                _checked(name, value)
        if self.endpoint:
            checked_endpoint(self.endpoint)
        if not PROFILE.fullmatch(self.profile):
            raise ValueError("profile: is no name of an AWS profile")
        if not TABLE.fullmatch(self.table):
            raise ValueError(
                "table: 3 to 255 letters, digits and _.- only, or an ARN of one"
            )
        low, high = POLL
        if not low <= self.poll_seconds <= high:
            raise ValueError(f"poll_seconds: must be between {low} and {high}")


def checked_endpoint(url: str) -> str:
    """
    Return *url* if it may be an address of DynamoDB.

    Raises:
        ValueError: If it is no plain address, or the sign-in could be read on the way.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    if not host or parts.scheme not in ("https", "http"):
        raise ValueError("endpoint: must be an address, as https://host:8000")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("endpoint: must hold no user, password, query or fragment")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError("endpoint: must use https, except on this machine itself")
    return url


def _checked(name: str, value: str) -> None:
    try:
        user_feed(value)
    except ValueError as exc:
        raise ValueError(f"{name}: {exc}") from exc


def load(path: Path) -> Settings:
    """
    Read the settings at *path*; without a file, everything is as by default.

    Raises:
        SettingsError: With a line for each mistake: file, key, what to do.
    """
    try:
        text = _content(path).decode()
    except FileNotFoundError:
        return Settings()
    except OSError as exc:
        raise SettingsError(f"{path}: cannot be read: {exc.strerror}") from exc
    except UnicodeDecodeError as exc:
        raise SettingsError(f"{path}: cannot be read: it is no text") from exc
    return parse(text, str(path))


def _content(path: Path) -> bytes:
    """Read the settings at *path*, which may be a mistake: without end, or a pipe."""
    if path.is_fifo() or path.is_socket():
        raise SettingsError(f"{path}: cannot be read: it is no file")
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise SettingsError(
            f"{path}: cannot be read: it is larger than {LARGEST} bytes"
        )
    return content


def parse(text: str, name: str = "settings.toml") -> Settings:
    """Read settings from *text*, the content of the file *name*. See `load`."""
    from pydantic import ValidationError

    from tray_app.settings import parsing

    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise SettingsError(f"{name}: is not TOML: {exc}") from exc
    except RecursionError as exc:
        raise SettingsError(f"{name}: is nested too deeply") from exc
    try:
        return parsing.read(raw, Settings)
    except ValidationError as exc:
        mistakes = (parsing.mistake(error, Settings) for error in exc.errors())
        raise SettingsError(
            "\n".join(f"{name}: {mistake}" for mistake in mistakes)
        ) from exc


def stamp(path: Path) -> Stamp:
    """Return the stamp of *path*, which differs once the file was written."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size


def changed(path: Path, since: Stamp) -> bool:
    """Whether *path* was written, made or removed since it had the stamp *since*."""
    return stamp(path) != since


def _version(name: str) -> Version | None:
    if name and name not in set(Version):
        raise SettingsError(f"api_version is one of {', '.join(Version)}")
    return Version(name) if name else None

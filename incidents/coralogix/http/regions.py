"""Where Coralogix is: regions, addresses, and links to its web application."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urlsplit

from incidents.coralogix.http.routes import NEWEST, Version
from incidents.errors import SettingsError

_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9][a-z0-9-]{0,62}(\.[a-z0-9-]{1,63})*")
_TEAM = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """One of the vendor's regions (coralogix.md §6)."""

    name: str
    cloud: str
    api: str
    """The host of the API, in its current form."""
    older: tuple[str, ...] = ()
    """Hosts that the vendor's documents still name."""
    web: str
    """The domain below which each team has its web application."""

    def owns(self, host: str) -> bool:
        """Whether *host* is below a domain of this region."""
        domains = self.web.removeprefix("app."), self.api.removeprefix("api.")
        return host.lower().endswith(tuple(f".{domain}" for domain in domains))


def _region(
    name: str, cloud: str, web: str, *older: str, domain: str = "coralogix.com"
) -> Region:
    api = f"api.{name}.{domain}"
    return Region(name=name, cloud=cloud, api=api, older=older, web=web)


REGIONS: Mapping[str, Region] = {
    region.name: region
    for region in (
        # EU1 alone has no `app.` in its web hosts; US2 is cx498 in the older ones.
        _region("eu1", "AWS eu-west-1", "coralogix.com", "api.coralogix.com"),
        _region("eu2", "AWS eu-north-1", "app.eu2.coralogix.com"),
        _region("us1", "AWS us-east-2", "app.coralogix.us", "api.coralogix.us"),
        _region(
            "us2",
            "AWS us-west-2",
            "app.cx498.coralogix.com",
            "api.cx498.coralogix.com",
        ),
        _region("us3", "GCP us-central1", "app.us3.coralogix.com"),
        _region(
            "ap1",
            "AWS ap-south-1",
            "app.coralogix.in",
            "api.coralogix.in",
            "api.app.coralogix.in",
        ),
        _region(
            "ap2", "AWS ap-southeast-1", "app.coralogixsg.com", "api.coralogixsg.com"
        ),
        _region("ap3", "AWS ap-southeast-3", "app.ap3.coralogix.com"),
        _region(
            "gov1",
            "AWS FedRAMP",
            "app.gov1.coralogixgov.us",
            domain="coralogixgov.us",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Address:
    """One API in one version."""

    origin: str
    """Scheme, host and port."""
    version: Version = NEWEST

    def __post_init__(self) -> None:
        """Raise SettingsError if the key could be read on the way there."""
        if not self.origin.startswith("https://") and not self.loopback:
            raise SettingsError(
                "The base URL must use https: over http the key could be read on the"
                " way. Only this machine itself may be reached without."
            )

    @property
    def base(self) -> str:
        """The origin and the version's prefix: what requests are sent below."""
        return f"{self.origin}{self.version.prefix}"

    @property
    def loopback(self) -> bool:
        """Whether it is this machine."""
        return is_loopback(urlsplit(self.origin).hostname or "")

    @property
    def region(self) -> Region | None:
        """The vendor's region whose host this is; None for any other."""
        host = urlsplit(self.origin).hostname
        return next((r for r in REGIONS.values() if host in (r.api, *r.older)), None)

    @classmethod
    def configured(
        cls, *, base_url: str, region: str, version: Version | None = None
    ) -> "Address":
        """
        Read the address that settings name: *base_url* if it is set, else *region*.

        Raises:
            SettingsError: If what is set is wrong, or neither is set.
        """
        if base_url.strip():
            return cls.parse(base_url, version)
        return cls.of_region(region, version)

    @classmethod
    def of_region(cls, name: str, version: Version | None = None) -> "Address":
        """
        Find the region *name*, or a private domain: `acme.example` for its API at
        `api.acme.example`, which may be named as well.

        Raises:
            SettingsError: If it is neither.
        """
        name = name.strip().lower()
        region = REGIONS.get(name)
        if region is None and ("." not in name or not _HOST.fullmatch(name)):
            raise SettingsError(
                f"There is no such Coralogix region. Known are {', '.join(REGIONS)};"
                " a private domain works as well."
            )
        host = region.api if region else f"api.{name.removeprefix('api.')}"
        return cls(f"https://{host}", version or NEWEST)

    @classmethod
    def parse(cls, url: str, version: Version | None = None) -> "Address":
        """
        Read `https://host`, `https://host/mgmt/openapi`, or that with a version.

        Raises:
            SettingsError: If it is none of these, contradicts *version*, or is
                plain http to another machine.
        """
        parts = _split(url)
        named = _named_version(parts.path)
        if named and version and named is not version:
            raise SettingsError(
                f"The base URL names API version {named}, and the API version asked"
                f" for is {version}: leave one of the two out."
            )
        origin = f"{parts.scheme}://{parts.netloc.lower()}"
        return cls(origin, named or version or NEWEST)


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url.strip())
        host, _ = parts.hostname or "", parts.port
    except ValueError as exc:
        raise SettingsError("The base URL is no URL.") from exc
    if parts.scheme not in ("https", "http") or not _is_host(host):
        raise SettingsError("The base URL must begin with https:// and name a host.")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise SettingsError(
            "The base URL must hold no user, password, query or fragment."
        )
    return parts


def _named_version(path: str) -> Version | None:
    path = path.rstrip("/")
    if path in ("", "/mgmt/openapi"):
        return None
    for version in Version:
        if path == version.prefix:
            return version
    raise SettingsError(
        "The base URL must end after the host, after /mgmt/openapi, or after a"
        f" version, as in {NEWEST.prefix}."
    )


def _is_host(host: str) -> bool:
    if ":" in host:
        return _ip(host) is not None
    return _HOST.fullmatch(host) is not None


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def is_loopback(host: str) -> bool:
    address = _ip(host)
    return host == "localhost" or (address is not None and address.is_loopback)


@dataclass(frozen=True, slots=True)
class Links:
    """Builds links to incidents from a checked template."""

    template: str
    """Begins with https:// and a host, and holds `{id}` once, after the host."""

    def __post_init__(self) -> None:
        """Raise SettingsError if the template could lead astray."""
        head, placeholder, tail = self.template.partition("{id}")
        host, slash, _ = head.removeprefix("https://").partition("/")
        clean = "{" not in head + tail and self.template.isprintable()
        if not (
            head.startswith("https://")
            and placeholder
            and slash
            and clean
            and " " not in self.template
            and _HOST.fullmatch(host.lower())
        ):
            raise SettingsError(
                "A link template must be https://<host>/…{id}…, with {id} once."
            )

    @classmethod
    def of_host(cls, host: str) -> "Links":
        """
        Link to the web application at *host*, for example `team.coralogix.com`.

        The form is the vendor's (coralogix.md §6); without `#/` one lands on the
        home screen.
        """
        return cls(f"https://{host}/#/insights?id={{id}}")

    @classmethod
    def of_team(cls, region: Region, team: str) -> "Links":
        """Link to the web application of *team*. Raises SettingsError."""
        if not _TEAM.fullmatch(team.lower()):
            raise SettingsError("A team's name in a web address is letters and digits.")
        return cls.of_host(f"{team.lower()}.{region.web}")

    @classmethod
    def of_team_url(cls, url: str, address: Address) -> "Links":
        """
        Link to where `whoami` at *address* says the team is.

        The *url* is an address, or a bare subdomain, which is completed by the
        region of *address*.

        Raises:
            SettingsError: If it is neither, a subdomain of no known region, or
                outside the region of *address*: an answer alone leads nobody there.
        """
        region = address.region
        if "://" not in url and "." not in url and region is not None:
            return cls.of_team(region, url)
        host = url.removeprefix("https://").partition("/")[0]
        if "." not in host:
            raise SettingsError(
                "Where the team's web application is cannot be told: set a link"
                " template."
            )
        if region is not None and not region.owns(host):
            raise SettingsError(
                f"Coralogix says that the team's web application is {host!r}, which is"
                f" not below {region.web}: if that is right, set coralogix.link."
            )
        return cls.of_host(host)

    def to(self, id_: str) -> str:
        """Return the link to the incident *id_*; whatever it holds is encoded."""
        return self.template.replace("{id}", quote(id_, safe=""))

"""Where Coralogix is: every region, private domains, base URLs, links."""

import pytest

from incidents.coralogix.http.regions import REGIONS, Address, Links
from incidents.coralogix.http.routes import Version
from incidents.errors import SettingsError

# Name, API host, older hosts, web host of the team "acme" (coralogix.md §6).
TABLE = (
    ("eu1", "api.eu1.coralogix.com", "api.coralogix.com", "acme.coralogix.com"),
    ("eu2", "api.eu2.coralogix.com", "", "acme.app.eu2.coralogix.com"),
    ("us1", "api.us1.coralogix.com", "api.coralogix.us", "acme.app.coralogix.us"),
    (
        "us2",
        "api.us2.coralogix.com",
        "api.cx498.coralogix.com",
        "acme.app.cx498.coralogix.com",
    ),
    ("us3", "api.us3.coralogix.com", "", "acme.app.us3.coralogix.com"),
    (
        "ap1",
        "api.ap1.coralogix.com",
        "api.coralogix.in api.app.coralogix.in",
        "acme.app.coralogix.in",
    ),
    ("ap2", "api.ap2.coralogix.com", "api.coralogixsg.com", "acme.app.coralogixsg.com"),
    ("ap3", "api.ap3.coralogix.com", "", "acme.app.ap3.coralogix.com"),
    ("gov1", "api.gov1.coralogixgov.us", "", "acme.app.gov1.coralogixgov.us"),
)
ID = "00000000-0000-0000-0000-000000000001"


def test_the_table_names_every_region() -> None:
    assert list(REGIONS) == [name for name, *_ in TABLE]


@pytest.mark.parametrize(("name", "api", "older", "web"), TABLE)
def test_a_region_has_its_hosts_and_is_found_by_them(
    name: str, api: str, older: str, web: str
) -> None:
    address = Address.of_region(f" {name.upper()} ", Version.V4)

    assert address.base == f"https://{api}/mgmt/openapi/4"
    for host in (api, *older.split()):
        region = Address.parse(f"https://{host.upper()}").region
        assert region is REGIONS[name]
    link = Links.of_team(REGIONS[name], "Acme").to(ID)
    assert link == f"https://{web}/#/insights?id={ID}"


@pytest.mark.parametrize(
    "name", ["coralogix.acme.example", "api.coralogix.acme.example"]
)
def test_a_private_domain_has_its_api_below_it(name: str) -> None:
    address = Address.of_region(name)

    assert address.origin == "https://api.coralogix.acme.example"
    assert address.region is None


@pytest.mark.parametrize("name", ["", "eu9", "localhost", "a b.example", "x/y.example"])
def test_what_is_no_region_is_a_setting_to_mend(name: str) -> None:
    with pytest.raises(SettingsError, match="eu1, eu2"):
        Address.of_region(name)


@pytest.mark.parametrize("tail", ["", "/", "/mgmt/openapi", "/mgmt/openapi/"])
@pytest.mark.parametrize("version", [None, *Version])
def test_a_base_url_without_a_version_takes_the_one_asked_for(
    tail: str, version: Version | None
) -> None:
    address = Address.parse(f"https://api.eu2.coralogix.com{tail}", version)

    assert address == Address("https://api.eu2.coralogix.com", version or Version.V5)


@pytest.mark.parametrize("named", ["5", "4", "3"])
@pytest.mark.parametrize("version", [None, *Version])
def test_a_base_url_with_a_version_must_not_contradict(
    named: str, version: Version | None
) -> None:
    url = f"https://api.eu2.coralogix.com/mgmt/openapi/{named}"

    if version in (None, Version(named)):
        assert Address.parse(url, version).version == named
    else:
        with pytest.raises(SettingsError, match="leave one of the two out"):
            Address.parse(url, version)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.eu2.coralogix.com",
        "ftp://api.eu2.coralogix.com",
        "https://",
        "https://user:secret@api.eu2.coralogix.com",  # pragma: allowlist secret
        "https://api.eu2.coralogix.com/mgmt/openapi/99",
        "https://api.eu2.coralogix.com/mgmt/openapi/latest",
        "https://api.eu2.coralogix.com/mgmt/openapi/5/incidents",
        "https://api.eu2.coralogix.com?x=1",
        "https://api.eu2.coralogix.com#x",
        "https://api.eu2.coralogix.com:port",
        "https://api..coralogix.com",
        f"https://{'a' * 64}.example",
        "https://[::1",
    ],
)
def test_a_base_url_that_is_none_is_a_setting_to_mend(url: str) -> None:
    with pytest.raises(SettingsError) as told:
        Address.parse(url)
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.eu2.coralogix.com",
        "http://127.0.0.1.example.com",
        "http://10.0.0.1",
        "http://0.0.0.0",
        "http://[::2]",
        "http://localhost.example.com",
    ],
)
def test_plain_http_to_another_machine_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="must use https"):
        Address.parse(url)
    with pytest.raises(SettingsError, match="must use https"):
        Address(url)


@pytest.mark.parametrize(
    "origin",
    ["http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080"],
)
def test_plain_http_to_this_machine_is_accepted(origin: str) -> None:
    assert Address.parse(f"{origin}/mgmt/openapi/3").base == (
        f"{origin}/mgmt/openapi/3"
    )


@pytest.mark.parametrize(
    "template",
    [
        "",
        "http://acme.example/{id}",
        "javascript:alert(1)//{id}",
        "https://acme.example/",
        "https://acme.example/{id}/{id}",
        "https://acme.example/{name}?id={id}",
        "https://{id}.example/",
        "https://acme.example{id}/",
        "https://acme.example\\@evil.example/{id}",
        "https://a@evil.example/{id}",
        "https://acme.example/ {id}",
        "https://acme.example/\n{id}",
        "HTTPS://acme.example/{id}",
    ],
)
def test_a_template_that_could_lead_astray_is_refused(template: str) -> None:
    with pytest.raises(SettingsError, match="link template"):
        Links(template)


def test_what_an_id_holds_is_encoded() -> None:
    link = Links("https://acme.example/#/insights?id={id}&x=1").to('"/../{id}?&#é')

    assert link == (
        "https://acme.example/#/insights?id=%22%2F..%2F%7Bid%7D%3F%26%23%C3%A9&x=1"
    )


@pytest.mark.parametrize(
    ("url", "region", "host"),
    [
        ("https://acme.app.eu2.coralogix.com", "eu2", "acme.app.eu2.coralogix.com"),
        ("https://acme.coralogix.com/#/home", "eu1", "acme.coralogix.com"),
        ("acme.coralogix.com", "acme.example", "acme.coralogix.com"),
        ("acme", "us2", "acme.app.cx498.coralogix.com"),
    ],
)
def test_the_teams_address_may_be_whole_or_bare(
    url: str, region: str, host: str
) -> None:
    links = Links.of_team_url(url, Address.of_region(region))

    assert links.to(ID) == f"https://{host}/#/insights?id={ID}"


@pytest.mark.parametrize(
    ("url", "region"),
    [
        ("https://evil.example", "eu1"),
        ("https://acme.coralogix.com.evil.example", "eu1"),
        ("https://coralogix.com", "eu1"),
        ("https://evilcoralogix.com", "eu1"),
        ("https://acme.coralogix.us", "eu2"),
        ("https://acme.coralogix.com@evil.example", "us1"),
    ],
)
def test_an_answer_leads_nobody_out_of_the_region(url: str, region: str) -> None:
    with pytest.raises(SettingsError):
        Links.of_team_url(url, Address.of_region(region))


@pytest.mark.parametrize(
    ("url", "region"),
    [
        ("https://acme.us2.coralogix.com", "us2"),
        ("https://acme.app.coralogix.us", "us1"),
        ("https://acme.coralogix.us", "us1"),
        ("https://Acme.App.EU2.coralogix.com", "eu2"),
    ],
)
def test_every_domain_of_the_region_is_taken(url: str, region: str) -> None:
    links = Links.of_team_url(url, Address.of_region(region))

    assert links.to(ID).startswith(f"{url}/#/")


@pytest.mark.parametrize("url", ["acme", "", "http://acme.example", "https://"])
def test_a_teams_address_that_tells_nothing_is_a_setting_to_mend(url: str) -> None:
    with pytest.raises(SettingsError):
        Links.of_team_url(url, Address.of_region("acme.example"))


@pytest.mark.parametrize("team", ["", "a.b", "a/b", "-a", "ä", "a" * 64])
def test_a_teams_name_is_letters_and_digits(team: str) -> None:
    with pytest.raises(SettingsError, match="team"):
        Links.of_team(REGIONS["eu2"], team)

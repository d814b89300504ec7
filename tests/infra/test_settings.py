"""The environment that the template gives is the one that the code reads."""

import re
import tomllib
from collections.abc import Mapping

import pytest

from incidents.feeds import team_feed
from infra.package import build
from lambda_fn import __main__, handler
from lambda_fn.settings import NAMES, load, voice
from simulator.demo import lambda_process
from tests.infra.conftest import GIVEN, ROOT, Stack
from tests.infra.resolve import Json, at, mapping, several

OTHERS = {"CORALOGIX_API_KEY", "AWS_REGION"}
"""What only a run on one's own machine is given, and what Lambda itself sets."""


def _environment(stack: Stack, **parameters: str) -> Mapping[str, str]:
    function = stack(**parameters).resources()["SyncFunction"]
    found = mapping(at(function, "Properties", "Environment", "Variables"))
    assert all(isinstance(value, str) for value in found.values()), found
    return {name: str(value) for name, value in found.items()}


def test_every_parameter_says_what_it_is_and_refuses_nonsense() -> None:
    for file in ("template.yaml", "infra/reader-access.yaml"):
        text = (ROOT / file).read_text()
        declared = re.split(r"\n(?=  \w+:\n)", text[: text.index("\nConditions:")])
        parameters = [p for p in declared if re.match(r"  \w+:\n    Type: ", p)]
        assert len(parameters) > 7
        for parameter in parameters:
            assert "Description:" in parameter, parameter
            bounded = re.search(r"AllowedPattern|AllowedValues|MinValue", parameter)
            assert bounded or "CommaDelimitedList" in parameter, parameter


def test_the_environment_is_what_the_settings_read(stack: Stack) -> None:
    by_region = _environment(stack)
    by_url = _environment(
        stack, CoralogixBaseUrl="https://api.eu1.coralogix.com/mgmt/openapi/5"
    )

    assert set(by_region) | set(by_url) == set(NAMES) - OTHERS
    assert set(by_region) ^ set(by_url) == {"CORALOGIX_REGION", "CORALOGIX_BASE_URL"}


@pytest.mark.parametrize("interval", ["1-minute", "2-minutes", "5-minutes"])
@pytest.mark.parametrize("scope", ["team", "assigned"])
def test_the_settings_model_takes_the_environment(
    stack: Stack, interval: str, scope: str
) -> None:
    given = _environment(stack, Interval=interval, SyncScope=scope)
    settings = load(given)

    assert settings.table == "tray-test-FeedTable"
    assert settings.sync.interval.total_seconds() == 60 * int(interval[0])
    assert settings.sync.retention.days == 30
    assert settings.sync.scope == scope
    assert voice(given) == ("tray-test", "INFO")


def test_the_package_is_built_for_what_the_template_runs_it_on(
    main_template: Mapping[str, Json],
) -> None:
    declared = mapping(main_template["Parameters"])
    makefile = (ROOT / "Makefile").read_text()

    assert at(declared, "Runtime", "Default") == f"python{build.PYTHON}"
    assert at(declared, "Architecture", "Default") == build.PLATFORM
    assert f"\nFUNCTION_PYTHON ?= {build.PYTHON}\n" in makefile
    assert f"\nFUNCTION_PLATFORM ?= {build.PLATFORM}\n" in makefile


def test_every_run_of_a_sync_has_the_time_that_the_template_gives(stack: Stack) -> None:
    function = stack().resources()["SyncFunction"]

    timeout = at(function, "Properties", "Timeout")

    assert timeout == lambda_process.TIMEOUT == __main__.PATIENCE + handler.RESERVE


@pytest.mark.parametrize("team", ["ops", "a", "A.b_c@d+e=f,g-h", "x" * 128])
def test_the_template_takes_the_names_of_teams_that_the_code_takes(team: str) -> None:
    assert _matches("Team", team)
    team_feed(team)


@pytest.mark.parametrize("team", ["", "-a", "a b", "a#b", "a*", "x" * 129, "a\n"])
def test_the_template_refuses_the_names_that_the_code_refuses(team: str) -> None:
    assert not _matches("Team", team)
    with pytest.raises(ValueError, match="is no name"):
        team_feed(team)


def _matches(parameter: str, value: str) -> bool:
    text = (ROOT / "template.yaml").read_text()
    found = re.search(
        rf"\n  {parameter}:\n.*?AllowedPattern: \"(.*?)\"\n", text, re.DOTALL
    )
    assert found
    return re.fullmatch(found[1], value) is not None


def test_samconfig_names_only_parameters_of_the_template(
    main_template: Mapping[str, Json],
) -> None:
    config = tomllib.loads((ROOT / "samconfig.toml").read_text())
    declared = mapping(main_template["Parameters"])

    for stage in ("default", "dev", "prod"):
        deploy = config[stage]["deploy"]["parameters"]
        given = dict(one.split("=", 1) for one in deploy["parameter_overrides"])
        assert set(given) <= set(declared)
        assert set(GIVEN) <= set(given)
        for name, value in given.items():
            allowed = mapping(declared[name]).get("AllowedValues")
            assert allowed is None or value in map(str, several(allowed))
        assert config[stage]["build"]["parameters"]["build_in_source"] is True

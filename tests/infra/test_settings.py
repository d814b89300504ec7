"""The environment that the template gives is the one that the code reads."""

import re
import tomllib
from collections.abc import Mapping

import pytest

from incidents.feeds import team_feed
from infra.package import build
from lambda_fn import __main__, handler
from lambda_fn.settings import NAMES, load, log_settings
from simulator.demo import lambda_process
from tests.infra.conftest import REQUIRED, ROOT, Stack
from tests.infra.resolve import Json, as_list, at, mapping

OTHERS = {"CORALOGIX_API_KEY", "AWS_REGION"}
"""What only a run on one's own machine is given, and what Lambda itself sets."""


def _environment(stack: Stack, **parameters: str) -> Mapping[str, str]:
    function = stack(**parameters).resources()["SyncFunction"]
    variables = mapping(at(function, "Properties", "Environment", "Variables"))
    assert all(isinstance(value, str) for value in variables.values()), variables
    return {name: str(value) for name, value in variables.items()}


def test_every_parameter_says_what_it_is_and_refuses_nonsense(
    main_template: Mapping[str, Json], reader_template: Mapping[str, Json]
) -> None:
    for template in (main_template, reader_template):
        parameters = mapping(template["Parameters"])
        assert len(parameters) > 7
        for name, parameter in parameters.items():
            declared = mapping(parameter)
            limits = declared.keys() & {"AllowedPattern", "AllowedValues", "MinValue"}
            assert declared["Description"], name
            assert limits or declared["Type"] == "CommaDelimitedList", name


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
    variables = _environment(stack, Interval=interval, SyncScope=scope)
    settings = load(variables)

    assert settings.table == "tray-test-FeedTable"
    assert settings.sync.interval.total_seconds() == 60 * int(interval[0])
    assert settings.sync.retention.days == 30
    assert settings.sync.scope == scope
    assert log_settings(variables) == ("tray-test", "INFO")


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


@pytest.fixture
def team_pattern(main_template: Mapping[str, Json]) -> str:
    return str(at(main_template, "Parameters", "Team", "AllowedPattern"))


@pytest.mark.parametrize("team", ["ops", "a", "A.b_c@d+e=f,g-h", "x" * 128])
def test_the_template_takes_the_names_of_teams_that_the_code_takes(
    team_pattern: str, team: str
) -> None:
    assert re.fullmatch(team_pattern, team)
    team_feed(team)


@pytest.mark.parametrize("team", ["", "-a", "a b", "a#b", "a*", "x" * 129, "a\n"])
def test_the_template_refuses_the_names_that_the_code_refuses(
    team_pattern: str, team: str
) -> None:
    assert not re.fullmatch(team_pattern, team)
    with pytest.raises(ValueError, match="is no name"):
        team_feed(team)


def test_samconfig_names_only_parameters_of_the_template(
    main_template: Mapping[str, Json],
) -> None:
    config = tomllib.loads((ROOT / "samconfig.toml").read_text())
    declared = mapping(main_template["Parameters"])

    for stage in ("default", "dev", "prod"):
        deploy = config[stage]["deploy"]["parameters"]
        variables = dict(
            assignment.split("=", 1) for assignment in deploy["parameter_overrides"]
        )
        assert set(variables) <= set(declared)
        assert set(REQUIRED) <= set(variables)
        for name, value in variables.items():
            allowed = mapping(declared[name]).get("AllowedValues")
            assert allowed is None or value in map(str, as_list(allowed))
        assert config[stage]["build"]["parameters"]["build_in_source"] is True

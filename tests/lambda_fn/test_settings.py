"""The environment: what is read, and what a mistake says."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidents.errors import SettingsError
from incidents.sync.audience import Scope
from lambda_fn.settings import NAMES, load, log_settings

SECRET = "cxtp_EXAMPLE0Secret0Key"
GOOD = {
    "TABLE_NAME": "incident-feeds",
    "CORALOGIX_REGION": "eu2",
    "CORALOGIX_API_KEY": SECRET,
    "TEAM": "payments",
}


def mistakes(environment: Mapping[str, str]) -> list[str]:
    """The lines that a person sees."""
    with pytest.raises(SettingsError) as caught:
        load(environment)
    return str(caught.value).splitlines()


def test_the_least_that_is_needed_is_enough() -> None:
    read = load(GOOD)

    assert read.table == "incident-feeds"
    assert read.address.base == "https://api.eu2.coralogix.com/mgmt/openapi/5"
    assert read.key is not None
    assert read.key.header == f"Bearer {SECRET}"
    assert read.sync.team == "payments"
    assert read.sync.scope is Scope.TEAM
    assert read.sync.retention == timedelta(days=30)
    assert read.sync.workers == 8
    assert log_settings(GOOD) == ("incident-tray", "INFO")


def test_everything_can_be_told() -> None:
    read = load(
        {
            "TABLE_NAME": "arn:aws:dynamodb:eu-west-1:123456789012:table/feeds",
            "CORALOGIX_BASE_URL": "http://127.0.0.1:8080/mgmt/openapi/5",
            "CORALOGIX_SECRET_ARN": "arn:aws:secretsmanager:eu-west-1:1:secret:key",
            "SYNC_SCOPE": "assigned",
            "RETENTION_DAYS": "7",
            "INTERVAL_SECONDS": "300",
            "WORKERS": "16",
        }
    )

    assert read.table.endswith("table/feeds")
    assert read.address.loopback
    assert read.key is None
    assert read.secret.endswith("secret:key")
    assert read.sync.scope is Scope.ASSIGNED
    assert read.sync.retention == timedelta(days=7)
    assert read.sync.interval == timedelta(minutes=5)
    assert read.sync.workers == 16


@pytest.mark.parametrize(
    ("level", "heard"), [("debug", "DEBUG"), (" ERROR ", "ERROR"), ("loud", "INFO")]
)
def test_the_voice_is_read_whatever_else_is_wrong(level: str, heard: str) -> None:
    named = {"POWERTOOLS_SERVICE_NAME": " tray-dev ", "LOG_LEVEL": level}

    assert log_settings(named) == ("tray-dev", heard)


def test_an_empty_variable_is_an_absent_one() -> None:
    empty = dict.fromkeys(NAMES, " ")

    assert replace(load({**empty, **GOOD}), key=None) == replace(load(GOOD), key=None)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"TABLE_NAME": ""}, "TABLE_NAME is not set: give the DynamoDB table"),
        ({"TABLE_NAME": "a table"}, "TABLE_NAME: is no name of a DynamoDB table."),
        ({"TEAM": ""}, "TEAM is not set: give the name of the team's feed."),
        ({"TEAM": "a b"}, "TEAM: 'a b' is no name: letters, digits"),
        ({"TEAM": "*"}, "TEAM: '*' is no name: letters, digits"),
        ({"CORALOGIX_REGION": ""}, "Neither CORALOGIX_BASE_URL nor CORALOGIX_REGION"),
        ({"CORALOGIX_REGION": "mars"}, "CORALOGIX_REGION: There is no such Coralogix"),
        (
            {"CORALOGIX_BASE_URL": "https://api.eu2.coralogix.com"},
            "CORALOGIX_BASE_URL and CORALOGIX_REGION are both set: leave one out.",
        ),
        (
            {"CORALOGIX_REGION": "", "CORALOGIX_BASE_URL": "http://example.com"},
            "CORALOGIX_BASE_URL: The base URL must use https",
        ),
        ({"CORALOGIX_API_KEY": ""}, "Neither CORALOGIX_API_KEY nor CORALOGIX_SECRET"),
        ({"CORALOGIX_API_KEY": "a b"}, "CORALOGIX_API_KEY: The Coralogix API key is"),
        ({"CORALOGIX_SECRET_ARN": "arn"}, "CORALOGIX_API_KEY and CORALOGIX_SECRET_ARN"),
        ({"SYNC_SCOPE": "mine"}, "SYNC_SCOPE: must be team or assigned."),
        ({"RETENTION_DAYS": "0"}, "RETENTION_DAYS: must be a whole number from 1 to"),
        ({"INTERVAL_SECONDS": "1.5"}, "INTERVAL_SECONDS: must be a whole number"),
        ({"WORKERS": "many"}, "WORKERS: must be a whole number from 1 to 64."),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL: must be one of DEBUG, INFO, WARNING, ERR"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_variable(
    changes: Mapping[str, str], line: str
) -> None:
    (told,) = mistakes({**GOOD, **changes})

    assert told.startswith(line)
    assert told.endswith(".")


def test_every_mistake_is_told_at_once() -> None:
    told = mistakes({"WORKERS": "0", "SYNC_SCOPE": "x"})

    assert len(told) == 6
    assert all(any(name in line for name in NAMES) for line in told)


def test_the_scope_assigned_needs_no_team() -> None:
    read = load({**GOOD, "TEAM": "", "SYNC_SCOPE": "assigned"})

    assert read.sync.team == ""


def test_the_key_is_in_no_repr_and_no_mistake() -> None:
    assert SECRET not in repr(load(GOOD))
    assert SECRET not in str(
        mistakes({**GOOD, "CORALOGIX_API_KEY": f"{SECRET}\n{SECRET}"})
    )


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(st.sampled_from(sorted(NAMES)), st.text(max_size=20)))
def test_any_environment_is_read_or_told_in_lines(found: dict[str, str]) -> None:
    try:
        read = load(found)
    except SettingsError as error:
        lines = str(error).splitlines()
        assert lines
        assert all(re.search("|".join(NAMES), line) for line in lines)
    else:
        assert read.table

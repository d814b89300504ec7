"""Stores to test: one engine a parameter, a fresh table a test."""

import os
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import boto3
import pytest

from incidents.stores.dynamodb.client import dynamodb_client
from simulator.demo.dynamodb import emulator
from simulator.desktop.waiting import until
from tests.stores.engines import ENGINES, LOCAL, Engine, Open, Store

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

REGION = "eu-west-1"
LOCAL_URL = os.environ.get("DYNAMODB_LOCAL_URL", "")


def engines() -> Mapping[str, Engine]:
    """List the engines of this run; Amazon's by choice: its licence says who may."""
    return {**ENGINES, "dynamodb-local": LOCAL} if LOCAL_URL else ENGINES


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "needs(what): collected for the engines that do not lack it"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine" not in metafunc.fixturenames:
        return
    needed = {
        need for mark in metafunc.definition.iter_markers("needs") for need in mark.args
    }
    able = [name for name, one in engines().items() if not needed & one.lacks.keys()]
    metafunc.parametrize("engine", able)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give everybody credentials that open nothing, and a region."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    # It remembers the credentials that it found first.
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


@pytest.fixture(scope="session")
def ministack_port() -> Iterator[int]:
    """Run a DynamoDB API in another process, for all tests of this one."""
    with emulator() as port:
        yield port


@pytest.fixture(scope="session")
def ministack_client(ministack_port: int) -> "DynamoDBClient":
    """Reach it over the network."""
    return _client(f"http://127.0.0.1:{ministack_port}")


@pytest.fixture(scope="session")
def dynamodb_local_client() -> "DynamoDBClient":
    """Reach the DynamoDB Local that somebody has started, or is starting now."""
    at = urlsplit(LOCAL_URL)

    def answers() -> bool:
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex((at.hostname, at.port)) == 0

    until(answers, seconds=30)
    return _client(LOCAL_URL)


def _client(endpoint: str) -> "DynamoDBClient":
    # Made for the session, before any test has an environment of its own.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setattr(boto3, "DEFAULT_SESSION", None)
        return dynamodb_client(region=REGION, endpoint=endpoint)


@pytest.fixture
def open_store(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Open]:
    """Open stores over the same, fresh feeds."""
    with engines()[engine].fresh(request, tmp_path) as opened:
        yield opened


@pytest.fixture
def store(open_store: Open) -> Store:
    """Give one store over fresh feeds."""
    return open_store()

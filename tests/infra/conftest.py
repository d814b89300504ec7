"""The templates as CloudFormation sees them, and the tools that judge them."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from infra.rehearse import Rehearsal, cloud
from infra.tools.install import program
from tests.infra.resolve import Json, Resolver, Resources, mapping

ROOT = Path(__file__).resolve().parents[2]
REQUIRED: Mapping[str, str] = {"Team": "ops", "CoralogixRegion": "eu1"}
"""The two parameters that an operator has to give."""

Stack = Callable[..., Resolver]


def _translated(template: str) -> Mapping[str, Json]:
    result = subprocess.run(
        [program("sam", "python"), ROOT / "tests/infra/translate.py", ROOT / template],
        capture_output=True,
        text=True,
        check=False,
        env={
            "PATH": os.environ["PATH"],
            "AWS_DEFAULT_REGION": "eu-west-1",
            "PYTHONWARNINGS": "ignore",
        },
    )
    assert result.returncode == 0, result.stderr
    return mapping(json.loads(result.stdout))


@pytest.fixture(scope="session")
def main_template() -> Mapping[str, Json]:
    return _translated("template.yaml")


@pytest.fixture(scope="session")
def reader_template() -> Mapping[str, Json]:
    return _translated("infra/reader-access.yaml")


@pytest.fixture
def stack(main_template: Mapping[str, Json]) -> Stack:
    """Resolve template.yaml, with parameters beside those that are required."""
    return lambda **parameters: Resolver(main_template, {**REQUIRED, **parameters})


@pytest.fixture
def resources(stack: Stack) -> Resources:
    """The resources of template.yaml with no more than is required."""
    return stack().resources()


@pytest.fixture
def readers(reader_template: Mapping[str, Json]) -> Stack:
    """Resolve infra/reader-access.yaml with parameters."""
    return lambda **parameters: Resolver(reader_template, parameters)


@pytest.fixture
def rehearsal(tmp_path: Path) -> Iterator[Rehearsal]:
    """Start a simulated AWS, and what a deployment to it needs."""
    with cloud(tmp_path) as started:
        yield started


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the rehearsal: it mostly waits for a schedule, beside the others."""
    items.sort(key=lambda item: "test_rehearsal" not in item.nodeid)

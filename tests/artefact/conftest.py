"""The package, built once a session, and a cloud around it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import packaged
from tests.lambda_fn.cloud import Cloud, cloud


@pytest.fixture(scope="session")
def aws() -> Iterator[Cloud]:
    with cloud() as running:
        yield running


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package") / "function"
    packaged.package(folder)
    return folder


def pytest_report_header() -> str:
    """Say which Python the package is tested on."""
    version, _ = packaged.python()
    missing = "" if version == packaged.WANTED else f" ({packaged.WANTED} is not here)"
    return f"package: built for and run on Python {version}{missing}"

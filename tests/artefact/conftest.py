"""The package, built once a session; its AWS is that of the tests of the writer."""

from pathlib import Path

import pytest

from benchmarks import packaged
from tests.lambda_fn.conftest import aws, table

__all__ = ["aws", "package", "table"]


# In the name of every test stands the Python that the package is built for and run
# on: another one than the template's, where that is not on this machine.
@pytest.fixture(
    scope="session",
    params=[packaged.python()[0]],
    ids=lambda version: f"python{version}",
)
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package") / "function"
    packaged.package(folder)
    return folder

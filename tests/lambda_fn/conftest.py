"""One emulator for all tests of the writer."""

from collections.abc import Iterator

import pytest

from tests.lambda_fn.cloud import Cloud, cloud


@pytest.fixture(scope="session")
def aws() -> Iterator[Cloud]:
    with cloud() as running:
        yield running

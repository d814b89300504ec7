"""No test in this folder may show the key: all that each of them says is searched."""

import logging
from collections.abc import Generator, Iterator

import pytest

from incidents.errors import IncidentsError
from tests.coralogix.fakes import SECRET

KEYS = (SECRET, "cxup_simulated", "cxtp_simulated")
"""What is in every key that a test uses."""
SPOKEN = pytest.StashKey[list[str]]()


@pytest.fixture(autouse=True)
def spoken(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> Iterator[None]:
    """Log everything, and note the text of every error, shown or not."""
    texts: list[str] = request.node.stash.setdefault(SPOKEN, [])

    def noting(error: IncidentsError, *args: object) -> None:
        texts.append(repr(args))
        Exception.__init__(error, *args)

    monkeypatch.setattr(IncidentsError, "__init__", noting)
    with caplog.at_level(logging.DEBUG):
        yield


def leaks(report: pytest.TestReport, texts: list[str]) -> bool:
    """Whether the key is in what *report* holds, or in *texts*."""
    shown = [report.longreprtext, *(text for _, text in report.sections), *texts]
    return any(key in text for text in shown for key in KEYS)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if leaks(report, item.stash.get(SPOKEN, [])):
        report.outcome = "failed"
        report.longrepr = "The key was shown: in the output, the log or an error."
        report.sections = []
    return report

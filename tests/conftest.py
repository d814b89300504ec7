"""What holds for every test: where CI runs them, none may be left out."""

import os

import pytest

_SKIPPED = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_SKIPPED] = []
    config.pluginmanager.register(_Skips(config.stash[_SKIPPED]))


class _Skips:
    """Gathers what was skipped, in this process or in a worker."""

    def __init__(self, skipped: list[str]) -> None:
        self._skipped = skipped

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            self._skipped.append(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self._skipped.append(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self._skipped and session.exitstatus == pytest.ExitCode.OK and _is_ci():
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter
    ) -> None:
        if self._skipped and _is_ci():
            terminalreporter.write_line(
                f"CI=true: {len(self._skipped)} skipped tests count as failures",
                red=True,
            )


def _is_ci() -> bool:
    return os.environ.get("CI") == "true"

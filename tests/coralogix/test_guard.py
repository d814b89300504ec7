"""The guard of this folder's `conftest` finds a key wherever it could be shown."""

import pytest

from incidents.errors import SourceError
from tests.coralogix.conftest import SPOKEN, leaks
from tests.coralogix.fakes import SECRET


def report(longrepr: str | None = None, *sections: str) -> pytest.TestReport:
    return pytest.TestReport(
        "id",
        ("file", 1, "test"),
        {},
        "failed" if longrepr else "passed",
        longrepr,
        "call",
        [("Captured", text) for text in sections],
    )


@pytest.mark.parametrize(
    ("shown", "texts"),
    [
        (report(f"assert {SECRET!r} == 1"), []),
        (report(None, "quiet", f"DEBUG Bearer {SECRET}"), []),
        (report(), [f"('Coralogix refused {SECRET}',)"]),
    ],
)
def test_a_key_that_is_shown_is_found(
    shown: pytest.TestReport, texts: list[str]
) -> None:
    assert leaks(shown, texts)


def test_what_shows_no_key_passes() -> None:
    assert not leaks(report("assert 1 == 2", "Key(***)"), ["('***',)"])


def test_the_text_of_every_error_is_noted_shown_or_not(
    request: pytest.FixtureRequest,
) -> None:
    str(SourceError("nobody sees this"))

    assert request.node.stash[SPOKEN] == ["('nobody sees this',)"]

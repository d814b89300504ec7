"""What the audit makes of the answers it gets."""

import json
from pathlib import Path

import pytest

from infra.release.audit import AuditReport, read, withdrawn_in, yanked

SOUND = {"name": "rich", "version": "14.0.0", "vulns": []}
BAD = {
    "name": "pillow",
    "version": "11.0.0",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["11.1.0"], "aliases": []}],
}
UNKNOWN = {"name": "httpx", "skip_reason": "not found"}


def answer(*rows: object) -> str:
    return json.dumps({"dependencies": rows, "fixes": []})


def test_what_is_known_is_named_with_what_mends_it() -> None:
    report = read(answer(SOUND, BAD, UNKNOWN))

    assert report.vulnerable == ("pillow 11.0.0: PYSEC-1, mended in 11.1.0",)
    assert report.line() == "vulnerabilities: 1 known; 2 of 3 packages checked"


@pytest.mark.parametrize("output", ["", "\n", answer(), answer(UNKNOWN)])
def test_silence_is_never_a_clean_bill(output: str) -> None:
    report = read(output)

    assert (report.checked, report.vulnerable) == (0, ())
    assert "NOT CHECKED" in report.line()


def test_what_was_withdrawn_is_named_with_its_reason() -> None:
    output = (
        "Resolved 2 packages in 3ms\n"
        'warning: `urllib3==1.25` is yanked (reason: "Broken release")\n'
        "warning: `attrs==21.1.0` is yanked\n"
    )

    assert withdrawn_in(output) == {
        "urllib3==1.25: Broken release",
        "attrs==21.1.0: no reason",
    }


def test_what_could_not_be_asked_for_is_not_said_to_be_whole(tmp_path: Path) -> None:
    assert yanked(tmp_path / "no-such-file.txt") is None


def test_a_clean_answer_says_how_many_were_checked() -> None:
    output = AuditReport(total=2, checked=2, vulnerable=()).line()

    assert output == "vulnerabilities: 0 known; 2 of 2 packages checked"

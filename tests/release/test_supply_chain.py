"""What people install is what was tested, and what is dangerous does not pass."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from infra.release import audit, sbom
from infra.release.audit import AuditReport
from infra.release.stranger import CONSTRAINTS, pinned
from infra.release.wheel import BUILDER, ROOT, uv

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
BIN = Path(sys.executable).parent


def recipe(tool: str) -> list[str]:
    """Return the words after *tool* in the Makefile's `check`, as make runs them."""
    makefile = (ROOT / "Makefile").read_text().replace("\\\n", " ")
    (line,) = re.findall(rf"\$\(BIN\)/{tool} (.*)", makefile)
    return [word.strip("'") for word in line.split()]


def test_the_constraints_are_the_versions_of_the_lock_file() -> None:
    locked = uv(
        *("export", "--quiet", "--frozen", "--no-dev", "--no-emit-project"),
        *("--extra=tray", "--no-hashes", "--no-annotate", "--no-header"),
    )

    assert CONSTRAINTS.read_text() == locked


def test_a_pin_is_read_without_its_marker() -> None:
    assert pinned("a==1\nb==2 ; sys_platform == 'linux'\n") == {"a==1", "b==2"}


def test_what_builds_the_wheel_is_pinned_with_hashes() -> None:
    (wanted,) = PROJECT["build-system"]["requires"]

    assert f"{wanted} \\\n    --hash=sha256:" in BUILDER.read_text()


def test_make_installs_uv_by_its_hash() -> None:
    assert "--require-hashes" in (ROOT / "Makefile").read_text()
    assert "--hash=sha256:" in (ROOT / "infra/tools/uv.txt").read_text()


def test_every_part_of_what_is_shipped_has_hashes_and_a_licence(tmp_path: Path) -> None:
    target = tmp_path / "sbom.json"

    count = sbom.write(target)

    parts = json.loads(target.read_text())["components"]
    assert len(parts) == count > 0
    for part in parts:
        assert all(len(one["content"]) == 64 for one in part["hashes"]), part["name"]
        assert part["licenses"][0]["license"]["name"], part["name"]


@pytest.mark.parametrize(
    ("report", "withdrawn", "code"),
    [
        (AuditReport(total=2, checked=2, vulnerable=()), [], 0),
        (AuditReport(total=2, checked=2, vulnerable=("a 1: X",)), [], 1),
        (AuditReport(total=2, checked=2, vulnerable=()), ["a==1: broken"], 1),
        (AuditReport(total=2, checked=0, vulnerable=()), [], audit.UNANSWERED),
        (AuditReport(total=2, checked=1, vulnerable=()), [], audit.UNANSWERED),
        (AuditReport(total=2, checked=2, vulnerable=()), None, audit.UNANSWERED),
        (AuditReport(total=2, checked=1, vulnerable=("a 1: X",)), None, 1),
    ],
)
def test_the_audit_ends_differently_where_nobody_answered(
    report: AuditReport, withdrawn: list[str] | None, code: int
) -> None:
    assert audit.exit_code(report, withdrawn) == code


def test_the_scan_finds_a_key_that_was_left_behind(tmp_path: Path) -> None:
    planted = tmp_path / "notes.txt"
    planted.write_text("cxtp" + "_" + "a1B2c3" * 5)
    scan = [str(BIN / "detect-secrets-hook"), *recipe("detect-secrets-hook")]

    found = subprocess.run(
        [*scan, str(planted)], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert found.returncode == 1
    assert "Coralogix API key" in found.stdout


def test_the_linter_finds_a_shell_that_was_left_open(tmp_path: Path) -> None:
    planted = tmp_path / "careless.py"
    planted.write_text("import subprocess\nsubprocess.run(input(), shell=True)\n")
    options = [word for word in recipe("bandit") if word != "$(SOURCES)"]

    found = subprocess.run(
        [BIN / "bandit", *options, tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert found.returncode == 1
    assert "B602" in found.stdout

"""
What is known against the versions that `uv.lock` pins: `make audit`.

pip-audit asks the vulnerability service of the public index, and uv whether a version
was withdrawn ("yanked"). Where nobody answers, that is said, and ends with 2:
pip-audit by itself would then say that nothing is known.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from infra.release.wheel import ROOT, ReleaseError, uv
from infra.tools.install import ToolError, program

UNANSWERED = 2
"""The exit code if some package could not be checked."""
PLATFORMS = ("linux", "macos", "windows")
_YANKED = re.compile(
    r"^warning: `(\S+)` is yanked(?: \(reason: \"(.*)\"\))?", re.MULTILINE
)


class _Vulnerability(TypedDict, total=False):
    id: str
    fix_versions: list[str]


class _Dependency(TypedDict, total=False):
    name: str
    version: str
    vulns: list[_Vulnerability]
    skip_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """The answer of a vulnerability service: packages checked, and findings."""

    total: int
    checked: int
    vulnerable: tuple[str, ...]

    def line(self) -> str:
        """Return the report as one line."""
        if not self.checked:
            return "vulnerabilities: NOT CHECKED: no service answered from here"
        return (
            f"vulnerabilities: {len(self.vulnerable)} known;"
            f" {self.checked} of {self.total} packages checked"
        )


def main() -> int:
    """Say what is known. Returns 1 if anything is, 2 if nobody answered, else 0."""
    try:
        with tempfile.TemporaryDirectory(prefix="audit-") as scratch:
            locked = Path(scratch, "requirements.txt")
            uv(
                *("export", "--quiet", "--frozen", "--all-extras", "--all-groups"),
                *("--no-emit-project", f"--output-file={locked}"),
            )
            report = vulnerable(locked)
            withdrawn = yanked(locked)
    except ReleaseError as error:
        print(f"audit.py: {error}", file=sys.stderr)
        return 1
    print(report.line(), *report.vulnerable, sep="\n  ")
    if withdrawn is None:
        print("withdrawn: NOT CHECKED: no index answered from here")
    else:
        print(f"withdrawn: {len(withdrawn)}", *withdrawn, sep="\n  ")
    return exit_code(report, withdrawn)


def exit_code(report: AuditReport, withdrawn: Sequence[str] | None) -> int:
    """Return 1 if anything is known, `UNANSWERED` if not everything was asked, or 0."""
    if report.vulnerable or withdrawn:
        return 1
    checked = report.checked == report.total and withdrawn is not None
    return 0 if checked else UNANSWERED


def vulnerable(locked: Path) -> AuditReport:
    """Check every package of the requirements file *locked*."""
    try:
        asker = program("audit", "pip-audit")
    except ToolError:  # it comes from the index that does not answer
        return read("")
    ran = _ran(
        str(asker),
        *("--disable-pip", "--require-hashes", "--progress-spinner=off"),
        *("--format=json", f"--requirement={locked}"),
    )
    return read(ran.stdout)


def read(said: str) -> AuditReport:
    """Parse the JSON of pip-audit; empty output means that no service answered."""
    rows: list[_Dependency] = json.loads(said)["dependencies"] if said.strip() else []
    checked = [row for row in rows if "skip_reason" not in row]
    return AuditReport(
        total=len(rows),
        checked=len(checked),
        vulnerable=tuple(
            f"{row['name']} {row['version']}: {vulnerability['id']},"
            f" mended in {', '.join(vulnerability['fix_versions']) or 'no version'}"
            for row in checked
            for vulnerability in row["vulns"]
        ),
    )


def yanked(locked: Path) -> Sequence[str] | None:
    """Return the yanked packages of *locked* with reasons; None without an index."""
    withdrawn: set[str] = set()
    for platform in PLATFORMS:
        ran = _ran(
            *(str(ROOT / ".venv" / "bin" / "uv"), "pip", "install", "--dry-run"),
            *("--no-deps", "--reinstall", "--refresh", f"--python={sys.executable}"),
            *(f"--python-platform={platform}", f"--requirement={locked}"),
        )
        if ran.returncode:
            return None
        withdrawn |= withdrawn_in(ran.stderr)
    return sorted(withdrawn)


def withdrawn_in(said: str) -> set[str]:
    """Return the packages that uv's warnings call yanked, with the reasons."""
    return {f"{name}: {why or 'no reason'}" for name, why in _YANKED.findall(said)}


def _ran(*command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )


if __name__ == "__main__":
    sys.exit(main())

"""Print findings: how `doctor` and `admin doctor` answer."""

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict

from tray_app.operating.findings import CheckState, Finding
from tray_app.present.safe_text import lines, one_line

_SIGNS = {CheckState.GOOD: "✓", CheckState.BAD: "✗", CheckState.UNSURE: "?"}


def report(findings: Iterable[Finding], *, as_json: bool) -> int:
    """Print each of *findings* as it comes; return 1 if anything is wrong."""
    count = wrong = 0
    for finding in findings:
        print(to_json(finding) if as_json else _text(finding), flush=True)
        count += 1
        wrong += finding.state is CheckState.BAD
    if wrong and not as_json:
        print(f"{wrong} of {count} are wrong", file=sys.stderr)
    return 1 if wrong else 0


def to_json(finding: Finding) -> str:
    """Return *finding* as a JSON object on one line."""
    return json.dumps(asdict(finding))


def _text(finding: Finding) -> str:
    text = lines(finding.text).replace("\n", "\n  ")
    step = f"\n    → {one_line(finding.step)}" if finding.step else ""
    return f"{_SIGNS[finding.state]} {finding.what}: {text}{step}"

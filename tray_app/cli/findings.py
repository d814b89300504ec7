"""Print findings: how `doctor` and `admin doctor` answer."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

from tray_app.operating.findings import CheckState, Finding
from tray_app.present.safe_text import lines, one_line

_SIGNS = {CheckState.GOOD: "✓", CheckState.BAD: "✗", CheckState.UNSURE: "?"}


def report(findings: Sequence[Finding], *, as_json: bool) -> int:
    """Print *findings* and return the exit code: 1 if anything is wrong."""
    for finding in findings:
        print(to_json(finding) if as_json else _text(finding))
    wrong = sum(finding.state is CheckState.BAD for finding in findings)
    if wrong and not as_json:
        print(f"{wrong} of {len(findings)} are wrong", file=sys.stderr)
    return 1 if wrong else 0


def to_json(finding: Finding) -> str:
    """Return *finding* as a JSON object on one line."""
    return json.dumps(asdict(finding))


def _text(finding: Finding) -> str:
    text = lines(finding.text).replace("\n", "\n  ")
    step = f"\n    → {one_line(finding.step)}" if finding.step else ""
    return f"{_SIGNS[finding.state]} {finding.what}: {text}{step}"

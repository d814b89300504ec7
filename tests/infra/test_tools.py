"""What SAM, cfn-lint and checkov say: valid, buildable, clean."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from infra.tools.install import program
from tests.infra.conftest import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),  # the tool may have to be installed first
]


def _run(tool: str, command: str, *arguments: str, **settings: str) -> str:
    """Run a *command* of a *tool*, without credentials; return what it says."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    result = subprocess.run(
        [program(tool, command), *arguments],
        cwd=ROOT,
        env={
            **inherited,
            "AWS_DEFAULT_REGION": "eu-west-1",
            "SAM_CLI_TELEMETRY": "0",
            **settings,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    output = result.stdout + result.stderr
    assert result.returncode == 0, output
    return output


@pytest.mark.parametrize("lint", [(), ("--lint",)], ids=["plain", "lint"])
def test_sam_finds_the_template_valid(lint: tuple[str, ...]) -> None:
    # Each finds what the other does not.
    assert "is a valid SAM Template" in _run("sam", "sam", "validate", *lint)


def test_cfn_lint_has_nothing_to_say() -> None:
    templates = ("template.yaml", "infra/reader-access.yaml")
    output = _run("sam", "cfn-lint", "--include-checks", "I", "--", *templates)

    assert output.strip() == ""


def test_sam_builds_what_is_deployed(tmp_path: Path) -> None:
    build = tmp_path / "aws" / "build"
    _run("sam", "sam", "build", "--build-dir", str(build))

    built = {path.name for path in (build / "SyncFunction").iterdir()}
    assert {"incidents", "lambda_fn", "httpx"} <= built
    assert not built & {"boto3", "tray_app", "simulator", "tests", "bin"}
    assert (build / "ReaderAccess" / "template.yaml").exists()


def test_checkov_has_nothing_to_say_but_what_is_answered(tmp_path: Path) -> None:
    output = _run(
        "checkov",
        "checkov",
        "--file",
        "template.yaml",
        "infra/reader-access.yaml",
        "--framework",
        "cloudformation",
        "--skip-download",
        "--output",
        "json",
        "--output-file-path",
        str(tmp_path),
    )

    report = json.loads((tmp_path / "results_json.json").read_text())
    results = report["results"]
    assert results["failed_checks"] == [], output
    assert results["parsing_errors"] == []
    assert len(results["passed_checks"]) > 20
    for skipped in results["skipped_checks"]:
        reason = skipped["check_result"]["suppress_comment"]
        assert len(reason.split()) > 3, skipped["check_id"]

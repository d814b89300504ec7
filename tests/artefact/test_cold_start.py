"""What a cold start may cost, as packaged: a ratio, taken in one run."""

import subprocess
from pathlib import Path

import pytest

from benchmarks import packaged
from benchmarks.cold_start import measure_import

HEAVY = {
    "pydantic": "foreign data is read by hand on the way of a sync",
    "sqlite3": "the other store",
    "aws_xray_sdk": "the Tracer, which drags boto3 into the package",
    "asyncio": "nothing waits for more than one thing",
    "rich": "the desktop's",
}
"""Modules that a sync does without, and why it can."""
QUIETLY = f"""
import builtins, io, os, socket, subprocess, sys, threading
sys.path[:0] = sys.argv[1:]

def hook(event, args):
    mode = args[1] if event == "open" else None
    writes = isinstance(mode, str) and set(mode) & set("wax+")
    if writes or event in ("socket.connect", "socket.getaddrinfo", "subprocess.Popen"):
        raise AssertionError(f"I/O on import: {{event}} {{args}}")

sys.addaudithook(hook)
import lambda_fn.handler
assert threading.active_count() == 1
print(sorted(set({sorted(HEAVY)!r}) & set(sys.modules)))
"""


@pytest.mark.slow
@pytest.mark.timeout(300)  # 27 fresh interpreters, each with boto3
def test_the_handler_imports_within_its_budget() -> None:
    imported, ready = measure_import()

    assert imported.met, imported
    assert ready.met, ready


def test_the_import_sends_and_writes_nothing_and_leaves_out_what_is_heavy(
    package: Path,
) -> None:
    _, interpreter = packaged.python()

    result = subprocess.run(
        [interpreter, "-I", "-S", "-B", "-c", QUIETLY, package, packaged.runtime()],
        env={},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.stderr == ""
    assert result.stdout.strip() == "[]"

"""What holds for the tree as a whole."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("incidents", "lambda_fn", "tray_app", "simulator", "benchmarks")
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if path.stem not in ("__main__", "__init__")
)

QUIETLY = """
import builtins, importlib, os, socket, sys, threading

def refused(*args, **kwargs):
    raise AssertionError(f"I/O on import: {args}")

socket.socket.connect = refused
socket.create_connection = refused
for name in sys.argv[1:]:
    importlib.import_module(name)
assert threading.active_count() == 1, threading.enumerate()
print(len(sys.argv) - 1)
"""


def test_nothing_happens_on_import(tmp_path: Path) -> None:
    home = tmp_path / "home"
    environment = {"PATH": os.environ["PATH"], "HOME": str(home)}

    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", QUIETLY, *MODULES],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert result.stderr == ""
    assert result.stdout.strip() == str(len(MODULES))
    assert not home.exists()

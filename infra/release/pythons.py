"""
Run the tests on every promised Python that this machine has: `make test-pythons`.

Each version gets an environment below build/, from the lock file. The arguments are
those of pytest.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.package.build import ROOT, interpreter

VERSIONS = ("3.11", "3.12", "3.13", "3.14")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run pytest on each version; 1 if a run fails or no version is installed."""
    pytest_arguments = sys.argv[1:] if arguments is None else arguments
    results = {version: _run(version, pytest_arguments) for version in VERSIONS}
    for version, result in results.items():
        print(f"Python {version}: {result or 'not found'}")
    outcomes = set(results.values()) - {None}
    return 0 if outcomes == {"passed"} else 1


def _run(version: str, pytest_arguments: Sequence[str]) -> str | None:
    """Return the outcome of the tests on *version*; None if it is not installed."""
    python = interpreter(version)
    if python is None:
        return None
    print(f"Python {version}: {python}", flush=True)
    environment = ROOT / "build" / f"python{version}"
    if _sync(environment, python):
        return "the environment could not be built"
    command = [str(environment / "bin" / "python"), "-m", "pytest", *pytest_arguments]
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    return f"failed with exit code {code}" if code else "passed"


def _sync(environment: Path, python: Path) -> int:
    """Install the locked dependencies into *environment*; return the exit code."""
    return subprocess.run(
        [
            str(ROOT / ".venv" / "bin" / "uv"),
            *("sync", "--quiet", "--frozen", "--inexact"),
            *("--all-extras", "--all-groups", f"--python={python}"),
        ],
        cwd=ROOT,
        env={**os.environ, "UV_PROJECT_ENVIRONMENT": str(environment)},  # noqa: TID251  # a child's environment
        check=False,
    ).returncode


if __name__ == "__main__":
    sys.exit(main())

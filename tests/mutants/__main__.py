"""Break the protocol, one way after another, and see that the tests notice."""

import argparse
import ast
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutants.catalogue import (
    CORE,
    MODEL,
    MUTANTS,
    SIMULATION,
    STORES,
    Edit,
    Mutant,
)
from tests.mutants.operators import function_in

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("incidents", "tray_app", "simulator", "lambda_fn", "tests", "pyproject.toml")
_PYTEST = (sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider")
SUITES: Mapping[str, Sequence[str]] = {
    CORE: (*_PYTEST, "tests/core", "--ignore=tests/core/test_projection.py"),
    SIMULATION: (
        *(sys.executable, "-m", "tests.simulation"),
        *("--schedules=3000", "--seed=1", "--processes=1", "--first"),
    ),
    MODEL: (*_PYTEST, "tests/simulation/test_model.py"),
    STORES: (
        *(*_PYTEST, "tests/stores/test_contract.py", "tests/stores/test_faults.py"),
        *("-k", "not ministack"),
    ),
}


def applied(edit: Edit, source: str) -> str:
    """
    Return the *source* of a file with *edit* in it, without comments.

    Raises:
        ValueError: If the place is missing or not unique, or nothing changes there.
    """
    tree = ast.parse(source)
    before = ast.unparse(tree)
    edit.operator(function_in(tree, edit.function))
    after = ast.unparse(ast.fix_missing_locations(tree))
    if after == before:
        raise ValueError(f"{edit.path}: {edit.function} stays as it is")
    return after


def killer(mutant: Mutant) -> str | None:
    """Break a copy of the tree, and name the first suite that fails on it."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        for name in COPIED:
            _copy(ROOT / name, tree / name)
        for edit in mutant.edits:
            path = tree / edit.path
            path.write_text(applied(edit, path.read_text()))
        return next((suite for suite in mutant.suites if not passes(suite, tree)), None)


def passes(suite: str, tree: Path) -> bool:
    """Whether *suite* passes in *tree*."""
    try:
        result = subprocess.run(
            SUITES[suite], cwd=tree, capture_output=True, timeout=300, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return result.returncode == 0


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        ignored = shutil.ignore_patterns("__pycache__", ".hypothesis")
        shutil.copytree(source, target, ignore=ignored)
    else:
        shutil.copy(source, target)


def main() -> int:
    """Print a table of all mutants; 1 if any survived, or if the tree is broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("--parallel", type=int, default=2)
    parser.add_argument(
        "--only", default="", help="only mutants with this text in their names"
    )
    options = parser.parse_args()
    chosen = [mutant for mutant in MUTANTS if options.only in mutant.name]
    broken = [suite for suite in SUITES if not passes(suite, ROOT)]
    if broken:
        print("These fail without any mutant:", *broken)
        return 1
    print("| broken on purpose | caught first by |\n|---|---|")
    survived = 0
    with ThreadPoolExecutor(options.parallel) as pool:
        for mutant, seen in zip(chosen, pool.map(killer, chosen), strict=True):
            survived += not seen
            print(f"| {mutant.name} | {seen or '**nobody**'} |", flush=True)
    print(f"\n{len(chosen)} mutants, {survived} survived.")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())

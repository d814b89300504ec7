"""
Hold the size and shape of the source: `python -m tests.house.structure`.

What import-linter and ruff cannot say: how many rooms a package has, how long files
and functions are, which class names are unique, what is documented.
"""

import ast
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("incidents", "lambda_fn", "tray_app", "simulator", "benchmarks", "infra")
MOST_ROOMS = {"tray_app": 14, "incidents": 12, "simulator": 5}
MOST_FILES = 16
"""In one folder, `__init__.py` not counted."""
LONGEST_FILE, MEDIAN_FILE = 400, 130
LONGEST_FUNCTION, P95_FUNCTION = 60, 30
DOCUMENTED = 0.94
"""The share of public modules, classes and functions that have a docstring."""
SHORTEST_DOCSTRING = 4
"""In words, for that of a package."""

Named = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Source:
    """One file: its path from the top of the tree, its text, its syntax tree."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        """How many lines the file has."""
        return len(self.text.splitlines())

    @property
    def functions(self) -> Iterator[tuple[str, int]]:
        """Walk all functions, each with its number of lines."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                yield f"{self.path}:{node.name}", lines

    @property
    def public(self) -> Iterator[ast.Module | Named]:
        """Walk what others may use: the module, its public classes and functions."""
        yield self.tree
        yield from _public(self.tree)


def _public(tree: ast.Module | ast.ClassDef) -> Iterator[Named]:
    for node in tree.body:
        if isinstance(node, Named) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public(node)


def sources(root: Path) -> list[Source]:
    """Read every source file of the packages under *root*."""
    paths = [path for package in PACKAGES for path in (root / package).rglob("*.py")]
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(paths)}
    return [
        Source(path.relative_to(root), text, ast.parse(text))
        for path, text in texts.items()
        if "node_modules" not in path.parts
    ]


def violations(files: list[Source]) -> Iterator[str]:
    """Walk everything about *files* that breaks a limit, as a line each."""
    yield from _rooms(files)
    yield from _sizes(files)
    yield from _class_names(files)
    yield from _docstrings(files)


def _rooms(files: list[Source]) -> Iterator[str]:
    for package, most in MOST_ROOMS.items():
        inside = [file.path.parts[1] for file in files if file.path.parts[0] == package]
        rooms = {name for name in inside if name != "__init__.py"}
        if len(rooms) > most:
            yield f"{package}: {len(rooms)} rooms, not {most}"
    folders = Counter(
        file.path.parent for file in files if file.path.stem != "__init__"
    )
    for folder, number in folders.items():
        if number > MOST_FILES:
            yield f"{folder}: {number} files, not {MOST_FILES}"


def _sizes(files: list[Source]) -> Iterator[str]:
    for file in files:
        if file.lines > LONGEST_FILE:
            yield f"{file.path}: {file.lines} lines, not {LONGEST_FILE}"
        for name, lines in file.functions:
            if lines > LONGEST_FUNCTION:
                yield f"{name}: {lines} lines, not {LONGEST_FUNCTION}"
    figures = measures(files)
    for name, most in (("median file", MEDIAN_FILE), ("p95 function", P95_FUNCTION)):
        if figures[name] > most:
            yield f"{name}: {figures[name]:g} lines, not {most}"


def _class_names(files: list[Source]) -> Iterator[str]:
    places: Mapping[str, list[str]] = defaultdict(list)
    for file in files:
        for node in ast.walk(file.tree):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(f"{file.path}")
    for name, paths in places.items():
        if len(paths) > 1:
            yield f"class {name}: in {' and '.join(paths)}"


def _docstrings(files: list[Source]) -> Iterator[str]:
    for file in files:
        docstring = ast.get_docstring(file.tree) or ""
        if file.path.stem == "__init__" and len(docstring.split()) < SHORTEST_DOCSTRING:
            yield f"{file.path}: does not say what lives there"
    documented = measures(files)["documented"]
    if documented < DOCUMENTED:
        yield f"{documented:.1%} of public names are documented, not {DOCUMENTED:.0%}"


def measures(files: list[Source]) -> Mapping[str, float]:
    """Return the figures of *files* as a whole."""
    functions = [lines for file in files for _name, lines in file.functions]
    public = [node for file in files for node in file.public]
    return {
        "files": len(files),
        "lines": sum(file.lines for file in files),
        "median file": median(file.lines for file in files),
        "longest file": max(file.lines for file in files),
        "p95 function": quantiles(functions, n=100)[94],
        "longest function": max(functions),
        "documented": sum(bool(ast.get_docstring(node)) for node in public)
        / len(public),
    }


def main() -> int:
    """Print the figures and every violation; 1 if there is any."""
    files = sources(ROOT)
    print(", ".join(f"{name} {value:.4g}" for name, value in measures(files).items()))
    broken = list(violations(files))
    print(*broken, sep="\n", end="\n" if broken else "")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())

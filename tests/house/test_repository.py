"""What the repository may not hold."""

import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from incidents import VERSION

ROOT = Path(__file__).resolve().parents[2]
TEXT = {".py", ".md", ".toml", ".yaml", ".yml", ".json", ".sh", ".mjs", ".cfg", ".txt"}
MADE = {"uv.lock", "package-lock.json"}
"""Lock files name the public registries by their format."""

FORBIDDEN = {
    "a folder of one machine": re.compile(r"/(?:root|work|home/[a-z]+)/"),
    "a package registry's host": re.compile(
        r"(?:pypi|pythonhosted|npmjs|debian)\.(?:org|com)\b(?!/)|registry\.npm"
    ),
    "the vendor's own document": re.compile(r"^openapi: 3", re.MULTILINE),
    "work left open": re.compile(r"\b(?:TODO|FIXME|XXX)\b"),
}


def tracked() -> Iterator[Path]:
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout
    for name in names.split("\0"):
        path = ROOT / name
        named = path.suffix in TEXT or path.name == "Makefile"
        if named and path.name not in MADE and path.exists():
            yield path


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what: str) -> None:
    matches = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in tracked()
        if path != Path(__file__)
        and (match := FORBIDDEN[what].search(path.read_text(encoding="utf-8")))
    ]

    assert matches == []


def test_the_version_is_the_same_in_all_places() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    changes = (ROOT / "CHANGELOG.md").read_text()
    newest = re.search(r"^## (\S+) \(\d{4}-\d{2}-\d{2}\)$", changes, re.MULTILINE)

    assert project["project"]["version"] == VERSION
    assert newest is not None
    assert newest[1] == VERSION

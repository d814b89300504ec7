"""The map of the house names files that are there, and what is in them."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_FOLDERS = "incidents|lambda_fn|tray_app|simulator|benchmarks|infra|tests"
_FILE = re.compile(rf"`((?:{_FOLDERS})/[\w/.]+)`")
_WITHIN = re.compile(rf"`(\w+)`(?: of| in) `((?:{_FOLDERS})/[\w/.]+\.py)`")
_SHORT = re.compile(r"`(\w+\.py)`")


@pytest.mark.parametrize("page", ["architecture.md", "guarantees.md", "performance.md"])
def test_every_file_that_is_named_exists(page: str) -> None:
    text = (ROOT / "docs" / page).read_text()
    found = {
        path.name
        for folder in _FOLDERS.split("|")
        for path in (ROOT / folder).rglob("*.py")
    }

    assert _FILE.findall(text)
    assert [name for name in _FILE.findall(text) if not (ROOT / name).exists()] == []
    assert set(_SHORT.findall(text)) <= found


def test_what_the_map_sends_one_to_is_in_that_file() -> None:
    named = _WITHIN.findall((ROOT / "docs" / "architecture.md").read_text())

    assert len(named) > 10
    assert [
        (what, file) for what, file in named if what not in (ROOT / file).read_text()
    ] == []

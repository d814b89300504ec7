"""The map of the house names files that are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_FILE = re.compile(
    r"`((?:incidents|lambda_fn|tray_app|simulator|benchmarks|tests)/[\w/.]+)`"
)


@pytest.mark.parametrize("page", ["architecture.md", "guarantees.md"])
def test_every_file_that_is_named_exists(page: str) -> None:
    named = _FILE.findall((ROOT / "docs" / page).read_text())

    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []

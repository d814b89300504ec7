"""The breakages still fit the code; whether they are seen is another command's work."""

import ast
from pathlib import Path

import pytest

from tests.mutants.__main__ import applied
from tests.mutants.catalogue import MUTANTS, Mutant

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_mutant_still_applies_and_is_python(mutant: Mutant) -> None:
    for edit in mutant.edits:
        ast.parse(applied(edit, ROOT))


def test_there_are_many_and_no_two_are_named_alike() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 15

"""The breakages still fit the code; whether they are seen is another command's work."""

import ast
from pathlib import Path

import pytest

from tests.mutants.__main__ import applied
from tests.mutants.catalogue import MUTANTS, Edit, Mutant
from tests.mutants.operators import function_in, parameters

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_mutant_applies_and_is_python(mutant: Mutant) -> None:
    for edit in mutant.edits:
        compile(applied(edit, (ROOT / edit.path).read_text()), edit.path, "exec")


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_survives_the_renaming_of_every_local_variable(mutant: Mutant) -> None:
    for edit in mutant.edits:
        source = (ROOT / edit.path).read_text()
        names = local_names(edit, source)

        assert applied(edit, renamed(edit, source, names)) == renamed(
            edit, applied(edit, source), names
        )


def test_no_two_mutants_have_one_name() -> None:
    names = [mutant.name for mutant in MUTANTS]

    assert sorted(set(names)) == sorted(names)


def local_names(edit: Edit, source: str) -> frozenset[str]:
    function = function_in(ast.parse(source), edit.function)
    stored = {
        node.id
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    return frozenset({*stored, *parameters(function)})


def renamed(edit: Edit, source: str, names: frozenset[str]) -> str:
    """Rename the variables *names* of the function that *edit* breaks."""
    tree = ast.parse(source)
    for node in ast.walk(function_in(tree, edit.function)):
        match node:
            case ast.Name(id=name) if name in names:
                node.id = f"{name}_renamed"
            case ast.arg(arg=name) if name in names:
                node.arg = f"{name}_renamed"
    return ast.unparse(tree)

"""The map of the house names rooms, files and names that are there."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from tests.house.documents import ROOT, documents, rows, text_of

MAP = "docs/architecture.md"
_FOLDERS = "incidents|lambda_fn|tray_app|simulator|benchmarks|infra|tests"
_FILE = re.compile(rf"`((?:{_FOLDERS})/[\w/.]+)(?::([\w.]+))?`")
_SHORT = re.compile(r"`(\w+\.py)`")


@pytest.mark.parametrize(
    "page", [page for page in documents() if not page.startswith("docs/adr/0")]
)
def test_every_file_that_is_named_exists(page: str) -> None:
    text = text_of(page)
    files = [name for name, _within in _FILE.findall(text)]
    known = {
        path.name
        for folder in _FOLDERS.split("|")
        for path in (ROOT / folder).rglob("*.py")
    }

    assert [name for name in files if not (ROOT / name).exists()] == []
    assert set(_SHORT.findall(text)) <= known


def test_what_the_map_names_in_a_file_is_defined_there() -> None:
    named = [pair for pair in _FILE.findall(text_of(MAP)) if pair[1]]

    assert named
    assert [(path, n) for path, n in named if n not in definitions(ROOT / path)] == []


def definitions(path: Path) -> set[str]:
    """Return what a module defines at its top, and the methods of its classes."""
    names: set[str] = set()
    for node in ast.parse(path.read_text()).body:
        match node:
            case ast.ClassDef(name=name, body=body):
                methods = [item for item in body if isinstance(item, ast.FunctionDef)]
                names |= {name, *(f"{name}.{method.name}" for method in methods)}
            case ast.FunctionDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
            case ast.Assign(targets=targets):
                names |= {
                    target.id for target in targets if isinstance(target, ast.Name)
                }
            case _:
                pass
    return names


@pytest.mark.parametrize("package", ["incidents", "tray_app", "simulator"])
def test_the_map_has_every_room_of_a_package_and_no_other(package: str) -> None:
    section = text_of(MAP).partition(f"\n### {package}\n")[2].partition("\n##")[0]
    named = {
        room for cells in rows(section) for room in re.findall(r"`(\w+)`", cells[0])
    }

    assert named == rooms(package)


def rooms(package: str) -> set[str]:
    paths = [*(ROOT / package).glob("*.py"), *(ROOT / package).glob("*/__init__.py")]
    names = (path.relative_to(ROOT / package).parts[0] for path in paths)
    return {name.removesuffix(".py") for name in names if not name.startswith("__")}


def test_the_arrows_of_the_map_are_those_of_the_contracts() -> None:
    project = tomllib.loads(text_of("pyproject.toml"))
    contracts = project["tool"]["importlinter"]["contracts"]
    arrows = {
        tuple(contract.get("containers", ())): " → ".join(contract["layers"])
        for contract in contracts
        if contract["type"] == "layers"
    }

    for containers in ((), ("incidents",), ("tray_app",), ("simulator",)):
        assert f"`{arrows[containers]}`" in text_of(MAP)

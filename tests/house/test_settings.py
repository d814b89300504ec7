"""Every setting is told in one place, and that place is made from what reads it."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from lambda_fn.settings import NAMES, load, log_settings
from tests.house.documents import ROOT, documents, text_of
from tests.house.guide import GUIDE, written

_VARIABLE = re.compile(r"\bINCIDENT_TRAY_[A-Z_]+")
_READ = re.compile(r"os\.environ\.get\(\s*\"([A-Z_]+)\"")
OF_THE_SYSTEM = re.compile(r"XDG_|WAYLAND_|DBUS_|PATH$")
"""Variables that are not ours to explain."""


class Recording(Mapping[str, str]):
    """An environment that remembers what it was asked for."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known, self.names_read = known, set[str]()

    def __getitem__(self, name: str) -> str:
        self.names_read.add(name)
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def test_the_variables_of_a_sync_are_those_that_its_help_lists() -> None:
    known = {
        "TABLE_NAME": "feeds",
        "CORALOGIX_REGION": "eu1",
        "CORALOGIX_API_KEY": "cxtp_example",
        "TEAM": "ops",
    }
    environment = Recording(known)
    load(environment)
    log_settings(environment)

    assert environment.names_read == set(NAMES)


def test_the_variables_of_the_tray_are_explained_once_in_the_guide() -> None:
    read = {
        name
        for path in sources("tray_app", "incidents")
        for pattern in (_VARIABLE, _READ)
        for name in pattern.findall(path.read_text())
        if not OF_THE_SYSTEM.match(name)
    }
    guide = text_of("docs/user-guide.md")
    section = guide.partition("\n## Settings\n")[2].partition("\n## ")[0]

    assert read
    for name in read:
        assert (name, section.count(f"`{name}`")) == (name, 1)
    assert set(_VARIABLE.findall(guide)) <= read


def test_what_make_takes_is_explained_once_to_contributors() -> None:
    makefile = text_of("Makefile")
    variables = dict(re.findall(r"(?m)^([A-Z_]+) \?= (.*)$", makefile))
    needed = re.findall(r"error name [^:]+: ([A-Z]+)=", makefile)

    page = text_of("CONTRIBUTING.md")
    rows = re.findall(r"(?m)^\| `([A-Z_]+)` \|(.*?)\|", page)

    documented = {name: default.strip(" `") for name, default in rows}
    assert len(rows) == len(documented)
    assert documented == variables | dict.fromkeys(needed, "")


@pytest.mark.parametrize("document", documents())
def test_a_variable_in_a_document_is_one_that_is_read(document: str) -> None:
    read = "".join(
        path.read_text() for path in sources("tray_app", "incidents", "lambda_fn")
    )
    read += text_of("Makefile") + text_of("tests/conftest.py")
    for path in sources("tests/contract", "tests/stores", "infra"):
        read += path.read_text()
    named = re.findall(r"`([A-Z]+(?:_[A-Z]+)+)(?:=[^`]*)?`", text_of(document))

    assert [name for name in named if name not in read] == []


def test_the_guide_is_made_of_the_settings_by_one_command() -> None:
    guide = GUIDE.read_text(encoding="utf-8")

    assert written(guide) == guide
    stale = guide.replace("# Whether the icon has digits.", "# Digits.")
    assert stale != guide
    assert written(stale) == guide

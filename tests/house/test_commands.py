"""What the documents tell a reader to run is there, with those very options."""

import argparse
import contextlib
import importlib.util
import io
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

import pytest

from tests.house.documents import ROOT, commands, documents, text_of
from tray_app.cli.main import parser
from tray_app.cli.shell import argparse_tree

_TARGET = re.compile(r"^([a-zA-Z-]+):", re.MULTILINE)
_MODULE = re.compile(r"python -m ([\w.]+)")
_ROW = re.compile(r"^\| (`.+?) \| ", re.MULTILINE)
_CODE = re.compile(r"`([^`]+)`")
_SUBJECT = re.compile(r"`([a-z-]+)")
OF_OTHERS = {"aws", "export", "git", "grep", "mktemp", "printf", "read", "rm", "sam"}
"""Programs whose words the test of the runbook checks, or that everybody knows."""
OF_THE_SHELL = {"output", "source", "true"}
"""And what the shell knows by then: the runbook has defined `output`."""


@cache
def targets() -> frozenset[str]:
    return frozenset(_TARGET.findall((ROOT / "Makefile").read_text()))


@pytest.mark.parametrize("document", documents())
def test_every_command_is_one_that_exists(document: str) -> None:
    wrong = [
        shlex.join(words) for words in commands(document) if words and not exists(words)
    ]

    assert wrong == []


def exists(words: Sequence[str]) -> bool:
    """Whether the command *words* would be understood, and by whom it can be told."""
    match words:
        case ["incident-tray", *arguments]:
            # A sentence may name a command without what it needs.
            named = not arguments or (arguments[1:] == [] and arguments[0] in known())
            return named or parses(arguments)
        case ["make", *goals]:
            return all(word in targets() for word in goals if "=" not in word)
        case ["python" | "python3" | ".venv/bin/python", "-m", module, *arguments]:
            flags = {word for word in arguments if word.startswith("--")}
            return is_module(module) and (not flags or flags <= flags_of(module))
        case ["pipx" | "uv", *between, what] if "install" in between:
            return installable(what)
        case ["uv", "tool", "upgrade", what]:
            return installable(what)
        case _:
            return words[0] in OF_OTHERS | OF_THE_SHELL | {"python", "make"}


def parses(arguments: Sequence[str]) -> bool:
    output = io.StringIO()
    try:
        with contextlib.redirect_stderr(output), contextlib.redirect_stdout(output):
            parser().parse_args(arguments)
    except SystemExit as ended:
        return ended.code in (0, None)
    return True


@cache
def flags_of(module: str) -> frozenset[str]:
    """Read which flags the help of *module* names."""
    output = subprocess.run(
        [sys.executable, "-m", module, "--help"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    )
    return frozenset(re.findall(r"--[a-z-]+", output.stdout))


def installable(what: str) -> bool:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    name, _, extras = what.removesuffix("]").partition("[")
    known = {"", *project["optional-dependencies"]}
    return name in (project["name"], ".") and set(extras.split(",")) <= known


def test_every_module_that_a_text_of_ours_starts_is_there() -> None:
    texts = [ROOT / "Makefile", *ROOT.glob("[a-z]*/**/*.py")]
    named = {
        module
        for path in texts
        if not {"build", "node_modules"} & set(path.relative_to(ROOT).parts)
        for module in _MODULE.findall(path.read_text())
    }

    assert [name for name in sorted(named) if not is_module(name)] == []


def is_module(module: str) -> bool:
    with contextlib.suppress(ModuleNotFoundError):
        return importlib.util.find_spec(module) is not None
    return False


@cache
def known() -> Mapping[str, argparse.ArgumentParser]:
    return {name: command for name, _text, command in argparse_tree.commands(parser())}


def documented(section: str) -> Iterator[tuple[str, Sequence[str]]]:
    """Walk the table of commands: each command, and the flags that its row names."""
    for cell in _ROW.findall(section):
        codes = _CODE.findall(cell)
        flags = re.findall(r"--[a-z-]+", " ".join(codes))
        for code in codes:
            yield code.split()[0], flags


def test_the_table_of_commands_in_the_guide_is_that_of_the_program() -> None:
    guide = text_of("docs/user-guide.md")
    section = guide.partition("## On the command line")[2].partition("\n## ")[0]
    commands_ = known()

    rows = list(documented(section))

    assert rows
    for name, flags in rows:
        assert name in commands_, name
        assert set(flags) <= set(argparse_tree.options(commands_[name])), name


def test_every_command_is_explained_in_the_guide_or_the_runbook() -> None:
    guide = text_of("docs/user-guide.md") + text_of("infra/README.md")
    mentioned = {
        *re.findall(r"incident-tray ([a-z-]+)", guide),
        *_SUBJECT.findall(guide),
    }

    assert sorted(set(known()) - mentioned) == []

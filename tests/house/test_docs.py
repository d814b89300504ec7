"""What the documents say is so: links lead somewhere, commands exist."""

import contextlib
import importlib.util
import io
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tray_app.cli.main import parser

ROOT = Path(__file__).resolve().parents[2]
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_BLOCK = re.compile(r"^ *```(?:sh|console)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_TARGET = re.compile(r"^([a-zA-Z-]+):", re.MULTILINE)


def documents() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "*.md"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    return listed.stdout.split()


def anchor(heading: str) -> str:
    kept = re.sub(r"[^\w\- ]", "", heading.lower())
    return kept.strip().replace(" ", "-")


@pytest.mark.parametrize("document", documents())
def test_every_link_leads_somewhere(document: str) -> None:
    path = ROOT / document

    broken = []
    for link in _LINK.findall(path.read_text()):
        if link.startswith(("http:", "https:", "mailto:")):
            continue
        target, _, fragment = link.partition("#")
        found = (path.parent / target).resolve() if target else path
        if not found.exists() or (
            fragment
            and fragment not in map(anchor, _HEADING.findall(found.read_text()))
        ):
            broken.append(link)

    assert broken == []


def commands(document: str) -> Iterator[list[str]]:
    """Walk every command of the document's shell blocks, as words."""
    for block in _BLOCK.findall((ROOT / document).read_text()):
        for line in block.replace("\\\n", " ").splitlines():
            with contextlib.suppress(ValueError):  # a word of a longer script
                words = shlex.split(line, comments=True)
                yield from _split(words)


def _split(words: list[str]) -> Iterator[list[str]]:
    one: list[str] = []
    for word in words:
        if word in ("&&", "||", "|", ";"):
            yield one
            one = []
        elif not one and re.match(r"[A-Z_]+=", word):
            continue  # a setting before the command
        else:
            one.append(word)
    if one:
        yield one


@pytest.mark.parametrize("document", documents())
def test_every_command_is_one_that_exists(document: str) -> None:
    targets = set(_TARGET.findall((ROOT / "Makefile").read_text()))

    unknown = [
        shlex.join(words)
        for words in commands(document)
        if words and not _exists(words, targets)
    ]

    assert unknown == []


def _exists(words: list[str], targets: set[str]) -> bool:
    match words:
        case ["incident-tray", *arguments]:
            return _parses(arguments)
        case ["make", *asked]:
            return all(word in targets for word in asked if "=" not in word)
        case ["python" | "python3" | ".venv/bin/python", "-m", module, *_]:
            return importlib.util.find_spec(module) is not None
        case _:
            return True


def _parses(arguments: list[str]) -> bool:
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            parser().parse_args(arguments)
    except SystemExit as ended:
        return ended.code in (0, None)
    return True

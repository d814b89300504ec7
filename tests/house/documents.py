"""The documents of the repository, taken apart for the tests that hold them."""

import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_FENCE = re.compile(
    r"^ *```(?P<kind>[^\n]*)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL
)
_CODE = re.compile(r"`([^`]+)`")
_SETTING = re.compile(r"[A-Z_]+=")
_OPENING = re.compile(r"^\w+\(\) \{ |[A-Z]+=\$\(", re.MULTILINE)
"""What stands before a command: of a function, or of a value."""
OURS = ("incident-tray", "make", "python", "pipx", "uv tool")
"""How a command begins that a test can check within a sentence."""


@dataclass(frozen=True, slots=True)
class Fence:
    """One block of a document between fences."""

    kind: str
    text: str


def documents() -> list[str]:
    """Name every document, from the top of the tree."""
    return tracked("*.md")


def tracked(pattern: str) -> list[str]:
    """Name every file of the repository that *pattern* fits."""
    listed = subprocess.run(
        ["git", "ls-files", pattern],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    return [name for name in listed.stdout.split() if (ROOT / name).exists()]


def text_of(document: str) -> str:
    """Read a document."""
    return (ROOT / document).read_text(encoding="utf-8")


def fences(document: str) -> list[Fence]:
    """Return the blocks of a document."""
    return [
        Fence(match["kind"].strip(), match["text"])
        for match in _FENCE.finditer(text_of(document))
    ]


def prose(document: str) -> str:
    """Return a document without its blocks."""
    return _FENCE.sub("", text_of(document))


def commands(document: str) -> Iterator[list[str]]:
    """
    Walk every command of a document, as words: in shell blocks and in sentences.

    Raises:
        ValueError: If a line of a block cannot be split into words.
    """
    for fence in fences(document):
        if fence.kind.startswith("sh"):
            text = _OPENING.sub("", fence.text.replace("\\\n", " "))
            for line in text.splitlines():
                yield from _split(shlex.split(line, comments=True))
    for code in _CODE.findall(prose(document)):
        words = re.sub(r"\s+", " ", code).replace("\\|", "|")
        if f"{words} ".startswith(tuple(f"{program} " for program in OURS)):
            yield from _split(shlex.split(words))


def _split(words: list[str]) -> Iterator[list[str]]:
    command: list[str] = []
    for word in words:
        if word in ("&&", "||", "|", ";", "}"):
            yield command
            command = []
        elif not command and _SETTING.match(word):
            continue  # a setting before the command
        else:
            command.append(word if "(" in word else word.rstrip(";)"))
    yield command


def rows(text: str) -> Iterator[Sequence[str]]:
    """Walk the rows of a text's tables, as cells."""
    for line in re.findall(r"^\|(.+)\|$", text, re.MULTILINE):
        yield [cell.strip() for cell in line.split("|")]


def measured() -> Mapping[str, Sequence[str]]:
    """Return the rows of the performance page by their number, without it."""
    table = rows(text_of("docs/performance.md"))
    return {first: rest for first, *rest in table if re.fullmatch(r"P\d+\w?", first)}

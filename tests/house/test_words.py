"""One word for one thing: what is not said here, and what is said instead."""

import re
from collections.abc import Iterator, Mapping

import pytest

from tests.house.documents import ROOT, prose, tracked

WORDS: Mapping[str, str] = {
    r"companions?": "tray: the program on the desktop",
    r"trays? that polls?|idle polls?": "look: what a tray does along its feeds",
    r"toasts?|pop-?ups?|bubbles?": "notification",
    r"tickets?": "incident",
    r"(?<!\.)priorit(?:y|ies)": "severity",
    r"(?:event|change) (?:stream|log)s?": "feed",
    r"checkpoints?|(?:feed|read) offsets?": "cursor: a reader's position",
    r"responders?|(?:incident|alert) owners?": "assignee",
    r"acked|un-?acked": "acknowledged",
    r"full (?:re)?syncs?|re-sync\w*|resynchroni\w+": "resync: to begin anew",
    r"high-?water|last synced": "watermark: as of when the feeds are",
    r"cron|cronjobs?": "schedule",
    r"settings? screen|preferences|configuration file": "settings, settings file",
}
"""What is not said, and what is said instead."""
QUOTED = re.compile(r"(?<!\*)\*([A-Z][^*\n]+)\*(?!\*)")
"""What a document says that the tray says, in italics."""
SAID = ("tray_app", "lambda_fn", "incidents")
OTHERS = ("*.md", "template.yaml", "infra/*.yaml", "samconfig.toml", "Makefile")


def texts() -> Iterator[tuple[str, str]]:
    """Walk everything that a person may read, by its name."""
    for pattern in (*(f"{folder}/*.py" for folder in SAID), *OTHERS):
        for name in tracked(pattern):
            text = prose(name) if name.endswith(".md") else (ROOT / name).read_text()
            yield name, text


@pytest.mark.parametrize("word", WORDS)
def test_a_thing_has_one_word(word: str) -> None:
    pattern = re.compile(rf"\b(?:{word})\b", re.IGNORECASE)

    found = [
        f"{name}: {match[0]!r}; say {WORDS[word]}"
        for name, text in texts()
        for match in pattern.finditer(text)
    ]

    assert found == []


@pytest.mark.parametrize("document", ["docs/user-guide.md", "infra/README.md"])
def test_what_is_quoted_of_the_tray_is_what_it_says(document: str) -> None:
    source = "".join((ROOT / name).read_text() for name in tracked("tray_app/*.py"))
    quoted = [
        re.split(r"\d", part)[0]
        for text in QUOTED.findall(prose(document))
        for part in text.split(" \u203a ")
    ]

    assert quoted
    assert [one for one in quoted if one not in source] == []

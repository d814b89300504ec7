"""What the documents say is there: links, pictures, pages, blocks of a known kind."""

import re
import tomllib

import pytest

from tests.house.documents import ROOT, documents, fences, prose, text_of, tracked

_LINK = re.compile(r"\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)$", re.MULTILINE)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_QUOTED = re.compile(r"(?<!\*)\*([A-Z][^*\n]+)\*(?!\*)")
"""What a document says that the tray says, in italics."""
KINDS = {"sh", "sh by-hand", "toml", "text"}
"""`text` is a drawing; what can be run says so, and is checked."""


DECISIONS = tracked("docs/adr/0*.md")


def anchor(heading: str) -> str:
    kept = re.sub(r"[^\w\- ]", "", heading.lower())
    return kept.strip().replace(" ", "-")


def links(document: str) -> list[str]:
    """Return where the links of a document lead, without those to the web."""
    targets = [inline or named for inline, named in _LINK.findall(prose(document))]
    return [
        target
        for target in targets
        if not target.startswith(("http:", "https:", "mailto:"))
    ]


@pytest.mark.parametrize("document", documents())
def test_every_link_leads_somewhere(document: str) -> None:
    path = ROOT / document

    broken = []
    for link in links(document):
        target, _, fragment = link.partition("#")
        page = (path.parent / target).resolve() if target else path
        if not page.exists() or (
            fragment and fragment not in map(anchor, _HEADING.findall(page.read_text()))
        ):
            broken.append(link)

    assert broken == []


@pytest.mark.parametrize("document", documents())
def test_every_block_says_what_it_is(document: str) -> None:
    marks = re.findall(r"^ *```", text_of(document), re.MULTILINE)

    assert len(marks) == 2 * len(fences(document))
    assert {fence.kind for fence in fences(document)} <= KINDS
    for fence in fences(document):
        if fence.kind == "toml":
            tomllib.loads(fence.text)


def test_every_picture_is_shown_somewhere() -> None:
    shown = {
        (ROOT / document).parent.joinpath(link).resolve()
        for document in documents()
        for link in links(document)
    }

    pictures = tracked("docs/pictures/*")
    assert pictures
    assert [name for name in pictures if ROOT / name not in shown] == []


def test_every_page_is_in_an_index() -> None:
    index = {
        (ROOT / page).parent.joinpath(link.partition("#")[0]).resolve()
        for page in ("README.md", "docs/README.md", "docs/adr/README.md")
        for link in links(page)
    }

    lost = [
        page for page in documents() if page != "README.md" and ROOT / page not in index
    ]

    assert lost == []


def test_every_decision_is_indexed_by_its_title() -> None:
    index = text_of("docs/adr/README.md")
    titles = {name: text_of(name).splitlines()[0] for name in DECISIONS}

    for name, title in titles.items():
        number, _, text = title.removeprefix("# ").partition(" \N{MIDDLE DOT} ")
        assert f"| [{number}]({name.removeprefix('docs/adr/')}) | {text} |" in index


@pytest.mark.parametrize("document", ["docs/user-guide.md", "infra/README.md"])
def test_what_is_quoted_of_the_tray_is_in_its_source(document: str) -> None:
    source = "".join((ROOT / name).read_text() for name in tracked("tray_app/*.py"))
    quoted = [
        re.split(r"\d", part)[0]
        for text in _QUOTED.findall(prose(document))
        for part in text.split(" \u203a ")
    ]

    assert quoted
    assert [text for text in quoted if text not in source] == []


def test_what_a_comment_refers_to_is_there() -> None:
    sections = set(
        re.findall(r"^## (\d+)\.", text_of("docs/coralogix.md"), re.MULTILINE)
    )
    decisions = {name.split("/")[-1][:4] for name in DECISIONS}
    wrong = []
    for name in tracked("*.py") + tracked("*.yaml") + tracked("*.md"):
        text = text_of(name)
        wrong += [
            f"{name}: {match[0]}"
            for match in re.finditer(r"(\S+)\s+\u00a7(\d+)", text)
            if match[1].lstrip("(`") != "coralogix.md" or match[2] not in sections
        ]
        wrong += [
            f"{name}: {match[0]}"
            for match in re.finditer(r"\bADR (\d{4})", text)
            if match[1] not in decisions
        ]

    assert wrong == []

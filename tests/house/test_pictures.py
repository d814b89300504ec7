"""Every picture of the documentation is shown by a document."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def tracked(pattern: str) -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", pattern],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    return listed.stdout.split()


def test_no_picture_is_left_that_no_document_shows() -> None:
    text = "".join((ROOT / name).read_text() for name in tracked("*.md"))
    pictures = [Path(name).name for name in tracked("docs/pictures/*")]

    assert pictures
    assert [name for name in pictures if f"pictures/{name})" not in text] == []

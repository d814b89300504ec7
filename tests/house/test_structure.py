"""The check of the structure sees each thing that it is there to see."""

from pathlib import Path

import pytest

from tests.house.structure import sources, violations

GOOD = '''"""Say something of it."""


def double(x):
    """Double *x*."""
    return x
'''
LONG = "\n".join(["def long():", '    """Do much."""', *["    x = 1"] * 61, ""])


def broken(tree: Path, files: dict[str, str]) -> list[str]:
    """Write a package of good files with *files* in it; return what is wrong."""
    good = {f"incidents/good_{number}.py": GOOD for number in range(5)}
    for name, text in {**good, **files}.items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return list(violations(sources(tree)))


def test_a_good_tree_breaks_no_limit(tmp_path: Path) -> None:
    assert broken(tmp_path, {}) == []


@pytest.mark.parametrize(
    ("files", "line"),
    [
        (
            {
                f"simulator/room_{n}/__init__.py": '"""What is in here."""'
                for n in range(6)
            },
            "simulator: 6 rooms, not 5",
        ),
        (
            {f"infra/tools/file_{number}.py": GOOD for number in range(17)},
            "infra/tools: 17 files, not 16",
        ),
        (
            {"infra/long.py": GOOD + "# more\n" * 395},
            "infra/long.py: 401 lines, not 400",
        ),
        (
            {f"infra/file_{n}.py": GOOD + "# more\n" * 125 for n in range(6)},
            "median file: 131 lines, not 130",
        ),
        (
            {"infra/long.py": f'"""Text."""\n{LONG}'},
            "infra/long.py:long: 63 lines, not 60",
        ),
        (
            {
                "infra/a.py": '"""Text."""\nclass Row:\n    """A row."""\n',
                "lambda_fn/b.py": '"""Text."""\nclass Row:\n    """A row."""\n',
            },
            "class Row: in infra/a.py and lambda_fn/b.py",
        ),
        (
            {"simulator/__init__.py": '"""."""\n'},
            "simulator/__init__.py: does not say what lives there",
        ),
        (
            {"infra/bare.py": '"""Text."""\ndef bare():\n    return 1\n'},
            "91.7% of public names are documented, not 94%",
        ),
    ],
)
def test_what_breaks_a_limit_is_named(
    tmp_path: Path, files: dict[str, str], line: str
) -> None:
    assert line in broken(tmp_path, files)

"""Figures in the documents: the same on every page, and those of the code."""

import re

import pytest

from tests.house.documents import ROOT, measured, rows, text_of
from tests.mutants.catalogue import MUTANTS
from tray_app.operating.cost import READ_UNIT, WRITE_UNIT

A_MONTH = 30 * 24 * 3600
SHOWN = {"API calls per sync": "P1", "write units of a minute": "P2a"}
SHOWN |= {"a month of syncs": "P4a"}
"""The rows of the README, by the measure that each shows."""


def number(text: str) -> float:
    return float(re.sub(r"[^\d.]", "", text))


@pytest.mark.parametrize("begins", SHOWN)
def test_the_figures_of_the_readme_are_those_of_the_performance_page(
    begins: str,
) -> None:
    (row,) = (row for row in rows(text_of("README.md")) if row[0].startswith(begins))
    _what, ours, naive, ratio, *_ = measured()[SHOWN[begins]]

    decimals = len(row[1].partition(".")[2])
    assert number(row[1]) == round(number(ours), decimals)
    assert (number(row[2]), number(row[3])) == (number(naive), number(ratio))


@pytest.mark.parametrize("name", sorted(measured()))
def test_a_ratio_on_the_performance_page_is_that_of_its_figures(name: str) -> None:
    _what, ours, naive, ratio, floor, distance, _goal, met = measured()[name]

    assert met == "yes"
    for above, below, stated in ((naive, ours, ratio), (ours, floor, distance)):
        if stated != "-":
            by = number(above) / number(below)
            assert number(stated) == pytest.approx(by, rel=0.01)


def test_the_table_of_mutants_is_that_of_the_catalogue() -> None:
    page = text_of("docs/guarantees.md")
    section = page.partition("| broken on purpose |")[2].partition("\n\n")[0]
    named = [row[0] for row in rows(section) if row[0] not in ("", "---")]

    assert named == [mutant.name for mutant in MUTANTS]


def test_a_test_that_a_guarantee_names_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", text_of("docs/guarantees.md")))
    written = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"def (test_\w+)", path.read_text())
    }

    assert named
    assert sorted(named - written) == []


@pytest.mark.parametrize(
    ("name", "price"), [("MaxReadUnits", READ_UNIT), ("MaxWriteUnits", WRITE_UNIT)]
)
def test_what_a_cap_of_the_table_costs_is_stated_correctly(
    name: str, price: float
) -> None:
    """That the default is the template's is held by the test of the runbook."""
    (row,) = (row for row in rows(text_of("infra/README.md")) if row[0] == f"`{name}`")
    _name, default, what = row

    assert f"costs {number(default) * A_MONTH * price:,.0f} USD" in what

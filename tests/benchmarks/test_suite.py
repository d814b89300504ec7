"""The counted measures hold in every run; what is timed is left to `make bench`."""

import json

import pytest

from benchmarks.__main__ import COUNTED, SUITE, main
from benchmarks.growth import exponent
from benchmarks.measure import Measure, table
from tests.house.documents import measured

ON_THE_PAGE = measured()
EXACT = {"P1", "P2a", "P2b"}
"""Counts that no seed changes."""


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in COUNTED if name != "P9"])
def test_every_goal_that_is_counted_is_met(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    # P9 builds the package: the test of the cold start holds it.
    code = main(["--only", name, "--json", "--seed", "7"])

    output = json.loads(capsys.readouterr().out)
    assert output["seed"] == 7
    missed = [row for row in output["measures"] if not row["met"]]
    assert (code, missed) == (0, [])
    for row in output["measures"]:
        _what, ours, *_, goal, _met = ON_THE_PAGE[row["id"]]
        assert goal == row["goal"]
        if row["id"] in EXACT:
            assert float(ours.replace(",", "")) == row["ours"]


def test_a_missed_goal_is_told_by_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    missed = Measure(id="P1", what="x", unit="s", ours=2, goal="<= 1", met=False)
    monkeypatch.setitem(SUITE, "P1", lambda _seed: [missed])

    assert main(["--only", "P1"]) == 1
    assert "NO" in capsys.readouterr().out


def test_a_measure_that_does_not_exist_is_a_mistake_of_usage() -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--only", "P99"])


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_the_exponent_of_a_power_is_found(power: float) -> None:
    sizes = (10, 20, 40, 80)

    assert exponent(sizes, [3 * size**power for size in sizes]) == pytest.approx(power)


def test_a_ratio_says_how_many_times_the_naive_way_needs() -> None:
    measure = Measure(
        id="P1", what="calls", unit="n", ours=2, naive=10, floor=1, goal="", met=True
    )

    assert (measure.ratio, measure.distance) == (5, 2)
    assert table([measure]).splitlines()[1].startswith("P1")

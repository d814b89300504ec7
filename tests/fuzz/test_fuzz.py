"""A few hundred inputs of each fuzzer; `make fuzz` tries them for minutes."""

from random import Random

import pytest

from tests.fuzz.attempts import attempt
from tests.fuzz.targets import TARGETS

INPUTS = {"commands": 25}
ONE_SIDED = {"commands", "packed"}
"""Where so few inputs may all be refused."""


@pytest.mark.parametrize("name", TARGETS)
def test_only_documented_errors_come_out(name: str) -> None:
    accepted = [
        TARGETS[name](Random(f"{name}:{n}")) for n in range(INPUTS.get(name, 300))
    ]

    assert len(set(accepted)) == 2 or name in ONE_SIDED


def test_a_fault_is_told_with_what_brings_it_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(chance: Random) -> bool:
        raise ZeroDivisionError(chance.random())

    monkeypatch.setitem(TARGETS, "rows", broken)

    found = attempt("rows", seed=7, seconds=1)

    assert "rows:7:0" in found.line()
    assert "ZeroDivisionError" in found.line()

"""One target, tried again and again."""

import time
import traceback
from dataclasses import dataclass
from random import Random

from tests.fuzz.targets import TARGETS


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of one target."""

    name: str
    accepted: int
    refused: int
    fault: str = ""
    """The seed of the input and the traceback; empty if there was none."""

    def line(self) -> str:
        """Say it in a line, or in more if something was found."""
        total = self.accepted + self.refused
        line = f"{self.name}: {total} inputs, {self.accepted} accepted"
        return (
            f"{line}, 0 faults" if not self.fault else f"{line}, 1 FAULT\n{self.fault}"
        )


def attempt(name: str, seed: int, seconds: float) -> Tried:
    """Try the target *name* until *seconds* have passed, or it is at fault."""
    accepted = refused = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        here = f"{name}:{seed}:{accepted + refused}"
        try:
            good = TARGETS[name](Random(here))
        except Exception:  # noqa: BLE001  # any exception is what is looked for
            fault = f"{here}\n{traceback.format_exc()}"
            return Tried(name=name, accepted=accepted, refused=refused, fault=fault)
        accepted, refused = accepted + good, refused + (not good)
    return Tried(name=name, accepted=accepted, refused=refused)

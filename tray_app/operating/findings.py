"""A finding: what one check of a tray or of a deployment came to."""

from dataclasses import dataclass
from enum import StrEnum


class CheckState(StrEnum):
    """How a check came out."""

    GOOD = "ok"
    BAD = "wrong"
    UNSURE = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The outcome of one check."""

    what: str
    """The name of what was checked, for example `table`."""
    state: CheckState
    text: str
    step: str = ""
    """What to do next; empty where nothing is to be done or `text` says it."""


def good(what: str, text: str) -> Finding:
    """Return that *what* is as it should be."""
    return Finding(what=what, state=CheckState.GOOD, text=text)


def bad(what: str, text: str, step: str = "") -> Finding:
    """Return that *what* is wrong, and the *step* that corrects it."""
    return Finding(what=what, state=CheckState.BAD, text=text, step=step)


def unsure(what: str, text: str, step: str = "") -> Finding:
    """Return that *what* could not be checked, and the *step* that would allow it."""
    return Finding(what=what, state=CheckState.UNSURE, text=text, step=step)

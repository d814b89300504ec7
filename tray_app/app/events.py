"""What the tray reacts to, beside time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from tray_app.actions.pending import Result
from tray_app.feed.poller import Polled, PollFailed
from tray_app.model.intents import Intent, Verb
from tray_app.model.state import State, Trouble, TroubleKind


@dataclass(frozen=True, slots=True)
class Acted:
    """What came of an action."""

    verb: Verb
    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """Something found elsewhere to be wrong, or, without a trouble, right again."""

    kind: TroubleKind
    trouble: Trouble | None = None

    def apply(self, state: State) -> State:
        """Return *state* with it, or without."""
        if self.trouble is None:
            return state.without_trouble(self.kind)
        return state.with_trouble(self.trouble)


@dataclass(frozen=True, slots=True)
class Changed:
    """Something else of the state is new: settings, the key."""

    apply: Callable[[State], State]


@dataclass(frozen=True, slots=True)
class Failed:
    """Something that a person asked for did not happen."""

    why: str


@dataclass(frozen=True, slots=True)
class Redraw:
    """There is a tray that has not been shown anything."""


Event: TypeAlias = (
    Polled | PollFailed | Acted | Found | Changed | Failed | Redraw | Intent
)

"""What the tray reacts to, beside time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from tray_app.actions.pending import Result
from tray_app.feed.poller import Polled, PollFailed
from tray_app.model.intents import Intent, Verb
from tray_app.model.state import Problem, ProblemKind, TrayState


@dataclass(frozen=True, slots=True)
class Acted:
    """What came of an action."""

    verb: Verb
    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class ProblemReport:
    """Something found elsewhere to be wrong, or, without a trouble, right again."""

    kind: ProblemKind
    trouble: Problem | None = None

    def apply(self, state: TrayState) -> TrayState:
        """Return *state* with it, or without."""
        if self.trouble is None:
            return state.without_trouble(self.kind)
        return state.with_trouble(self.trouble)


@dataclass(frozen=True, slots=True)
class Changed:
    """Something else of the state is new: settings, the key."""

    apply: Callable[[TrayState], TrayState]


@dataclass(frozen=True, slots=True)
class Failed:
    """Something that a person asked for did not happen."""

    why: str


@dataclass(frozen=True, slots=True)
class Redraw:
    """There is a tray that has not been shown anything."""


Event: TypeAlias = (
    Polled | PollFailed | Acted | ProblemReport | Changed | Failed | Redraw | Intent
)

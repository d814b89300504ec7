"""The events that the tray handles; time is the only other input."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from tray_app.actions.pending import Result
from tray_app.feed.poller import Polled, PollFailed
from tray_app.model.intents import Intent, Verb
from tray_app.model.state import Problem, ProblemKind, TrayState


@dataclass(frozen=True, slots=True)
class Acted:
    """The results of an action, one for each incident."""

    verb: Verb
    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class ProblemReport:
    """A problem that began elsewhere or, without `problem`, has ended."""

    kind: ProblemKind
    problem: Problem | None = None

    def apply(self, state: TrayState) -> TrayState:
        """Return *state* with the problem, or without it."""
        if self.problem is None:
            return state.without_problem(self.kind)
        return state.with_problem(self.problem)


@dataclass(frozen=True, slots=True)
class Changed:
    """Another change of the state: new settings, or a key that was read."""

    apply: Callable[[TrayState], TrayState]


@dataclass(frozen=True, slots=True)
class Failed:
    """An effect that a person requested has failed."""

    why: str


@dataclass(frozen=True, slots=True)
class Redraw:
    """A tray has appeared and shows nothing yet."""


Event: TypeAlias = (
    Polled | PollFailed | Acted | ProblemReport | Changed | Failed | Redraw | Intent
)

"""A minute of scenes that shows every kind of notification."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from simulator.world.people import Person
from simulator.world.world import World

NAME = "payment-latency · checkout"


@dataclass(slots=True)
class SceneContext:
    """The world and the people of the scenes."""

    world: World
    me: Person
    """The owner of the tray."""
    colleague: Person
    acknowledge: Callable[[str], None]
    """Acknowledges through the API, with my own key."""
    ids: dict[str, str] = field(default_factory=dict)
    """The ids of the scenes' incidents, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A change in the world, *seconds* after the start."""

    seconds: float
    text: str
    play: Callable[[SceneContext], None]


def scenes(me: Person, colleague: Person) -> Sequence[Scene]:
    """Return the scenes of *me* and a *colleague*, in order of time."""
    you, other = me.name.split()[0], colleague.name.split()[0]
    return (
        Scene(seconds=2, text=f"an alert fires: {NAME}, and nobody has it", play=_fire),
        Scene(seconds=9, text=f"{other} assigns it to {you}", play=_hand_over),
        Scene(
            seconds=16,
            text=f"{other} has another one for {you}",
            play=_another,
        ),
        Scene(seconds=23, text="that one becomes critical", play=_worse),
        Scene(seconds=30, text=f"{you} acknowledges {NAME}", play=_acknowledge),
        Scene(seconds=37, text=f"{other} resolves the other one", play=_resolve),
        Scene(seconds=44, text=f"the alert behind {NAME} calms down", play=_calm),
        Scene(seconds=50, text="… and fires again", play=_again),
    )


def _fire(context: SceneContext) -> None:
    context.ids["first"] = context.world.open_incident(severity="critical", name=NAME)


def _hand_over(context: SceneContext) -> None:
    context.world.assign(context.ids["first"], context.me.id, by=context.colleague.id)


def _another(context: SceneContext) -> None:
    id_ = context.world.open_incident(
        severity="warning", name="invoices-queue-lag · orders"
    )
    context.world.assign(id_, context.me.id, by=context.colleague.id)
    context.ids["second"] = id_


def _worse(context: SceneContext) -> None:
    context.world.escalate(context.ids["second"], "critical")


def _acknowledge(context: SceneContext) -> None:
    context.acknowledge(context.ids["first"])


def _resolve(context: SceneContext) -> None:
    context.world.resolve(context.ids["second"], by=context.colleague.id)


def _calm(context: SceneContext) -> None:
    context.world.resolve(context.ids["first"])


def _again(context: SceneContext) -> None:
    context.world.retrigger(context.ids["first"])

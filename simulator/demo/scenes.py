"""A minute in the life of a team, so that whoever watches sees every kind of news."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from simulator.world.people import Person
from simulator.world.world import World

NAME = "payment-latency · checkout"


@dataclass(slots=True)
class Cast:
    """The world, and who plays in it."""

    world: World
    me: Person
    """Ownership tray it is."""
    colleague: Person
    acknowledge: Callable[[str], None]
    """Does it through the API, with my own key."""
    ids: dict[str, str] = field(default_factory=dict)
    """Of the incidents that play a part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Something that happens so many *seconds* after the curtain rises."""

    seconds: float
    text: str
    play: Callable[[Cast], None]


def scenes(me: Person, colleague: Person) -> Sequence[Scene]:
    """Write the minute for *me* and a *colleague*."""
    you, other = me.name.split()[0], colleague.name.split()[0]
    return (
        Scene(seconds=2, text=f"an alert fires: {NAME}, and nobody has it", play=_fire),
        Scene(seconds=9, text=f"{other} assigns it to {you}", play=_hand_over),
        Scene(seconds=16, text=f"{other} has another one for {you}", play=_another),
        Scene(seconds=23, text="that one becomes critical", play=_worse),
        Scene(seconds=30, text=f"{you} acknowledges {NAME}", play=_acknowledge),
        Scene(seconds=37, text=f"{other} resolves the other one", play=_resolve),
        Scene(seconds=44, text=f"the alert behind {NAME} calms down", play=_calm),
        Scene(seconds=50, text="… and fires again", play=_again),
    )


def _fire(stage: Cast) -> None:
    stage.ids["first"] = stage.world.open_incident(severity="critical", name=NAME)


def _hand_over(stage: Cast) -> None:
    stage.world.assign(stage.ids["first"], stage.me.id, by=stage.colleague.id)


def _another(stage: Cast) -> None:
    id_ = stage.world.open_incident(
        severity="warning", name="invoices-queue-lag · orders"
    )
    stage.world.assign(id_, stage.me.id, by=stage.colleague.id)
    stage.ids["second"] = id_


def _worse(stage: Cast) -> None:
    stage.world.escalate(stage.ids["second"], "critical")


def _acknowledge(stage: Cast) -> None:
    stage.acknowledge(stage.ids["first"])


def _resolve(stage: Cast) -> None:
    stage.world.resolve(stage.ids["second"], by=stage.colleague.id)


def _calm(stage: Cast) -> None:
    stage.world.resolve(stage.ids["first"])


def _again(stage: Cast) -> None:
    stage.world.retrigger(stage.ids["first"])

"""A set of ids from which one can be drawn at random, at once."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class OpenSet:
    """Ids in no order that means anything; draws stay the same for a seed."""

    ids: list[str] = field(default_factory=list)
    _places: dict[str, int] = field(default_factory=dict)

    def __contains__(self, id_: str) -> bool:
        """Whether *id_* is among them."""
        return id_ in self._places

    def add(self, id_: str) -> None:
        """Add *id_*."""
        if id_ not in self._places:
            self._places[id_] = len(self.ids)
            self.ids.append(id_)

    def remove(self, id_: str) -> None:
        """Remove *id_*; the last one takes its place."""
        place = self._places.pop(id_, None)
        if place is None:
            return
        last = self.ids.pop()
        if last != id_:
            self.ids[place] = last
            self._places[last] = place

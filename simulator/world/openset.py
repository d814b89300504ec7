"""A set of ids from which one can be drawn at random, at once."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class OpenSet:
    """Ids in no order that means anything; draws stay the same for a seed."""

    ids: list[str] = field(default_factory=list)
    _places: dict[str, int] = field(default_factory=dict)

    def add(self, id_: str) -> None:
        """Add *id_*, which is not among them."""
        self._places[id_] = len(self.ids)
        self.ids.append(id_)

    def remove(self, id_: str) -> None:
        """Remove *id_*; the last one takes its place. Raises KeyError."""
        place = self._places.pop(id_)
        last = self.ids.pop()
        if last != id_:
            self.ids[place] = last
            self._places[last] = place

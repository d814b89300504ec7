"""
The menu as com.canonical.dbusmenu defines it: a tree of entries with ids.

An entry keeps its id for as long as its intent is the same, and no id is used again. So
a label changes in an open menu without closing it, and a click on a menu drawn a moment
ago does what the person read, or nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import TypeAlias, assert_never

from tray_app.desktop.tray.redraw import LONGEST_LABEL
from tray_app.model.intents import Intent
from tray_app.model.view import Entry, Item, Menu, Separator, Submenu
from tray_app.present.safe_text import one_line

Value: TypeAlias = str | int | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuNode:
    """An entry with its id, its properties in the protocol, and its children."""

    id: int
    entry: Entry
    properties: dict[str, Value] = field(default_factory=dict)
    children: "tuple[MenuNode, ...]" = ()

    @property
    def intent(self) -> Intent | None:
        return self.entry.intent if isinstance(self.entry, Item) else None

    def walk(self) -> "Iterator[MenuNode]":
        """Yield this node and all below it, as they are read."""
        yield self
        for child in self.children:
            yield from child.walk()

    def shape(self) -> tuple[object, ...]:
        """Return the ids and their nesting; equal shapes need no new layout."""
        return (self.id, tuple(child.shape() for child in self.children))


@dataclass(slots=True)
class Numbering:
    """Gives every entry its id, and remembers the menu before."""

    root: MenuNode = field(default_factory=lambda: _root(()))
    _ids: Iterator[int] = field(default_factory=lambda: count(1))

    def number(self, menu: Menu) -> MenuNode:
        """Return *menu* with ids, those of the menu before where entries match."""
        self.root = _root(self._matched(menu.entries, self.root.children))
        return self.root

    def _matched(
        self, entries: Iterable[Entry], before: Iterable[MenuNode]
    ) -> tuple[MenuNode, ...]:
        unclaimed = list(before)
        nodes = []
        for entry in entries:
            old = next((node for node in unclaimed if _same(node.entry, entry)), None)
            if old is not None:
                unclaimed.remove(old)
            nodes.append(self._node(entry, old))
        return tuple(nodes)

    def _node(self, entry: Entry, old: MenuNode | None) -> MenuNode:
        below = entry.entries if isinstance(entry, Submenu) else ()
        return MenuNode(
            id=next(self._ids) if old is None else old.id,
            entry=entry,
            properties=properties(entry),
            children=self._matched(below, old.children if old else ()),
        )


def properties(entry: Entry) -> dict[str, Value]:
    """Return the properties of *entry*; the protocol's defaults are left out."""
    match entry:
        case Item(label=label, intent=intent, checked=checked):
            shown: dict[str, Value] = {"label": label_of(label)}
            if intent is None:
                shown["enabled"] = False
            if checked is not None:
                shown |= {"toggle-type": "checkmark", "toggle-state": int(checked)}
            return shown
        case Submenu(label=label):
            return {"label": label_of(label), "children-display": "submenu"}
        case Separator():
            return {"type": "separator"}
        case _:
            assert_never(entry)


def label_of(text: str) -> str:
    """Return *text* as a label: an underscore would underline the next letter."""
    return one_line(text, longest=LONGEST_LABEL).replace("_", "__")


def changed(old: MenuNode, new: MenuNode) -> list[tuple[MenuNode, list[str]]]:
    """Return the nodes with other properties, each with the names of those it lost."""
    before = {node.id: node.properties for node in old.walk()}
    return [
        (node, sorted(before[node.id].keys() - node.properties.keys()))
        for node in new.walk()
        if before.get(node.id, node.properties) != node.properties
    ]


def default_intent(menu: Menu) -> Intent | None:
    """Return the intent of a click on the icon itself."""
    return next(
        (
            item.intent
            for item in menu.entries
            if isinstance(item, Item) and item.default
        ),
        None,
    )


def _root(children: tuple[MenuNode, ...]) -> MenuNode:
    properties: dict[str, Value] = {"children-display": "submenu"}
    entry = Submenu(label="", entries=())
    return MenuNode(id=0, entry=entry, properties=properties, children=children)


def _same(old: Entry, new: Entry) -> bool:
    match old, new:
        case Item(), Item():
            return old.intent == new.intent
        case Submenu(), Submenu():
            before, after = set(_intents(old)), set(_intents(new))
            return bool(before & after) or not (before or after)
        case Separator(), Separator():
            return True
        case _:
            return False


def _intents(submenu: Submenu) -> Iterator[Intent]:
    for entry in submenu.entries:
        if isinstance(entry, Submenu):
            yield from _intents(entry)
        elif isinstance(entry, Item) and entry.intent is not None:
            yield entry.intent

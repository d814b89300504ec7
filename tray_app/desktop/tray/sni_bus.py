"""
The two objects that a tray item puts on the session bus.

Facts: freedesktop's StatusNotifierItem page and the comments of dbusmenu's own
`dbus-menu.xml`.
"""

from collections.abc import Callable, Iterable
from typing import Annotated, TypeAlias

from dbus_fast import DBusError, PropertyAccess, Variant
from dbus_fast.annotations import (
    DBusBool,
    DBusInt32,
    DBusObjectPath,
    DBusSignature,
    DBusStr,
    DBusUInt32,
    DBusVariant,
)
from dbus_fast.service import (
    ServiceInterface,
    dbus_method,
    dbus_property,
    dbus_signal,
)

from tray_app.desktop.tray.dbusmenu import MenuNode, Value
from tray_app.settings.paths import APP, TITLE

READ = PropertyAccess.READ
ITEM_PATH = "/StatusNotifierItem"
MENU_PATH = "/MenuBar"

Pixmap: TypeAlias = list[int | bytes]
"""Width, height, and ARGB32 in network byte order."""
Variants: TypeAlias = dict[str, Variant]

_Pixmaps = Annotated[list[Pixmap], DBusSignature("a(iiay)")]
_ToolTip = Annotated[list[object], DBusSignature("(sa(iiay)ss)")]
_Names = Annotated[list[str], DBusSignature("as")]
_Numbers = Annotated[list[int], DBusSignature("ai")]
_Layout = Annotated[list[object], DBusSignature("u(ia{sv}av)")]
_Group = Annotated[list[object], DBusSignature("a(ia{sv})")]
_Events = Annotated[list[tuple[int, str, Variant, int]], DBusSignature("a(isvu)")]
_TwoLists = Annotated[list[list[int]], DBusSignature("aiai")]
_Revised = Annotated[list[int], DBusSignature("ui")]
_Updates = Annotated[list[object], DBusSignature("a(ia{sv})a(ias)")]


class ItemObject(ServiceInterface):
    """`org.kde.StatusNotifierItem`: the icon."""

    def __init__(self, activated: Callable[[], None]) -> None:
        super().__init__("org.kde.StatusNotifierItem")
        self.activated = activated
        self.pixmaps: list[Pixmap] = []
        self.tooltip = ""
        """Markup, in the protocol's small subset of HTML."""

    @dbus_property(access=READ, name="Category")
    def category(self) -> DBusStr:
        return "ApplicationStatus"

    @dbus_property(access=READ, name="Id")
    def id(self) -> DBusStr:
        return APP

    @dbus_property(access=READ, name="Title")
    def title(self) -> DBusStr:
        return TITLE

    @dbus_property(access=READ, name="Status")
    def status(self) -> DBusStr:
        return "Active"

    @dbus_property(access=READ, name="WindowId")
    def window_id(self) -> DBusInt32:
        return 0

    @dbus_property(access=READ, name="IconName")
    def icon_name(self) -> DBusStr:
        return ""

    @dbus_property(access=READ, name="IconThemePath")
    def icon_theme_path(self) -> DBusStr:
        return ""

    @dbus_property(access=READ, name="IconPixmap")
    def icon_pixmap(self) -> _Pixmaps:
        return self.pixmaps

    @dbus_property(access=READ, name="ToolTip")
    def tool_tip(self) -> _ToolTip:
        return ["", [], TITLE, self.tooltip]

    @dbus_property(access=READ, name="ItemIsMenu")
    def item_is_menu(self) -> DBusBool:
        return False

    @dbus_property(access=READ, name="Menu")
    def menu(self) -> DBusObjectPath:
        return MENU_PATH

    @dbus_method(name="Activate")
    def activate(self, _x: DBusInt32, _y: DBusInt32) -> None:
        self.activated()

    @dbus_method(name="SecondaryActivate")
    def secondary_activate(self, _x: DBusInt32, _y: DBusInt32) -> None:
        """Ignore the middle click."""

    @dbus_method(name="ContextMenu")
    def context_menu(self, _x: DBusInt32, _y: DBusInt32) -> None:
        """Leave the menu to the panel, which draws it from `Menu`."""

    @dbus_method(name="Scroll")
    def scroll(self, _delta: DBusInt32, _orientation: DBusStr) -> None:
        """Ignore the wheel."""

    @dbus_signal(name="NewIcon")
    def new_icon(self) -> None:
        """Signal that the pixmaps have changed."""

    @dbus_signal(name="NewToolTip")
    def new_tool_tip(self) -> None:
        """Signal that the tooltip has changed."""


class MenuObject(ServiceInterface):
    """`com.canonical.dbusmenu`: the menu, read and clicked by the panel."""

    def __init__(self, root: MenuNode, clicked: Callable[[int], None]) -> None:
        super().__init__("com.canonical.dbusmenu")
        self.root = root
        self.revision = 1
        self.clicked = clicked

    @dbus_property(access=READ, name="Version")
    def version(self) -> DBusUInt32:
        return 3

    @dbus_property(access=READ, name="TextDirection")
    def text_direction(self) -> DBusStr:
        return "ltr"

    @dbus_property(access=READ, name="Status")
    def status(self) -> DBusStr:
        return "normal"

    @dbus_property(access=READ, name="IconThemePath")
    def icon_theme_path(self) -> _Names:
        return []

    @dbus_method(name="GetLayout")
    def get_layout(self, parent: DBusInt32, depth: DBusInt32, names: _Names) -> _Layout:
        return [self.revision, _layout(self._node(parent), depth, names)]

    @dbus_method(name="GetGroupProperties")
    def get_group_properties(self, ids: _Numbers, names: _Names) -> _Group:
        wanted = set(ids)
        return [
            [node.id, variants(node.properties, names)]
            for node in self.root.walk()
            if not wanted or node.id in wanted
        ]

    @dbus_method(name="GetProperty")
    def get_property(self, number: DBusInt32, name: DBusStr) -> DBusVariant:
        properties = variants(self._node(number).properties)
        if name not in properties:
            raise DBusError(
                "org.freedesktop.DBus.Error.InvalidArgs", "no such property"
            )
        return properties[name]

    @dbus_method(name="Event")
    def event(
        self, number: DBusInt32, event: DBusStr, _data: DBusVariant, _at: DBusUInt32
    ) -> None:
        if event == "clicked":
            self.clicked(number)

    @dbus_method(name="EventGroup")
    def event_group(self, events: _Events) -> _Numbers:
        for number, event, _data, _at in events:
            if event == "clicked":
                self.clicked(number)
        known = {node.id for node in self.root.walk()}
        return [number for number, *_ in events if number not in known]

    @dbus_method(name="AboutToShow")
    def about_to_show(self, _number: DBusInt32) -> DBusBool:
        return False  # it is always up to date

    @dbus_method(name="AboutToShowGroup")
    def about_to_show_group(self, _ids: _Numbers) -> _TwoLists:
        return [[], []]

    @dbus_signal(name="LayoutUpdated")
    def layout_updated(self) -> _Revised:
        self.revision += 1
        return [self.revision, 0]

    @dbus_signal(name="ItemsPropertiesUpdated")
    def properties_updated(
        self, nodes: Iterable[tuple[MenuNode, list[str]]]
    ) -> _Updates:
        nodes = list(nodes)
        updated = [[node.id, variants(node.properties)] for node, _lost in nodes]
        return [updated, [[node.id, lost] for node, lost in nodes if lost]]

    def _node(self, number: int) -> MenuNode:
        for node in self.root.walk():
            if node.id == number:
                return node
        raise DBusError("org.freedesktop.DBus.Error.InvalidArgs", "no such entry")


def variants(properties: dict[str, Value], names: Iterable[str] = ()) -> Variants:
    """Return *properties* as variants; only those in *names*, unless that is empty."""
    only = set(names)
    return {
        name: Variant(_signature(value), value)
        for name, value in properties.items()
        if not only or name in only
    }


def _layout(node: MenuNode, depth: int, names: list[str]) -> list[object]:
    """Describe *node* down to *depth* levels below it; -1 is all."""
    children = [
        Variant("(ia{sv}av)", _layout(child, depth - 1, names))
        for child in (node.children if depth else ())
    ]
    return [node.id, variants(node.properties, names), children]


def _signature(value: Value) -> str:
    match value:
        case bool():
            return "b"
        case int():
            return "i"
        case str():
            return "s"

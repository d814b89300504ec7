from hypothesis import given
from hypothesis import strategies as st

from incidents.models import IncidentId
from tray_app.desktop.tray.dbusmenu import MenuNode, Numbering, changed
from tray_app.model.intents import Act, Intent, OpenIncident, Quit, Verb
from tray_app.model.view import Entry, Item, Menu, Separator, Submenu

intents: st.SearchStrategy[Intent] = st.one_of(
    st.builds(OpenIncident, st.sampled_from([IncidentId(letter) for letter in "abcd"])),
    st.builds(
        lambda verb, letter: Act(verb, (IncidentId(letter),)),
        st.sampled_from(Verb),
        st.sampled_from("abcd"),
    ),
    st.just(Quit()),
)
items = st.builds(
    Item,
    label=st.text(max_size=3),
    intent=st.none() | intents,
    checked=st.none() | st.booleans(),
)
entries: st.SearchStrategy[Entry] = st.recursive(
    items | st.just(Separator()),
    lambda below: st.builds(
        Submenu,
        label=st.text(max_size=3),
        entries=st.lists(below, max_size=4).map(tuple),
    ),
    max_leaves=12,
)
menus = st.builds(Menu, st.lists(entries, max_size=6).map(tuple))


@given(st.lists(menus, min_size=1, max_size=4))
def test_an_id_never_comes_to_another_intent(history: list[Menu]) -> None:
    numbering = Numbering()
    meant: dict[int, Intent | None] = {}

    for menu in history:
        for node in numbering.number(menu).walk():
            assert meant.setdefault(node.id, node.intent) == node.intent


@given(menus)
def test_every_entry_has_an_id_of_its_own(menu: Menu) -> None:
    ids = [node.id for node in Numbering().number(menu).walk()]

    assert len(set(ids)) == len(ids)


@given(menus)
def test_the_same_menu_again_is_no_change(menu: Menu) -> None:
    numbering = Numbering()
    first = numbering.number(menu)
    second = numbering.number(menu)

    assert first.shape() == second.shape()
    assert changed(first, second) == []


@given(menus, menus)
def test_a_panel_that_follows_the_changes_ends_with_the_menu(
    old: Menu, new: Menu
) -> None:
    numbering = Numbering()
    before = numbering.number(old)
    after = numbering.number(new)
    if before.shape() != after.shape():
        return  # it reads the whole layout

    panel = {node.id: dict(node.properties) for node in before.walk()}
    for node, lost in changed(before, after):
        panel[node.id] |= node.properties
        for name in lost:
            del panel[node.id][name]

    assert panel == {node.id: node.properties for node in after.walk()}


def test_a_check_mark_that_is_gone_is_reported_as_lost() -> None:
    numbering = Numbering()
    before, after = (
        numbering.number(Menu((Item(label="x", intent=Quit(), checked=checked),)))
        for checked in (True, None)
    )

    ((_, lost),) = changed(before, after)

    assert lost == ["toggle-state", "toggle-type"]


def test_a_submenu_keeps_its_id_while_it_is_about_the_same_incident() -> None:
    def about(letter: str, label: str, *verbs: Verb) -> Submenu:
        rows = [
            Item(label=verb, intent=Act(verb, (IncidentId(letter),))) for verb in verbs
        ]
        opened = Item(label="Open", intent=OpenIncident(IncidentId(letter)))
        return Submenu(label=label, entries=(*rows, opened))

    numbering = Numbering()
    before = numbering.number(Menu((about("a", "disk · now", Verb.ACKNOWLEDGE),)))
    newer = about("b", "cpu · now", Verb.ACKNOWLEDGE)
    after = numbering.number(Menu((newer, about("a", "disk · 5 m", Verb.RESOLVE))))

    (disk,) = before.children
    cpu, still = after.children
    assert still.id == disk.id
    assert _open(still) == _open(disk)
    assert cpu.id not in {node.id for node in before.walk()}


def _open(node: MenuNode) -> int:
    return next(
        child.id for child in node.children if isinstance(child.intent, OpenIncident)
    )

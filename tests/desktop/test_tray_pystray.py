"""
pystray with its dummy backend and a main loop of this file.

The real backends are not tested; what makes them fail is guarded against.
"""

import queue
import sys
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from simulator.desktop.waiting import until
from tray_app.desktop.tray.choose import open_tray
from tray_app.desktop.tray.tray_pystray import PystrayTray, label_of, load
from tray_app.model.intents import Intent, OpenCoralogix, Quit, SyncNow
from tray_app.model.ports import DesktopError
from tray_app.model.view import Badge, Icon, Item, Menu, Separator, Submenu

CALM = Icon(badge=Badge.CALM, tooltip="calm")
MENU = Menu(
    (
        Item(label="1 open"),
        Submenu(
            label="Critical: R&D",
            entries=(Item(label="Sync", intent=SyncNow(), checked=False),),
        ),
        Separator(),
        Item(label="Open", intent=OpenCoralogix(), default=True),
        Item(label="Quit", intent=Quit()),
    )
)


@pytest.fixture(autouse=True)
def _dummy_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYSTRAY_BACKEND", "dummy")


class Loop:
    """What a backend adds to pystray's base: a main loop, and drawing, noted here."""

    failing = False
    drawn: list[tuple[str, str]]
    calls: queue.Queue[Callable[[], None] | None]

    def _run(self) -> None:
        self.drawn, self.calls = [], queue.Queue()
        if self.failing:
            raise RuntimeError("no such shell")
        self._mark_ready()  # type: ignore[attr-defined]  # pystray's
        while call := self.calls.get():
            call()

    def _stop(self) -> None:
        self.calls.put(None)


def _drawing(what: str) -> Callable[[Loop], None]:
    def draw(icon: Loop) -> None:
        icon.drawn.append((what, threading.current_thread().name))

    return draw


@pytest.fixture
def backend() -> Any:  # noqa: ANN401  # pystray is untyped
    """Return pystray with an icon that notes what is drawn, and on which thread."""
    pystray = load("base")  # where the dummy's class is defined
    parts = ("update_icon", "update_title", "update_menu", "show", "hide")
    drawing = {f"_{part}": _drawing(part) for part in parts}
    icon = type("Icon", (Loop, pystray.Icon), drawing)
    return SimpleNamespace(Icon=icon, Menu=pystray.Menu, MenuItem=pystray.MenuItem)


class Running:
    """A tray whose `run` has its own thread, called `main` as in a program."""

    def __init__(self, backend: Any, **options: Any) -> None:  # noqa: ANN401  # untyped
        self.intents: list[Intent] = []
        self.tray = PystrayTray(backend, self._draw, self.intents.append, **options)
        self.icon = self.tray._icon  # noqa: SLF001  # the desktop's side of it
        self._started = threading.Event()
        self.thread = threading.Thread(
            target=lambda: self.tray.run(self._started.set), name="main", daemon=True
        )
        self.thread.start()
        until(self._started.is_set)

    @staticmethod
    def _draw(icon: Icon, size: int) -> Image.Image:
        del icon
        return Image.new("RGBA", (size, size))

    def count(self, what: str) -> int:
        return sum(1 for drawn, _thread in self.icon.drawn if drawn == what)

    def item(self, text: str) -> Any:  # noqa: ANN401  # untyped
        return next(item for item in self.icon.menu if item.text == text)


@pytest.fixture
def running(backend: Any) -> Iterator[Running]:  # noqa: ANN401  # untyped
    running = Running(backend, redraw=60)
    yield running
    running.tray.stop()
    running.thread.join(5)
    assert not running.thread.is_alive()


def test_the_menu_is_shown_as_it_is(running: Running) -> None:
    running.tray.show(CALM, MENU)

    items = list(running.icon.menu)
    assert [(item.text, item.enabled, item.default) for item in items] == [
        ("1 open", False, False),
        ("Critical: R&D", True, False),
        ("- - - -", True, False),
        ("Open", True, True),
        ("Quit", True, False),
    ]
    (sync,) = items[1].submenu
    assert sync.checked is False


def test_a_click_dispatches_and_redraws_nothing_by_itself(running: Running) -> None:
    running.tray.show(CALM, MENU)
    before = running.count("update_menu")

    running.icon._handler(running.item("Open"))()  # noqa: SLF001  # a backend's call
    running.item("1 open")(running.icon)

    assert running.intents == [OpenCoralogix()]
    assert running.count("update_menu") == before


def test_only_what_differs_is_drawn(running: Running) -> None:
    running.tray.show(CALM, MENU)
    before = list(running.icon.drawn)

    for _ in range(50):
        running.tray.show(CALM, MENU)

    assert running.icon.drawn == before


def test_a_menu_that_no_click_requested_waits(
    backend: Any,  # noqa: ANN401  # untyped
) -> None:
    running = Running(backend, redraw=0.2)
    running.tray.show(CALM, MENU)
    until(lambda: running.item("Quit"))
    before = running.count("update_menu")

    for number in range(20):
        running.tray.show(CALM, Menu((Item(label=f"{number} open"),)))
    assert running.count("update_menu") == before

    until(lambda: [item.text for item in running.icon.menu] == ["19 open"])
    assert running.count("update_menu") == before + 1
    running.tray.stop()
    running.thread.join(5)


def test_a_menu_after_a_click_does_not_wait(running: Running) -> None:
    running.tray.show(CALM, MENU)
    running.item("Open")(running.icon)

    running.tray.show(CALM, Menu((Item(label="2 open"),)))

    assert [item.text for item in running.icon.menu] == ["2 open"]


def test_an_empty_menu_is_never_handed_over(running: Running) -> None:
    running.tray.show(CALM, Menu(()))

    assert [item.text for item in running.icon.menu] == ["Starting…"]


def test_a_tooltip_fits_what_windows_takes(running: Running) -> None:
    running.tray.show(Icon(badge=Badge.CALM, tooltip="\N{FIRE}" * 100), MENU)

    assert len(running.icon.title.encode("utf-16-le")) // 2 <= 127
    assert running.icon.title.endswith("\N{FIRE}…")


def test_an_ampersand_is_doubled_on_windows_alone() -> None:
    assert label_of("R&D\ta_b", "win32") == "R&&D a_b"
    assert label_of("R&D\ta_b", "linux") == "R&D a_b"


def test_the_tray_is_touched_on_the_thread_that_may(
    backend: Any,  # noqa: ANN401  # untyped
) -> None:
    calls: list[Callable[[], None]] = []
    started = threading.Event()
    tray = PystrayTray(backend, Running._draw, print, ui=calls.append)  # noqa: SLF001
    icon = tray._icon  # noqa: SLF001
    thread = threading.Thread(target=lambda: tray.run(started.set), daemon=True)
    thread.start()

    until(lambda: calls)
    tray.show(CALM, MENU)
    assert not started.is_set()
    icon.calls.put(calls.pop(0))  # the main loop comes to it
    until(started.is_set)
    tray.show(Icon(badge=Badge.STALE), MENU)
    before = list(icon.drawn)
    for call in calls:
        icon.calls.put(call)
    until(lambda: len(icon.drawn) > len(before))

    touched = {name for what, name in icon.drawn if what != "update_menu"}
    assert touched == {thread.name}
    calls.clear()
    tray.stop()
    icon.calls.put(calls.pop())
    thread.join(5)
    assert not thread.is_alive()


def test_a_backend_that_fails_leaves_no_thread_behind(
    backend: Any,  # noqa: ANN401  # untyped
) -> None:
    backend.Icon.failing = True
    before = set(threading.enumerate())
    tray = PystrayTray(backend, Running._draw, print)  # noqa: SLF001

    with pytest.raises(DesktopError, match="no tray to be had here"):
        tray.run(lambda: None)

    until(lambda: set(threading.enumerate()) <= before)


def test_a_tray_stopped_before_it_runs_ends_at_once(
    backend: Any,  # noqa: ANN401  # untyped
) -> None:
    tray = PystrayTray(backend, Running._draw, print)  # noqa: SLF001
    tray.stop()
    tray.run(lambda: None)
    tray.stop()


def test_a_backend_without_a_menu_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import pystray

    monkeypatch.setattr(pystray.Icon, "HAS_MENU", False)

    with pytest.raises(DesktopError, match="python3-gi"):
        load()


def test_another_backend_than_the_requested_one_is_refused() -> None:
    with pytest.raises(DesktopError, match="shows no menu"):
        load("appindicator")


def test_windows_gets_pystray_and_linux_without_pygobject_our_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "gi", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)

    linux = open_tray(Running._draw, print, platform="linux")  # noqa: SLF001
    windows = open_tray(Running._draw, print, platform="win32")  # noqa: SLF001

    assert type(linux).__name__ == "SniTray"
    assert type(windows) is PystrayTray

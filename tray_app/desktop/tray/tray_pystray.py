"""
The tray through pystray: Windows, macOS, and Linux where PyGObject is.

pystray gets a whole menu, from a single thread, and only when it differs: each redraw
closes an open menu and, on Linux, puts a new item on the bus.

Upstream is unmaintained; four of its private names are used, each with its reason
beside it: the backend's module, the set-up queue, `update_menu`, the GTK notifier.
"""

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias, assert_never

from tray_app.desktop.tray.redraw import LONGEST_LABEL, REDRAW, Draw, RedrawThrottle
from tray_app.model.intents import Intent
from tray_app.model.ports import DesktopError, Dispatch
from tray_app.model.view import Badge, Entry, Icon, Item, Menu, Separator, Submenu
from tray_app.present.safe_text import cut, one_line
from tray_app.settings.paths import APP

Ui: TypeAlias = Callable[[Callable[[], None]], None]
"""Calls a function on the thread that may touch the tray."""

SIZE = 64
"""Pixels a side; every backend scales it down well."""
LONGEST_TOOLTIP = 127
"""UTF-16 units; Windows refuses a longer tooltip."""
NO_MENU = (
    "This desktop's tray shows no menu: install python3-gi and "
    "gir1.2-ayatanaappindicator3-0.1, or use `incident-tray status`."
)
NO_TRAY = "There is no tray to be had here ({reason}); use `incident-tray watch`."


def load(backend: str | None = None) -> Any:  # noqa: ANN401  # pystray is untyped
    """
    Import pystray, which picks its backend, and may fail, on import.

    Raises:
        DesktopError: If there is no backend, it has no menu, or it is not *backend*.
    """
    try:
        import pystray
    except Exception as exc:  # without a display it raises Xlib's own classes
        raise DesktopError(NO_TRAY.format(reason=type(exc).__name__)) from exc
    # The module is the only place that names the backend that was chosen.
    picked = pystray.Icon.__module__.removeprefix("pystray._")
    if not pystray.Icon.HAS_MENU or picked != (backend or picked):
        raise DesktopError(NO_MENU)
    return pystray


class PystrayTray:
    """A tray icon drawn by pystray. Implements `Tray`."""

    problem: str | None = None
    """pystray cannot tell whether anybody sees its icon."""

    def __init__(
        self,
        pystray: Any,  # noqa: ANN401  # see load
        draw: Draw,
        dispatch: Dispatch,
        *,
        ui: Ui = lambda function: function(),
        redraw: float = REDRAW,
    ) -> None:
        self._pystray = pystray
        self._draw = draw
        self._dispatch = dispatch
        self._ui = ui
        self._throttle = RedrawThrottle(redraw)
        self._lock = threading.RLock()
        self._wanted = (Icon(badge=Badge.STARTING), Menu(()))
        self._shown_icon: Icon | None = None
        self._shown_menu = Menu(())
        self._items = self._rendered(self._shown_menu)
        self._icon = pystray.Icon(APP, menu=pystray.Menu(lambda: self._items))
        self._live = False
        self._stopped = False
        self._later: threading.Timer | None = None

    def run(self, started: Callable[[], None]) -> None:
        """
        Show the icon until `stop`; *started* is called once it can be seen.

        Raises:
            DesktopError: If pystray fails.
        """
        _without_its_own_notifier()
        _keep_interrupts()
        try:
            self._icon.run(lambda _icon: self._set_up(started))
        except Exception as exc:
            raise DesktopError(NO_TRAY.format(reason=type(exc).__name__)) from exc
        finally:
            self._stopped = True
            self._live = False
            if self._later is not None:
                self._later.cancel()
            # If `run` has failed, pystray's set-up thread still waits for this queue,
            # and the program cannot end before that thread.
            self._icon._Icon__queue.put(True)  # noqa: SLF001

    def show(self, icon: Icon, menu: Menu) -> None:
        """Show *icon* and *menu* as soon as allowed; only the newest are drawn."""
        self._wanted = (icon, menu)
        if self._live:
            self._ui(self._refresh)

    def stop(self) -> None:
        """End `run`."""
        self._stopped = True
        if self._live:
            self._ui(self._icon.stop)

    def _set_up(self, started: Callable[[], None]) -> None:
        """Show the icon for the first time; pystray calls this on its own thread."""
        if self._stopped:  # `run` has failed, or was stopped before it began
            self._icon.stop()
            return
        self._ui(lambda: self._appear(started))

    def _appear(self, started: Callable[[], None]) -> None:
        self._live = True
        self._refresh()
        self._icon.visible = True
        # pystray redraws after every click; `_refresh` redraws what has changed.
        self._icon.update_menu = lambda: None
        started()
        if self._stopped:
            self._icon.stop()

    def _refresh(self) -> None:
        with self._lock:
            icon, menu = self._wanted
            if icon != self._shown_icon:
                self._shown_icon = icon
                self._icon.icon = self._draw(icon, SIZE)
                self._icon.title = cut(one_line(icon.tooltip), LONGEST_TOOLTIP)
            if menu == self._shown_menu:
                return
            now = time.monotonic()
            wait = self._throttle.wait(now)
            if not wait:
                self._throttle.drawn(now)
                self._shown_menu = menu
                self._items = self._rendered(menu)
                type(self._icon).update_menu(self._icon)
            elif self._later is None:
                self._later = threading.Timer(wait, self._ui, (self._refresh_later,))
                self._later.daemon = True
                self._later.start()

    def _refresh_later(self) -> None:
        self._later = None
        if self._live:
            self._refresh()

    def _rendered(self, menu: Menu) -> tuple[Any, ...]:
        """Convert *menu* into pystray's items; pystray refuses an empty menu."""
        entries = menu.entries or (Item(label="Starting…"),)
        return tuple(render(self._pystray, entries, self._ask_for))

    def _ask_for(self, intent: Intent) -> None:
        self._throttle.requested = True
        self._dispatch(intent)


def render(
    pystray: Any,  # noqa: ANN401  # see load
    entries: Iterable[Entry],
    clicked: Dispatch,
) -> Iterator[Any]:
    """Convert *entries* into pystray's items; a click gives its intent to *clicked*."""
    for entry in entries:
        match entry:
            case Item(label=label, intent=intent, checked=checked, default=default):
                yield pystray.MenuItem(
                    label_of(label),
                    _click(intent, clicked),
                    checked=None if checked is None else _always(checked),
                    default=default,
                    enabled=intent is not None,
                )
            case Submenu(label=label, entries=below):
                items = render(pystray, below, clicked)
                yield pystray.MenuItem(label_of(label), pystray.Menu(*items))
            case Separator():
                yield pystray.Menu.SEPARATOR
            case _:
                assert_never(entry)


def label_of(text: str, platform: str = sys.platform) -> str:
    """Return *text* as a label; Windows would underline what follows an ampersand."""
    label = one_line(text, longest=LONGEST_LABEL)
    return label.replace("&", "&&") if platform == "win32" else label


def _click(intent: Intent | None, clicked: Dispatch) -> Callable[[Any, Any], None]:
    def click(_icon: object, _item: object) -> None:
        if intent is not None:
            clicked(intent)

    return click


def _always(value: bool) -> Callable[[Any], bool]:  # noqa: FBT001  # a constant
    return lambda _item: value


class _NoNotifier:
    """Stands in for pystray's notifier, which fails where there is no service."""

    def notify(self, *_sent: object) -> None:
        """Show nothing: notifications have an adapter of their own."""

    def hide(self) -> None:
        """Close nothing."""


def _without_its_own_notifier() -> None:
    """Replace the notifier of pystray's GTK backends, which ends `run` at its close."""
    gtk = sys.modules.get("pystray._util.gtk")
    if gtk is not None:
        gtk.notify_dbus.Notifier = _NoNotifier


def _keep_interrupts() -> None:
    """Put back the handler of Ctrl-C, which the GTK backends take away."""
    if "pystray._util.gtk" in sys.modules:
        from gi.repository import GLib

        handler = signal.getsignal(signal.SIGINT)
        GLib.idle_add(lambda: bool(signal.signal(signal.SIGINT, handler)) and False)

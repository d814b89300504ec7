"""Choose the tray for this desktop; every one has a menu."""

import importlib
import importlib.util
import sys
from collections.abc import Callable

from tray_app.desktop.tray.redraw import Draw
from tray_app.desktop.tray.tray_pystray import PystrayTray, Ui, load
from tray_app.model.ports import DesktopError, Dispatch, Tray


def open_tray(draw: Draw, dispatch: Dispatch, *, platform: str = sys.platform) -> Tray:
    """
    Return the tray for this desktop; it is shown by its `run`.

    Linux: pystray's appindicator where PyGObject and a display are, else our own over
    D-Bus, which needs neither. Windows and macOS: pystray.

    Raises:
        DesktopError: If no tray here has a menu.
    """
    if platform.startswith("linux"):
        return _linux_tray(draw, dispatch)
    ui = _main_thread() if platform == "darwin" else _here
    return PystrayTray(load(), draw, dispatch, ui=ui)


def _linux_tray(draw: Draw, dispatch: Dispatch) -> Tray:
    if importlib.util.find_spec("gi") is not None:
        try:
            return PystrayTray(load("appindicator"), draw, dispatch)
        except DesktopError:
            pass  # PyGObject without the indicator library, or without a display
    # dbus-fast is installed on Linux only.
    from tray_app.desktop.tray.tray_sni import SniTray

    return SniTray(draw, dispatch)


def _main_thread() -> Ui:
    """Return macOS's function that calls another on the main thread."""
    ui: Ui = importlib.import_module("PyObjCTools.AppHelper").callAfter
    return ui


def _here(function: Callable[[], None]) -> None:
    function()

"""A tray that runs in a thread of the test."""

import threading
from typing import Self

from PIL import Image

from simulator.desktop.waiting import until
from tray_app.desktop.tray.redraw import REDRAW
from tray_app.desktop.tray.tray_sni import SniTray
from tray_app.model.intents import Intent
from tray_app.model.view import Badge, Icon

COLOURS = {Badge.CALM: "#30b060", Badge.CRITICAL: "#d02020"}


class RunningTray:
    """The tray under test, and the intents that it dispatched."""

    def __init__(self, redraw: float = REDRAW) -> None:
        self.intents: list[Intent] = []
        self.drawn: list[tuple[Icon, int]] = []
        self.errors: list[BaseException] = []
        self.tray = SniTray(self._draw, self.intents.append, redraw=redraw)
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        try:
            self.tray.run(self._started.set)
        except BaseException as error:  # noqa: BLE001  # raised in the test's thread
            self.errors.append(error)

    def _draw(self, icon: Icon, size: int) -> Image.Image:
        self.drawn.append((icon, size))
        return Image.new("RGBA", (size, size), COLOURS.get(icon.badge, "#808080"))

    def __enter__(self) -> Self:
        self._thread.start()
        until(lambda: self._started.is_set() or self.errors)
        if self.errors:
            raise self.errors[0]
        return self

    def __exit__(self, *_raised: object) -> None:
        self.tray.stop()
        self._thread.join(5)
        assert not self._thread.is_alive()
        assert not self.errors

"""Print the demonstration's events for people."""

from collections.abc import Mapping
from datetime import datetime
from typing import TextIO

from tray_app.model.view import Notification, Urgency
from tray_app.present.safe_text import one_line

_WIDTH = 96
_INDENT = " " * 12
_DIM, _BOLD, _RED, _GREEN, _YELLOW = "2", "1", "1;31", "32", "33"
_SIGNS = {Urgency.CRITICAL: ("■", _RED), Urgency.NORMAL: ("▲", _YELLOW)}


def count_text(number: object, noun: str) -> str:
    """Return a count with its noun: `1 change`, `2 changes`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


class Transcript:
    """Prints lines to *out*, in colour if wanted."""

    def __init__(self, out: TextIO, *, colour: bool) -> None:
        self._out, self._colour = out, colour

    def title(self, text: str) -> None:
        """Print the title."""
        self._print(f"\n{self._in(_BOLD, text)}\n")

    def ready(self, what: str, detail: str) -> None:
        """Print that a part has started."""
        self._print(f"  {self._in(_GREEN, '✓')} {what:<26} {self._in(_DIM, detail)}")

    def note(self, text: str) -> None:
        """Print a remark."""
        self._print(f"\n  {text}\n")

    def story(self, at: datetime, text: str) -> None:
        """Print an event of the simulated Coralogix."""
        line = f"· {one_line(text, longest=_WIDTH)}"
        self._print(f"{self._clock(at)}  {self._in(_DIM, line)}")

    def notification(self, at: datetime, notification: Notification) -> None:
        """Print a notification of the tray."""
        sign, colour = _SIGNS.get(notification.urgency, ("●", _GREEN))
        # The texts are foreign: they must not control the terminal.
        head = one_line(notification.title, longest=_WIDTH)
        self._print(f"{self._clock(at)}  {self._in(colour, f'{sign} {head}')}")
        for line in notification.body.splitlines():
            self._print(f"{_INDENT}{one_line(line, longest=_WIDTH)}")
        if notification.buttons:
            buttons = "  ".join(f"[{button.label}]" for button in notification.buttons)
            self._print(f"{_INDENT}{self._in(_DIM, buttons)}")

    def sync(
        self, at: datetime, number: int, report: Mapping[str, object], tooltip: str
    ) -> None:
        """Print a sync's report and the *tooltip*; nothing if it changed nothing."""
        if not report["changes"] and not report["error"]:
            return
        did = (
            f"{count_text(report['changes'], 'change')} in"
            f" {count_text(report['feeds_changed'], 'feed')},"
            f" {count_text(report['api_calls'], 'request')}, {report['duration_ms']} ms"
        )
        text = " · ".join(filter(None, (f"sync {number}: {did}", tooltip)))
        if report["error"]:
            text = f"sync {number}: {report['error']}"
        self._print(f"{self._clock(at)}  {self._in(_DIM, one_line(text))}")

    def _clock(self, at: datetime) -> str:
        return self._in(_DIM, f"{at:%H:%M:%S}")

    def _in(self, colour: str, text: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self._colour else text

    def _print(self, text: str) -> None:
        print(text, file=self._out, flush=True)

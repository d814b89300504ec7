"""The pictures of what the rules lead to: relief, reminders, a summary."""

import time

from infra.pictures.studio import Studio
from simulator.desktop.loop_thread import LoopThread
from simulator.desktop.waiting import until

RULES = """
[rules]
notify = ["forgotten", "lowered", "muted", "opened", "raised", "reminder", "reopened",
    "resolved", "unmuted"]
notify_from = "low"
remind_after = ["1m"]
away_after = "1m"
burst = 60
burst_a_minute = 60
"""
"""Notify of everything, after the shortest waits that the settings allow."""
A_MINUTE = 61.0
"""Seconds after which a wait of a minute is over."""
SOON = 90.0


def take(studio: Studio, loop: LoopThread) -> None:
    """Take one picture after the other, each of an incident of its own."""
    product = studio.product
    file = product.home / "settings.toml"
    file.write_text(file.read_text() + RULES)
    product.sync()
    studio.serve_notifications()
    studio.restart_tray()
    studio.until_sent("Watching 0 open incidents")
    _relief(studio)
    _undo(studio, loop)
    _flapping(studio)
    _reminder(studio)
    _away(studio)


def _open(studio: Studio, name: str, severity: str = "critical") -> str:
    """Open an incident; return its id once the history says that it was shown."""
    id_ = studio.product.act("open", severity=severity, name=name, assignees=[])["id"]
    studio.product.sync()
    shown = f": {name}”  [shown]"
    until(
        lambda: shown in studio.product.run("tray_app", "history", "--told"), seconds=30
    )
    return str(id_)


def _relief(studio: Studio) -> None:
    """Lower, mute and un-mute incidents that are on the screen."""
    act, id_ = studio.product.act, _open(studio, "disk-almost-full")
    studio.picture_sync(
        "lowered",
        "Lowered to Warning: disk-almost-full",
        lambda: act("escalate", id=id_, severity="warning"),
    )
    other = _open(studio, "certificate-expires")
    studio.picture_sync(
        "muted", "Muted: certificate-expires", lambda: act("mute", id=other)
    )
    studio.picture_sync(
        "unmuted",
        "Un-muted: certificate-expires",
        lambda: act("mute", id=other, muted=False),
    )
    for resolved in (id_, other):
        act("resolve", id=resolved)
    studio.product.sync()


def _undo(studio: Studio, loop: LoopThread) -> None:
    """Resolve an incident in the menu; take the picture while that can be undone."""
    _open(studio, "kafka-consumer-lag")
    panel = studio.panel(loop)
    panel.row("kafka-consumer-lag")
    studio.picture(
        "held", "Resolving “kafka-consumer-lag”", lambda: panel.click("Resolve")
    )
    panel.close()
    studio.product.sync()


def _flapping(studio: Studio) -> None:
    """Open an incident for the third time within half an hour."""
    act, sync = studio.product.act, studio.product.sync
    id_ = _open(studio, "search-timeouts")
    for title in ("Open again: search-timeouts", "Flapping: search-timeouts"):
        act("resolve", id=id_)
        sync()
        studio.picture_sync("flapping", title, lambda: act("retrigger", id=id_))
    act("resolve", id=id_)
    sync()


def _reminder(studio: Studio) -> None:
    """Leave a critical incident unacknowledged."""
    studio.picture(
        "reminder",
        "Still open 1 min: payment-latency",
        lambda: _open(studio, "payment-latency"),
        SOON,
    )


def _away(studio: Studio) -> None:
    """Stop the tray while something happens."""
    product = studio.product
    assert product.tray is not None
    studio.programs.end(product.tray)
    since = time.monotonic()
    for name in ("checkout-errors", "certificate-expires"):
        id_ = product.act("open", severity="error", name=name, assignees=[])["id"]
        product.sync()
    product.act("resolve", id=id_)
    product.sync()
    until(lambda: time.monotonic() - since > A_MINUTE, seconds=SOON)
    product.sync()
    studio.picture("away", "While you were away", product.start_tray)

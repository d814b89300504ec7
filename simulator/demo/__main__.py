"""
`python -m simulator.demo`: the whole product at work, on this machine alone.

A simulated Coralogix, a DynamoDB API, the real Lambda handler on a short schedule,
and the real companion: on a desktop as the tray itself, elsewhere as printed lines.
"""

import argparse
import json
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Sequence

from incidents.errors import IncidentsError
from simulator.demo.audit import Audit, entries, tally
from simulator.demo.console import Transcript, counted
from simulator.demo.deployment import TEAM
from simulator.demo.headless_tray import RecordingNotifier
from simulator.demo.lambda_process import ALONE, FunctionError
from simulator.demo.runner import Counts, Show, Tempo, fast, live
from simulator.demo.scenes import Cast
from simulator.demo.setup import PEOPLE, Parts, now, running
from simulator.demo.tray_process import has_desktop, heads, tray
from tray_app.app.compose import feeds_of
from tray_app.settings.settings import parse

INTERVAL = 3
"""Seconds between two syncs; on AWS it is a minute."""
MINUTE, FOREVER = 60.0, 1e9
_RATE = 8.0
"""Changes a minute beside those of the scenes."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demonstration; 1 if anything was lost, told twice, or went wrong."""
    options = _options(arguments)
    _prepared()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    # The lines for people make way where a program reads.
    out = sys.stderr if options.json else sys.stdout
    plain = not out.isatty() or "NO_COLOR" in os.environ  # noqa: TID251  # a root
    try:
        return _run(options, Transcript(out, colour=not plain), ended)
    except (FunctionError, IncidentsError, RuntimeError, OSError) as error:
        print(f"The demonstration cannot go on: {error}", file=sys.stderr)
        return 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m simulator.demo",
        description="The whole product at work, on this machine alone.",
    )
    parser.add_argument(
        "--headless", action="store_true", help="print, though there is a desktop"
    )
    parser.add_argument(
        "--cycles", type=int, help="that many syncs as fast as they go, then end"
    )
    parser.add_argument(
        "--seconds", type=float, help="default: 60 when printing, else until Ctrl-C"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--json", action="store_true", help="a JSON object a line; with --cycles"
    )
    options = parser.parse_args(arguments)
    if options.json and options.cycles is None:
        parser.error("--json needs --cycles")
    if options.cycles is not None and options.cycles < 1:
        parser.error("--cycles must be 1 or more")
    if options.seconds is not None and not options.seconds > 0:
        parser.error("--seconds must be more than 0")
    return options


def _prepared() -> None:
    """Leave the person's own AWS account out of it."""
    environment = os.environ  # noqa: TID251  # a composition root
    for name in [name for name in environment if name.startswith("AWS_")]:
        del environment[name]
    environment.update(ALONE)


def _run(
    options: argparse.Namespace, screen: Transcript, ended: threading.Event
) -> int:
    fastly = options.cycles is not None
    screen.title("Coralogix incident tray: a demonstration on this machine alone")
    with running(
        seed=options.seed, rate=0.0 if fastly else _RATE, interval=INTERVAL
    ) as parts:
        _ready(screen, parts)
        if fastly:
            counts, found = _fast(parts, screen, options)
        else:
            counts, found = _live(parts, screen, options, ended)
    if options.json:
        print(json.dumps(_summary(counts, found)))
    screen.note(
        f"{counted(counts.syncs, 'sync')} · {counted(counts.changes, 'change')} in all"
        f" feeds · {counted(counts.notifications, 'notification')} ·"
        f" {found.lost} lost · {found.duplicates} told twice"
    )
    screen.note(
        "For your own account, see the README: `incident-tray setup` for one person,"
        " `sam deploy` for a team."
    )
    return 1 if found.lost or found.duplicates else 0


def _ready(screen: Transcript, parts: Parts) -> None:
    screen.ready("a simulated Coralogix", parts.source.base_url)
    screen.ready("a DynamoDB API", parts.cloud.endpoint)
    screen.ready(
        "the Lambda function", f"every {INTERVAL} s, one listing for {PEOPLE} people"
    )
    screen.ready(
        f"the tray of {parts.me.name}",
        f"follows USER#{parts.me.uid} and TEAM#{TEAM}",
    )


def _summary(counts: Counts, found: Audit) -> dict[str, object]:
    return {
        "type": "summary",
        "syncs": counts.syncs,
        "changes": counts.changes,
        "notifications": counts.notifications,
        "lost": found.lost,
        "duplicates": found.duplicates,
    }


def _fast(
    parts: Parts, screen: Transcript, options: argparse.Namespace
) -> tuple[Counts, Audit]:
    def printed(line: str) -> None:
        print(line, flush=True)

    desk = RecordingNotifier()
    if not options.json:
        desk.show_notification = lambda told: screen.notification(now(), told)
    show = Show(parts, desk, grouped=False)
    fast(show, parts, options.cycles, printed if options.json else lambda _: None)
    return show.counts, show.tally()


def _live(
    parts: Parts,
    screen: Transcript,
    options: argparse.Namespace,
    ended: threading.Event,
) -> tuple[Counts, Audit]:
    variables = os.environ  # noqa: TID251  # a composition root
    if not options.headless and has_desktop(variables, sys.platform):
        shown = _on_desktop(parts, screen, options.seconds or FOREVER, ended)
        if shown is not None:
            return shown
    else:
        screen.note("No desktop here, so what the tray would show is printed.")
    desk = RecordingNotifier(
        show_notification=lambda told: screen.notification(now(), told)
    )
    show = Show(parts, desk, grouped=True)
    seconds = options.seconds or MINUTE
    live(show, parts, screen, Tempo(interval=INTERVAL, seconds=seconds, ended=ended))
    return show.counts, show.tally()


def _on_desktop(
    parts: Parts, screen: Transcript, seconds: float, ended: threading.Event
) -> tuple[Counts, Audit] | None:
    """Play for the tray itself; None if it does not come up here."""
    store, function = parts.deployment.store, parts.deployment.function
    feeds = feeds_of(parse(parts.settings))
    counts = Counts()
    counts.took(function.invoke())
    counts.begun = heads(store, feeds)
    stage = Cast(
        world=parts.world,
        me=parts.me,
        colleague=parts.world.users[1],
        acknowledge=parts.acknowledge,
    )
    with tray(parts) as shown:
        if not shown.reached(counts.begun):
            screen.note(f"The tray does not come up here: {shown.why}")
            return None
        screen.note("Look at your tray. Ctrl-C ends the demonstration.")
        pace = Tempo(interval=INTERVAL, seconds=seconds, ended=ended)
        last = 0
        for _ in pace.syncs(stage, screen):
            for number, told in shown.told(last):
                last = number
                screen.notification(now(), told)
            if shown.ended:
                break
            report = function.invoke()
            counts.took(report)
            screen.sync(now(), counts.syncs, report, "")
        shown.reached(heads(store, feeds))
    kept = Counter(entry.state for entry in entries(parts.ledger).values())
    counts.notifications = kept["shown"]
    if kept["waiting"]:
        waiting = counted(kept["waiting"], "notification")
        screen.note(f"This desktop shows no notifications: {waiting} still to be told.")
    return counts, tally(store, counts.begun, parts.ledger)


if __name__ == "__main__":
    sys.exit(main())

"""
`python -m simulator.demo`: the whole product at work, on this machine alone.

A simulated Coralogix, a DynamoDB API, the real Lambda handler on a short schedule,
and the real tray: on a desktop if there is one, else as printed lines.
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
from simulator.demo.audit import Audit, compare, outcomes_by_key
from simulator.demo.console import Transcript, count_text
from simulator.demo.deployment import TEAM
from simulator.demo.headless_tray import RecordingNotifier
from simulator.demo.lambda_process import ISOLATED, FunctionError
from simulator.demo.runner import Counts, DemoRun, SyncTimer, live, run_fast
from simulator.demo.scenes import SceneContext
from simulator.demo.setup import PEOPLE, Parts, now, started
from simulator.demo.tray_process import has_desktop, heads, tray_process
from tray_app.app.compose import feeds_of
from tray_app.settings.settings import parse

INTERVAL = 3
"""Seconds between two syncs; on AWS it is a minute."""
MINUTE, FOREVER = 60.0, 1e9
_RATE = 8.0
"""Random changes a minute, in addition to the scenes."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demonstration; 1 if a change was lost or shown twice, or on an error."""
    options = _options(arguments)
    _isolate_from_aws()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    # With --json, stdout has only JSON; lines for people go to stderr.
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
        "--headless", action="store_true", help="print, even with a desktop"
    )
    parser.add_argument(
        "--cycles", type=int, help="run this many syncs without waiting, then end"
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


def _isolate_from_aws() -> None:
    """Remove the user's own AWS account from the environment."""
    environment = os.environ  # noqa: TID251  # a composition root
    for name in [name for name in environment if name.startswith("AWS_")]:
        del environment[name]
    environment.update(ISOLATED)


def _run(
    options: argparse.Namespace, screen: Transcript, ended: threading.Event
) -> int:
    is_fast = options.cycles is not None
    screen.title("Coralogix incident tray: a demonstration on this machine alone")
    with started(
        seed=options.seed, rate=0.0 if is_fast else _RATE, interval=INTERVAL
    ) as parts:
        _ready(screen, parts)
        if is_fast:
            counts, audit = _fast(parts, screen, options)
        else:
            counts, audit = _live(parts, screen, options, ended)
    if options.json:
        print(json.dumps(_summary(counts, audit)))
    screen.note(
        f"{count_text(counts.syncs, 'sync')} · {count_text(counts.changes, 'change')}"
        f" in all feeds · {count_text(counts.notifications, 'notification')} ·"
        f" {audit.lost} lost · {audit.duplicates} told twice"
    )
    screen.note(
        "For your own account, see the README: `incident-tray setup` for one person,"
        " `sam deploy` for a team."
    )
    return 1 if audit.lost or audit.duplicates else 0


def _ready(screen: Transcript, parts: Parts) -> None:
    screen.ready("a simulated Coralogix", parts.source.base_url)
    screen.ready("a DynamoDB API", parts.aws.endpoint)
    screen.ready(
        "the Lambda function", f"every {INTERVAL} s, one listing for {PEOPLE} people"
    )
    screen.ready(
        f"the tray of {parts.me.name}",
        f"follows USER#{parts.me.uid} and TEAM#{TEAM}",
    )


def _summary(counts: Counts, audit: Audit) -> dict[str, object]:
    return {
        "type": "summary",
        "syncs": counts.syncs,
        "changes": counts.changes,
        "notifications": counts.notifications,
        "lost": audit.lost,
        "duplicates": audit.duplicates,
    }


def _fast(
    parts: Parts, screen: Transcript, options: argparse.Namespace
) -> tuple[Counts, Audit]:
    def printed(line: str) -> None:
        print(line, flush=True)

    notifier = RecordingNotifier()
    if not options.json:
        notifier.show_notification = lambda shown: screen.notification(now(), shown)
    run = DemoRun(parts, notifier, grouped=False)
    run_fast(run, parts, options.cycles, printed if options.json else lambda _: None)
    return run.counts, run.audit()


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
    notifier = RecordingNotifier(
        show_notification=lambda shown: screen.notification(now(), shown)
    )
    run = DemoRun(parts, notifier, grouped=True)
    seconds = options.seconds or MINUTE
    live(run, parts, screen, SyncTimer(interval=INTERVAL, seconds=seconds, ended=ended))
    return run.counts, run.audit()


def _on_desktop(
    parts: Parts, screen: Transcript, seconds: float, ended: threading.Event
) -> tuple[Counts, Audit] | None:
    """Run with the tray on the desktop; None if it does not start."""
    store, function = parts.deployment.store, parts.deployment.function
    feeds = feeds_of(parse(parts.settings))
    counts = Counts()
    counts.add(function.invoke())
    counts.start_positions = heads(store, feeds)
    context = SceneContext(
        world=parts.world,
        me=parts.me,
        colleague=parts.world.users[1],
        acknowledge=parts.acknowledge,
    )
    with tray_process(parts) as process:
        if not process.wait_until_read(counts.start_positions):
            screen.note(f"The tray does not start here: {process.last_line}")
            return None
        screen.note("Look at your tray. Ctrl-C ends the demonstration.")
        timer = SyncTimer(interval=INTERVAL, seconds=seconds, ended=ended)
        last_number = 0
        for _ in timer.syncs(context, screen):
            for number, notification in process.notifications(last_number):
                last_number = number
                screen.notification(now(), notification)
            if process.ended:
                break
            report = function.invoke()
            counts.add(report)
            screen.sync(now(), counts.syncs, report, "")
        process.wait_until_read(heads(store, feeds))
    states = Counter(entry.state for entry in outcomes_by_key(parts.ledger).values())
    counts.notifications = states["shown"]
    if states["waiting"]:
        waiting = count_text(states["waiting"], "notification")
        screen.note(f"This desktop shows no notifications: {waiting} still to be told.")
    return counts, compare(store, counts.start_positions, parts.ledger)


if __name__ == "__main__":
    sys.exit(main())

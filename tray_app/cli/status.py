"""`incident-tray status` and `list`: what the icon and the menu show, in words."""

import argparse
import html
import json
import sys
from collections.abc import Mapping
from datetime import datetime

from incidents.errors import SettingsError, StoreMissingError
from incidents.models import Incident, Severity, Status, rank
from incidents.stores.codec import incident_to_json
from tray_app.app import last_known
from tray_app.model.rules import Ownership
from tray_app.model.state import TrayState
from tray_app.model.view import Badge, Icon
from tray_app.present import badge
from tray_app.present.notifications import urgent_first
from tray_app.present.phrases import coarse_age, joined, name_of, people, place, sign

CALM, OPEN, STALE, CREDENTIALS = 0, 1, 2, 3
_CODES = """\
exit codes:
  0  calm: nothing needs you
  1  something is open and not acknowledged
  2  stale: what is known is old, or nothing is known
  3  credentials are missing or over
"""
_FORMATS = """\
formats:
  waybar   JSON with text, tooltip and class
  xbar     a line for the bar, then the menu
  or a line of your own, for example '{sign} {need}/{open}', of: state, sign, need,
  open, mine, unassigned, critical, acknowledged, text

"""
_INERT = str.maketrans("<>{}[]|^&", "()()()/~+")
"""What bars read commands from, and what it is shown as."""
_SIGNS = {
    Badge.CRITICAL: "■",
    Badge.ERROR: "▲",
    Badge.WARNING: "●",
    Badge.ACKNOWLEDGED: "○",
    Badge.CALM: "✓",
    Badge.SNOOZED: "☾",
    Badge.FAILED: "!",
}


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands."""
    status = commands.add_parser(
        "status",
        help="say in a line how things stand, as the icon does",
        epilog=_FORMATS + _CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    how = status.add_mutually_exclusive_group()
    how.add_argument("--format", metavar="FORMAT", help="one line for a bar; see below")
    how.add_argument("--json", action="store_true", help="a JSON object")
    status.set_defaults(run=_status)
    listing = commands.add_parser(
        "list",
        help="list the open incidents, as the menu does, the worst first",
        epilog=_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    listing.add_argument("--mine", action="store_true", help="only yours")
    listing.add_argument("--unassigned", action="store_true", help="only nobody's")
    listing.add_argument("--team", action="store_true", help="only somebody else's")
    listing.add_argument(
        "--from",
        dest="least",
        choices=[severity.value for severity in Severity],
        metavar="SEVERITY",
        help="only this severity and worse ones",
    )
    listing.add_argument("--json", action="store_true", help="a JSON object a line")
    listing.set_defaults(run=_list)


def code(state: TrayState, icon: Icon) -> int:
    """Return the exit code that says how things stand."""
    match icon.badge:
        case Badge.SIGNED_OUT:
            return CREDENTIALS
        case Badge.OFFLINE | Badge.STALE | Badge.STARTING:
            return STALE
        case _:
            return OPEN if badge.needing(state) else CALM


def fields(state: TrayState, icon: Icon) -> dict[str, object]:
    """Return what a format can name, and what `--json` prints."""
    shown = state.shown()
    whose = [state.whose(one) for one in shown]
    return {
        "state": str(icon.badge),
        "sign": _SIGNS.get(icon.badge, "?"),
        "need": len(badge.needing(state)),
        "open": len(shown),
        "mine": whose.count(Ownership.MINE),
        "unassigned": whose.count(Ownership.UNASSIGNED),
        "critical": sum(one.severity == Severity.CRITICAL for one in shown),
        "acknowledged": sum(one.status == Status.ACKNOWLEDGED for one in shown),
        "text": icon.tooltip,
    }


def formatted(template: str, known: Mapping[str, object], lines: list[str]) -> str:
    """
    Return *known* as the bar that *template* names wants it, or in its own words.

    Whatever an incident is called, a bar shows it: in waybar the text is Pango's
    markup, in xbar what follows `|` may be a command, and so may braces in polybar.

    Raises:
        SettingsError: If *template* names what there is not.
    """
    short = "{sign} {need}/{open}".format_map(known)
    told = (str(known["text"]), *lines)
    match template:
        case "waybar":
            return json.dumps(
                {
                    "text": short,
                    "tooltip": html.escape("\n".join(told), quote=False),
                    "class": str(known["state"]).replace(" ", "-"),
                }
            )
        case "xbar":
            return "\n".join((short, "---", *map(_inert, told)))
        case _:
            return _in_own_words(template, known)


def _inert(text: str) -> str:
    """Return *text* without what bars take for markup or for commands."""
    return text.translate(_INERT)


def _in_own_words(template: str, known: Mapping[str, object]) -> str:
    try:
        return template.format_map(
            {key: _inert(f"{value}") for key, value in known.items()}
        )
    except (KeyError, ValueError, IndexError, AttributeError) as exc:
        raise SettingsError(
            f"--format {template!r} names something else than {', '.join(known)}."
        ) from exc


def line(state: TrayState, one: Incident, now: datetime) -> str:
    """Return one open incident as a line."""
    acknowledged = "ack'd" if one.status == Status.ACKNOWLEDGED else ""
    snoozed = "snoozed" if state.snoozes.until(one.id, now) else ""
    muted = "muted" if one.muted else ""
    who = people(one.assignees) or "nobody"
    age = coarse_age(now - one.opened_at)
    where = joined((name_of(one), place(one)))
    return f"{one.id[:8]}  {sign(one.severity):<6}  " + joined(
        (where, who, acknowledged, snoozed, muted, age)
    )


def _status(args: argparse.Namespace) -> int:
    now = datetime.now().astimezone()  # noqa: TID251  # the edge, in local time
    state = _seen(now)
    if state is None:
        return STALE
    icon = badge.icon(state, now)
    known = fields(state, icon)
    if args.json:
        print(json.dumps({**known, "as_of": _as_of(state)}))
    elif args.format is not None:
        lines = [line(state, one, now) for one in ordered(state)]
        print(formatted(args.format, known, lines))
    else:
        print(icon.tooltip)
    return code(state, icon)


def _list(args: argparse.Namespace) -> int:
    now = datetime.now().astimezone()  # noqa: TID251  # the edge, in local time
    state = _seen(now)
    if state is None:
        return STALE
    wanted = {
        whose
        for whose, asked in zip(
            Ownership, (args.mine, args.unassigned, args.team), strict=True
        )
        if asked
    } or set(Ownership)
    for one in ordered(state):
        whose = state.whose(one)
        if whose not in wanted or (
            args.least and rank(one.severity) < rank(args.least)
        ):
            continue
        if args.json:
            print(json.dumps({"whose": str(whose), **incident_to_json(one)}))
        else:
            print(line(state, one, now))
    return code(state, badge.icon(state, now))


def _seen(now: datetime) -> TrayState | None:
    """Return what the tray knows; None, and a line on stderr, if none has run."""
    try:
        with last_known.ledger() as ledger:
            return last_known.state(ledger, now)
    except StoreMissingError as error:
        print(f"incident-tray: {error}", file=sys.stderr)
        return None


def ordered(state: TrayState) -> list[Incident]:
    """Return what is open: what needs somebody first, and of that the worst."""
    return sorted(state.shown(), key=urgent_first)


def _as_of(state: TrayState) -> str | None:
    mark = state.freshness.watermark
    return mark.isoformat() if mark else None

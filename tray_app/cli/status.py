"""`incident-tray status` and `list`: the icon and the menu as text or JSON."""

import argparse
import html
import json
import sys
from collections.abc import Mapping
from datetime import datetime

from incidents.errors import SettingsError, StoreMissingError
from incidents.models import Incident, Severity, Status, rank
from incidents.stores.codec import incident_to_json
from tray_app.app import restore
from tray_app.app.clock import local_now
from tray_app.model.ordering import urgent_first
from tray_app.model.rules import Ownership
from tray_app.model.state import ProblemKind, TrayState
from tray_app.model.view import Badge, Icon
from tray_app.present import badge
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
MOST_IN_BAR = 50
"""Incidents in the output for a bar, which draws all of it again and again."""
_INERT = str.maketrans("<>{}[]|^&", "()()()/~+")
"""Characters that bars read as markup or commands, and what replaces them."""
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
    """Return the exit code for the state of the icon."""
    match icon.badge:
        case Badge.SIGNED_OUT:
            return CREDENTIALS
        case Badge.OFFLINE | Badge.STALE | Badge.STARTING:
            return STALE
        case _:
            return OPEN if badge.needs_attention(state) else CALM


def fields(state: TrayState, icon: Icon) -> dict[str, object]:
    """Return the fields of a format, which are also what `--json` prints."""
    open_incidents = state.shown()
    owners = [state.ownership(incident) for incident in open_incidents]
    return {
        "state": str(icon.badge),
        "sign": _SIGNS.get(icon.badge, "?"),
        "need": len(badge.needs_attention(state)),
        "open": len(open_incidents),
        "mine": owners.count(Ownership.MINE),
        "unassigned": owners.count(Ownership.UNASSIGNED),
        "critical": sum(i.severity == Severity.CRITICAL for i in open_incidents),
        "acknowledged": sum(i.status == Status.ACKNOWLEDGED for i in open_incidents),
        "text": icon.tooltip,
    }


def formatted(template: str, values: Mapping[str, object], lines: list[str]) -> str:
    """
    Return *values* in the format of the bar *template*, or in a template of one's own.

    The name of an incident must do nothing in a bar: in waybar the text is Pango's
    markup, in xbar what follows `|` may be a command, and so may braces in polybar.

    Raises:
        SettingsError: If *template* names a field that does not exist.
    """
    short = "{sign} {need}/{open}".format_map(values)
    text = (str(values["text"]), *lines)
    match template:
        case "waybar":
            return json.dumps(
                {
                    "text": short,
                    "tooltip": html.escape("\n".join(text), quote=False),
                    "class": str(values["state"]).replace(" ", "-"),
                }
            )
        case "xbar":
            return "\n".join((short, "---", *map(_inert, text)))
        case _:
            return _filled(template, values)


def _inert(text: str) -> str:
    """Return *text* without the characters of markup and commands."""
    return text.translate(_INERT)


def _filled(template: str, values: Mapping[str, object]) -> str:
    try:
        return template.format_map(
            {key: _inert(f"{value}") for key, value in values.items()}
        )
    except (KeyError, ValueError, IndexError, AttributeError) as exc:
        raise SettingsError(
            f"--format {template!r} names something else than {', '.join(values)}."
        ) from exc


def line(state: TrayState, incident: Incident, now: datetime) -> str:
    """Return an open *incident* as a line of `list`."""
    acknowledged = "ack'd" if incident.status == Status.ACKNOWLEDGED else ""
    snoozed = "snoozed" if state.snoozes.until(incident.id, now) else ""
    muted = "muted" if incident.muted else ""
    who = people(incident.assignees) or "nobody"
    age = coarse_age(now - incident.opened_at)
    where = joined((name_of(incident), place(incident)))
    return f"{incident.id[:8]}  {sign(incident.severity):<6}  " + joined(
        (where, who, acknowledged, snoozed, muted, age)
    )


def _status(args: argparse.Namespace) -> int:
    now = local_now()
    state = _last_known(now)
    if state is None:
        return STALE
    icon = badge.icon(state, now)
    values = fields(state, icon)
    if args.json:
        print(json.dumps({**values, "as_of": _as_of(state)}))
    elif args.format is not None:
        incidents = ordered(state)
        lines = [line(state, incident, now) for incident in incidents[:MOST_IN_BAR]]
        if len(incidents) > MOST_IN_BAR:
            lines.append(f"and {len(incidents) - MOST_IN_BAR} more")
        print(formatted(args.format, values, lines))
    else:
        print(icon.tooltip)
    return code(state, icon)


def _list(args: argparse.Namespace) -> int:
    now = local_now()
    state = _last_known(now)
    if state is None:
        return STALE
    flags = (args.mine, args.unassigned, args.team)
    requested = {owner for owner, flag in zip(Ownership, flags, strict=True) if flag}
    for incident in ordered(state):
        owner = state.ownership(incident)
        if requested and owner not in requested:
            continue
        if args.least and rank(incident.severity) < rank(args.least):
            continue
        if args.json:
            print(json.dumps({"whose": str(owner), **incident_to_json(incident)}))
        else:
            print(line(state, incident, now))
    icon = badge.icon(state, now)
    if state.problem(ProblemKind.FEED_CLOSED) is not None:
        print(f"incident-tray: {icon.tooltip}", file=sys.stderr)
    return code(state, icon)


def _last_known(now: datetime) -> TrayState | None:
    """Return the state of the tray; None, and a line on stderr, if none ever ran."""
    try:
        with restore.open_ledger() as ledger:
            return restore.known_state(ledger, now)
    except StoreMissingError as error:
        print(f"incident-tray: {error}", file=sys.stderr)
        return None


def ordered(state: TrayState) -> list[Incident]:
    """Return the open incidents: those that need somebody first, then the worst."""
    return sorted(state.shown(), key=urgent_first)


def _as_of(state: TrayState) -> str | None:
    watermark = state.freshness.watermark
    return watermark.isoformat() if watermark else None

"""`incident-tray history` and `explain`: what happened, what was told, and why."""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from incidents.errors import SettingsError, StoreMissingError
from incidents.models import IncidentId
from tray_app import spans
from tray_app.cli import seen
from tray_app.desktop.safe_text import one_line
from tray_app.gates import ELSEWHERE
from tray_app.ledger import Ledger
from tray_app.ledger_file import translated
from tray_app.ledger_rows import moment
from tray_app.phrases import clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One change, and what became of it."""

    feed: str
    seq: int
    id: str
    at: str
    kinds: str
    text: str
    outcome: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One notification, and whether it was shown."""

    told: str
    key: str
    at: str
    title: str
    state: str
    reason: str


_CHANGES = "SELECT feed, seq, id, at, kinds, text, outcome, rule FROM change"
_TOLD = "SELECT told, key, at, title, state, reason FROM told"


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands."""
    history = commands.add_parser(
        "history", help="list what happened and what became of it, the newest first"
    )
    history.add_argument(
        "--since",
        metavar="SPAN",
        default="24h",
        help="for example 8h or 7d; default: 24h",
    )
    history.add_argument(
        "--told", action="store_true", help="the notifications instead of the changes"
    )
    history.add_argument("--json", action="store_true", help="a JSON object a line")
    history.set_defaults(run=_history)
    explain = commands.add_parser(
        "explain", help="say why an incident was told, or was not"
    )
    explain.add_argument("id", metavar="ID", help=seen.ID_HELP)
    explain.add_argument("--json", action="store_true", help="a JSON object")
    explain.set_defaults(run=_explain)


def _history(args: argparse.Namespace) -> int:
    try:
        span = spans.parse(args.since)
    except ValueError as exc:
        raise SettingsError(f"--since: {exc}") from exc
    now = datetime.now().astimezone()  # noqa: TID251  # the edge, in local time
    with seen.ledger() as ledger:
        found: list[Happened | Told] = (
            [*told_since(ledger, now - span)]
            if args.told
            else [*happened_since(ledger, now - span)]
        )
    for one in found:
        print(json.dumps(asdict(one)) if args.json else line(one, now))
    return 0


def _explain(args: argparse.Namespace) -> int:
    now = datetime.now().astimezone()  # noqa: TID251  # the edge, in local time
    with seen.ledger() as ledger:
        state = seen.state(ledger, now)
        id_ = _whole(ledger, args.id)
        changes = list(happened_to(ledger, id_))
        notifications = list(told_of(ledger, id_))
    until = state.snoozes.until(IncidentId(id_), now)
    if args.json:
        plain = {
            "id": id_,
            "snoozed_until": until.isoformat() if until else None,
            "changes": [asdict(one) for one in changes],
            "notifications": [asdict(one) for one in notifications],
        }
        print(json.dumps(plain))
        return 0
    print(id_)
    if until:
        print(f"It is snoozed until {clock(until, now)}.")
    for change in changes:
        print(line(change, now))
    for one in notifications:
        print(line(one, now))
    if not changes and not notifications:
        print("Nothing has happened to it that this tray has seen.")
    return 0


def line(one: Happened | Told, now: datetime) -> str:
    """Return what happened, or was told, as a line."""
    when = clock(datetime.fromisoformat(one.at), now)
    match one:
        case Happened():
            why = one_line(one.rule)
            return f"{when}  {one_line(one.text)}  [{one.outcome}: {why}]"
        case Told():
            why = f": {one_line(one.reason)}" if one.reason else ""
            return f"{when}  “{one_line(one.title)}”  [{one.state}{why}]"


def happened_since(ledger: Ledger, since: datetime) -> Iterator[Happened]:
    """Yield the changes since then, the newest first; what is mine, once."""
    where = " WHERE at >= ? AND rule != ? ORDER BY at DESC"
    yield from _happened(ledger, where, moment(since), ELSEWHERE)


def happened_to(ledger: Ledger, id_: str) -> Iterator[Happened]:
    """Yield what happened to an incident, the oldest first."""
    yield from _happened(ledger, " WHERE id = ? ORDER BY at, seq", id_)


def told_since(ledger: Ledger, since: datetime) -> Iterator[Told]:
    """Yield the notifications since then, the newest first."""
    yield from _told(ledger, " WHERE at >= ? ORDER BY n DESC", moment(since))


def told_of(ledger: Ledger, id_: str) -> Iterator[Told]:
    """Yield the notifications about an incident, the oldest first."""
    yield from _told(ledger, " WHERE key = ? ORDER BY n", f"incident:{id_}")


def _happened(ledger: Ledger, where: str, *values: str) -> Iterator[Happened]:
    names = ("feed", "seq", "id", "at", "kinds", "text", "outcome", "rule")
    with translated(ledger.path):
        for row in ledger.connection.execute(_CHANGES + where, values):
            yield Happened(**dict(zip(names, row, strict=True)))


def _told(ledger: Ledger, where: str, value: str) -> Iterator[Told]:
    names = ("told", "key", "at", "title", "state", "reason")
    with translated(ledger.path):
        for row in ledger.connection.execute(_TOLD + where, (value,)):
            yield Told(**dict(zip(names, row, strict=True)))


def _whole(ledger: Ledger, beginning: str) -> str:
    """Return the id that begins so, of all that something ever happened to."""
    oldest = datetime.now(UTC) - timedelta(days=60)  # noqa: TID251  # the edge
    ids = {
        one.id
        for one in happened_since(ledger, oldest)
        if one.id.startswith(beginning.lower())
    }
    ids |= {
        id_
        for held in ledger.held().values()
        for id_ in held.incidents
        if id_.startswith(beginning.lower())
    }
    if len(ids) != 1:
        many = "More than one incident has" if ids else "Nothing is known of"
        raise StoreMissingError(f"{many} an id beginning with {one_line(beginning)}.")
    return ids.pop()

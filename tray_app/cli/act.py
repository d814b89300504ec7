"""`incident-tray assign`, `ack` and the like: what a person does to incidents."""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from incidents.coralogix.fields import is_incident_id
from incidents.coralogix.http.routes import Operation
from incidents.coralogix.incidents.actions import ActionResult
from incidents.coralogix.incidents.actor import CoralogixActor
from incidents.errors import (
    KeyRejectedError,
    PermissionMissingError,
    SettingsError,
    SourceError,
    SourceRejectedError,
    StoreMissingError,
)
from incidents.models import Incident, IncidentId, UserId
from tray_app.actions.perform import perform
from tray_app.app import connect, restore
from tray_app.cli.connection import add_arguments, address
from tray_app.present import incident_details
from tray_app.present.safe_text import one_line

DONE, FAILED, CREDENTIALS = 0, 1, 3
SHORTEST = 4
"""Signs of an id that is cut short: a slip of the finger resolves nothing."""
_KEY_ERRORS = (KeyRejectedError, PermissionMissingError)
_HELP = {
    "assign": (Operation.ASSIGN, "assign incidents to a person, by default yourself"),
    "unassign": (Operation.UNASSIGN, "assign incidents to nobody"),
    "ack": (Operation.ACKNOWLEDGE, "acknowledge incidents"),
    "resolve": (Operation.RESOLVE, "resolve incidents"),
    "close": (Operation.CLOSE, "close incidents"),
}
_ABOUT = """\
The key is read from INCIDENT_TRAY_API_KEY, or else from the keychain. With --json
there is one object per incident, a line each: id, ok, status, assignees, error.
The exit code is 0 if all was done, 1 if not, 2 if nothing could be asked for, as
with a team's key that has no person to assign to, 3 if the key may not do it.
"""


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands."""
    for name, (operation, text) in _HELP.items():
        command = commands.add_parser(name, help=text, description=text, epilog=_ABOUT)
        command.add_argument("ids", nargs="+", metavar="ID", help=restore.ID_HELP)
        if operation is Operation.ASSIGN:
            command.add_argument(
                "--to",
                metavar="USER",
                help="as Coralogix calls them; default: you, whose the key is",
            )
        command.set_defaults(run=_act, operation=operation, to=None)
        _add_common(command)
    text = "show one incident and what happened to it"
    show = commands.add_parser("show", help=text, description=text, epilog=_ABOUT)
    show.add_argument("id", metavar="ID", help=restore.ID_HELP)
    show.set_defaults(run=_show)
    _add_common(show, "a JSON object")
    text = "say whose the key is"
    whoami = commands.add_parser("whoami", help=text, description=text)
    whoami.set_defaults(run=_whoami)
    _add_common(whoami, "a JSON object")


def _add_common(
    command: argparse.ArgumentParser, json_help: str = "a JSON object a line"
) -> None:
    command.add_argument("--json", action="store_true", help=json_help)
    add_arguments(command)


def _act(args: argparse.Namespace) -> int:
    ids = _ids(args.ids)
    if args.to is not None and not args.to.strip():
        raise SettingsError("--to names nobody.")
    with connect.acting(address(args)) as actor:
        try:
            results = perform(
                actor,
                (args.operation,),
                ids,
                assignee=lambda: (
                    UserId(args.to.strip()) if args.to else _key_owner(actor)
                ),
            )
        except SourceError as error:
            results = tuple(ActionResult(id=id_, error=error) for id_ in ids)
    for result in results:
        _print(result, json_=args.json)
    return _code(results)


def _show(args: argparse.Namespace) -> int:
    (id_,) = _ids([args.id])
    with connect.acting(address(args)) as actor:
        try:
            details = actor.details(id_)
            events = actor.timeline(id_)
        except SourceError as error:
            result = ActionResult(id=id_, error=error)
            _print(result, json_=args.json)
            return _code([result])
    if args.json:
        more = incident_details.as_json(details, events)
        print(
            json.dumps(
                {**_as_json(ActionResult(id=id_, incident=details.incident)), **more}
            )
        )
    else:
        print("\n".join(incident_details.as_lines(details, events)))
    return DONE


def _whoami(args: argparse.Namespace) -> int:
    with connect.acting(address(args)) as actor:
        me = actor.whoami()
    if args.json:
        team = {"team": me.team, "team_id": me.team_id, "team_url": me.team_url}
        print(json.dumps({"user": me.user, **team}))
    else:
        user = one_line(me.user) or "nobody"  # a team's key
        print(f"{user}\t{one_line(me.team)}\t{one_line(me.team_url)}")
    return DONE


def _ids(texts: Sequence[str]) -> list[IncidentId]:
    """Return each id once; a shortened id is completed from the open incidents."""
    full = {text: text.lower() for text in texts if is_incident_id(text)}
    short = [text for text in dict.fromkeys(texts) if text not in full]
    if any(len(text) < SHORTEST for text in short):
        raise SettingsError(f"Give {SHORTEST} signs of an id at least.")
    if short:
        now = datetime.now(UTC)  # noqa: TID251  # the edge: a command runs now
        try:
            with restore.open_ledger() as ledger:
                known = restore.known_state(ledger, now)
            full |= {text: restore.find(known, text).id for text in short}
        except StoreMissingError as error:
            raise SettingsError(
                f"No id of an incident, which is a UUID: {', '.join(short)}. {error}"
            ) from error
    return list(dict.fromkeys(IncidentId(full[text]) for text in texts))


def _key_owner(actor: CoralogixActor) -> UserId:
    """Return the person whose key it is, to assign to where no `--to` is set."""
    try:
        user = actor.whoami().user
    except _KEY_ERRORS:
        raise
    except SourceError as error:
        raise SourceRejectedError(
            f"Nothing was sent: who you are is not known. {error} Say it with --to."
        ) from error
    if not user:
        raise SettingsError(
            "Nothing was sent: the key is no person's. Say who to assign to with --to."
        )
    return user


def _print(result: ActionResult, *, json_: bool) -> None:
    if json_:
        print(json.dumps(_as_json(result)), flush=True)
    elif result.error is not None:
        print(f"{result.id}: {one_line(str(result.error))}", file=sys.stderr)
    else:
        print(f"{result.id}: {_now(result.incident)}", flush=True)


def _now(incident: Incident | None) -> str:
    if incident is None:
        return "done"
    people = ", ".join(one_line(user) for user in incident.assignees) or "nobody"
    return f"{one_line(incident.status)}, assigned to {people}"


def _as_json(result: ActionResult) -> dict[str, object]:
    incident = result.incident
    return {
        "id": result.id,
        "ok": result.ok,
        "status": incident.status if incident else None,
        "assignees": list(incident.assignees) if incident else None,
        "error": str(result.error) if result.error else None,
    }


def _code(results: Sequence[ActionResult]) -> int:
    if any(isinstance(result.error, _KEY_ERRORS) for result in results):
        return CREDENTIALS
    return DONE if all(result.ok for result in results) else FAILED

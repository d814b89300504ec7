"""`incident-tray completion`: what the shell completes, made from the parser itself."""

import argparse
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from incidents.feeds import team_feed, user_feed
from tray_app.app import restore
from tray_app.app.clock import local_now
from tray_app.cli.shell import argparse_tree
from tray_app.present.phrases import name_of, sign
from tray_app.present.safe_text import one_line
from tray_app.settings import paths
from tray_app.settings.settings import load

SHELLS = ("bash", "fish", "zsh")
CANDIDATES = "_candidates"
"""The hidden command that the shell runs for values that change."""
_SAFE = re.compile(r"[A-Za-z0-9@._+=,#-]{1,300}")
"""bash expands `$(...)` in the words it completes; nothing else may reach it."""
_WORDS: Mapping[str, tuple[str, ...]] = {
    "FORMAT": ("waybar", "xbar"),
    "SPAN|HH:MM|off": ("30m", "1h", "8h", "off"),
}
"""Values to offer where others are taken as well, by the argument's metavar."""
_ZSH = """\
{name}() {{
  local -a values=("${{(@f)$({command})}}")
  values=(${{values/$'\\t'/:}})
  [[ -n $values ]] && _describe value values
}}"""
"""A function that offers each line of a command: the value, a tab, its text."""
_USE = """\
use:
  bash  source <(incident-tray completion bash)
  zsh   source <(incident-tray completion zsh)
  fish  incident-tray completion fish | source
"""


def register(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    parser: argparse.ArgumentParser,
) -> None:
    """Add the command, which completes every command of *parser*."""
    completion = commands.add_parser(
        "completion",
        help="print the completions for a shell",
        description="Print the completions for a shell.",
        epilog=_USE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    completion.add_argument(
        "shell", choices=SHELLS, metavar="bash|zsh|fish", help="which shell"
    )
    completion.set_defaults(run=lambda args: _print_script(parser, args.shell))
    hidden = commands.add_parser(CANDIDATES)  # without help, it is listed nowhere
    hidden.add_argument("kind", choices=sorted(_KINDS))
    hidden.set_defaults(run=_print_candidates)


def _print_script(parser: argparse.ArgumentParser, shell: str) -> int:
    import shtab

    for action in argparse_tree.all_actions(parser):
        values = shtab.FILE if action.type is Path else _values(action)
        if values:
            vars(action)["complete"] = values  # where shtab looks
    # `source <(…)` is to register as `eval` does: to zsh, it is a file.
    script = shtab.complete(parser, shell)
    print(script.replace("_context[-1] == eval", "_context[-1] == (eval|file)"))
    return 0


def _values(action: argparse.Action) -> Mapping[str, object]:
    """Return by shell how to complete the value of *action*; empty: as shtab does."""
    metavar = f"{action.metavar}"
    if metavar in _WORDS:
        words, name = " ".join(_WORDS[metavar]), f"_incident_tray_{action.dest}"
        return {
            "bash": name,
            "zsh": f"({words})",
            "fish": words,
            "preamble": {"bash": f"{name}() {{ compgen -W '{words}' -- \"$1\"; }}"},
        }
    if action.option_strings or metavar not in _KINDS:
        return {}
    command = f"incident-tray {CANDIDATES} {metavar} 2>/dev/null"
    name = f"_incident_tray_{metavar}"
    return {
        "bash": name,
        "zsh": name,
        "fish": f"({command})",
        "preamble": {
            "bash": f'{name}() {{ compgen -W "$({command} | cut -f1)" -- "$1"; }}',
            "zsh": _ZSH.format(name=name, command=command),
        },
    }


def _print_candidates(args: argparse.Namespace) -> int:
    for value, text in _KINDS[args.kind]():
        if _SAFE.fullmatch(value):
            print(f"{value}\t{one_line(text)}")
    return 0


def _open_incidents() -> Iterator[tuple[str, str]]:
    now = local_now()
    with restore.open_ledger() as ledger:
        for incident in restore.known_state(ledger, now).shown():
            yield incident.id, f"{sign(incident.severity)} {name_of(incident)}"


def _own_feeds() -> Iterator[tuple[str, str]]:
    settings = load(paths.settings_file())
    if settings.uid:
        yield user_feed(settings.uid), "your incidents"
    if settings.team:
        yield team_feed(settings.team), "the team's incidents"


_KINDS: Mapping[str, Callable[[], Iterator[tuple[str, str]]]] = MappingProxyType(
    {"ID": _open_incidents, "FEED": _own_feeds}
)
"""What finds the values, each with a text, by the argument's metavar."""

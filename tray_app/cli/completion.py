"""`incident-tray completion`: what the shell completes, made from the parser itself."""

import argparse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tray_app.cli import argparse_tree

PROGRAM = "incident-tray"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandNode:
    """A command as the shell needs to know it."""

    path: tuple[str, ...]
    """The words after the program's name."""
    commands: Mapping[str, str]
    """What may follow, each with its line of help."""
    options: Mapping[str, str]
    """What may be set, each with its line of help."""


_USE = """\
use:
  bash  source <(incident-tray completion bash)
  zsh   source <(incident-tray completion zsh)
  fish  incident-tray completion fish | source
"""


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    completion = commands.add_parser(
        "completion",
        help="print the completions for a shell",
        description="Print the completions for a shell.",
        epilog=_USE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    completion.add_argument(
        "shell", choices=sorted(SHELLS), metavar="bash|zsh|fish", help="which shell"
    )
    completion.set_defaults(run=_completion)


def _completion(args: argparse.Namespace) -> int:
    print(SHELLS[args.shell](list(nodes(args.whole()))), end="")
    return 0


def nodes(parser: argparse.ArgumentParser, *path: str) -> Iterator[CommandNode]:
    """Yield *parser* and every command below it."""
    below = list(argparse_tree.commands(parser))
    words = dict.fromkeys(argparse_tree.words(parser), "")
    yield CommandNode(
        path=path,
        commands={name: text for name, text, _ in below} | words,
        options=argparse_tree.options(parser),
    )
    for name, _, command in below:
        yield from nodes(command, *path, name)


def bash(all_nodes: list[CommandNode]) -> str:
    """Return the script for bash."""
    cases = "\n".join(
        f"        {_pattern(node)}) words='{_words(node)}' ;;" for node in all_nodes
    )
    known = "|".join(f"'{' '.join(node.path)}'" for node in all_nodes if node.path)
    return f"""\
# Completions of {PROGRAM} for bash.
_incident_tray() {{
    local path='' word words='' next
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        next="${{path:+$path }}$word"
        case "$next" in
        {known}) path=$next ;;
        esac
    done
    case "$path" in
{cases}
    esac
    # shellcheck disable=SC2207
    COMPREPLY=($(compgen -W "$words" -- "${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -o default -F _incident_tray {PROGRAM}
"""


def zsh(all_nodes: list[CommandNode]) -> str:
    """Return the script for zsh, which can use bash's."""
    return f"autoload -U +X bashcompinit && bashcompinit\n{bash(all_nodes)}"


def fish(all_nodes: list[CommandNode]) -> str:
    """Return the script for fish."""
    lines = [f"# Completions of {PROGRAM} for fish.", f"complete -c {PROGRAM} -f"]
    for node in all_nodes:
        when = _when(node.path)
        for command, text in node.commands.items():
            lines.append(_fish(when, f"-a {command}", text))
        for option, text in node.options.items():
            flag = f"-l {option[2:]}" if option.startswith("--") else f"-s {option[1:]}"
            lines.append(_fish(when, flag, text))
    return "\n".join(lines) + "\n"


SHELLS: Mapping[str, Callable[[list[CommandNode]], str]] = MappingProxyType(
    {"bash": bash, "zsh": zsh, "fish": fish}
)


def _when(path: tuple[str, ...]) -> str:
    """Return what fish asks to find out whether it stands behind *path*."""
    match path:
        case ():
            return "__fish_use_subcommand"
        case (word,):
            return f"__fish_seen_subcommand_from {word}"
        case _:
            return f"string match -q -- '*{' '.join(path)}*' (commandline -p)"


def _fish(when: str, what: str, text: str) -> str:
    told = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"complete -c {PROGRAM} -n \"{when}\" {what} -d '{told}'"


def _pattern(node: CommandNode) -> str:
    return f"'{' '.join(node.path)}'"


def _words(node: CommandNode) -> str:
    return " ".join((*node.commands, *node.options))

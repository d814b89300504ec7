"""Walk the commands and options of a parser, which argparse has no public way for."""

import argparse
from collections.abc import Iterator

Commands = argparse._SubParsersAction  # noqa: SLF001  # see above


def commands(
    parser: argparse.ArgumentParser,
) -> Iterator[tuple[str, str, argparse.ArgumentParser]]:
    """
    Yield the commands right below *parser*: name, line of help, parser.

    A name that begins with `_` is hidden: no person needs it.
    """
    for action in _actions(parser):
        if isinstance(action, Commands):
            helps = {a.dest: a.help or "" for a in action._choices_actions}  # noqa: SLF001  # see above
            for name, below in action.choices.items():
                if not name.startswith("_"):
                    yield name, helps.get(name, ""), below


def options(parser: argparse.ArgumentParser) -> dict[str, str]:
    """Return the flags of *parser*, each with its line of help."""
    return {
        flag: _plain(action.help)
        for action in _actions(parser)
        for flag in action.option_strings
    }


def all_actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yield the arguments and options of *parser* and of every command below it."""
    yield from _actions(parser)
    for _name, _text, below in commands(parser):
        yield from all_actions(below)


def describe(parser: argparse.ArgumentParser) -> None:
    """Describe every command below *parser* by its line of help, as a sentence."""
    for _name, text, below in commands(parser):
        if text and below.description in (None, text):
            below.description = f"{text[0].upper()}{text[1:]}."
        describe(below)


def _actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    return parser._actions  # noqa: SLF001  # see above


def _plain(text: str | None) -> str:
    return "" if text in (None, argparse.SUPPRESS) else f"{text}".replace("%%", "%")

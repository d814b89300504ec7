"""The help of every command, as if one hand had written it."""

import argparse
from collections.abc import Iterator

from tray_app.cli.main import parser
from tray_app.cli.shell import argparse_tree

DIFFERENT = {"--json", "--region", "--table", "--team", "--uid"}
"""Flags whose line differs, since what they touch does."""


def below(
    top: argparse.ArgumentParser, path: str = "incident-tray"
) -> Iterator[tuple[str, str, argparse.ArgumentParser]]:
    """Walk every command: its words, its line of help, its parser."""
    for name, text, command in argparse_tree.commands(top):
        yield f"{path} {name}", text, command
        yield from below(command, f"{path} {name}")


def arguments(command: argparse.ArgumentParser) -> Iterator[tuple[str, str]]:
    """Walk what *command* takes, each with its line of help."""
    for action in command._actions:  # noqa: SLF001  # argparse has no public way
        if not isinstance(action, argparse_tree.Commands):
            name = " ".join(action.option_strings) or f"{action.metavar}"
            yield name, action.help or ""


def is_a_line(text: str) -> bool:
    """Whether *text* begins small, unless with a name, and has no full stop."""
    first = text.split(" ", maxsplit=1)[0]
    small = first == first.lower() or any(letter.isupper() for letter in first[1:])
    return bool(text) and not text.endswith(".") and (small or first == "A")


def test_every_command_is_one_line_and_one_sentence() -> None:
    odd = [
        name
        for name, text, command in below(parser())
        if not is_a_line(text)
        or not (command.description or "")[:1].isupper()
        or not (command.description or "").endswith(".")
    ]

    assert odd == []


def test_everything_that_a_command_takes_has_its_line() -> None:
    tops = [("incident-tray", "", parser()), *below(parser())]

    odd = [
        f"{name} {argument}: {text}"
        for name, _line, command in tops
        for argument, text in arguments(command)
        if not is_a_line(text)
    ]

    assert odd == []


def test_a_flag_is_explained_in_the_same_words_wherever_it_is() -> None:
    texts_of: dict[str, set[str]] = {}
    for _name, _line, command in below(parser()):
        for flag, text in argparse_tree.options(command).items():
            texts_of.setdefault(flag, set()).add(text)

    several = {flag: texts for flag, texts in texts_of.items() if len(texts) > 1}

    assert several.keys() <= DIFFERENT, several

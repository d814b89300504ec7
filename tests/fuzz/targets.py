"""
What is fuzzed: each takes a seeded source of chance, tries one input, and says whether
it was accepted. Whatever else than the documented errors comes out is a fault.
"""

import contextlib
import io
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import TYPE_CHECKING, TypeAlias

from incidents.coralogix.incidents.incident_row import read_rows
from incidents.errors import SettingsError, StoreError
from incidents.stores.codec import pack_incident, unpack_change, unpack_incident
from incidents.stores.dynamodb import items
from tests.coralogix.mutation import ODD, mutated
from tests.coralogix.mutation import rows as real_rows
from tests.stores.examples import ALICE, head, incident
from tray_app.cli.main import main
from tray_app.cli.main import parser as command_parser
from tray_app.settings.settings import Settings, parse
from tray_app.settings.template import rewritten, template

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

Item: TypeAlias = "Mapping[str, AttributeValueTypeDef]"
Target = Callable[[Random], bool]

_ROWS = real_rows(1, 6)
_SETTINGS = template(Settings())
_RETENTION_DAYS = 30
_WORDS: Sequence[str] = (
    *(
        "--json",
        "--all",
        "--format",
        "--since",
        "--to",
        "--help",
        "--version",
        "-",
        "--",
    ),
    *("critical", "never", "30m", "09:00", "99999999999h", "-1", "1e999", "\ud800", ""),
    *(
        "\x1b[31m",
        "../../etc/passwd",
        "CASE-1",
        "a" * 5000,
        "{text}",
        "%s%n",
        "'",
        "$(id)",
    ),
    *("USER#alice", "TEAM#*", "ffffffff", "00000001", "waybar", "xbar", "tmux", "😀"),
)


def rows(chance: Random) -> bool:
    """Mutate a row of the API, read it, store it, read it back: the same."""
    changed_row = chance.choice(_ROWS)
    for _ in range(chance.randint(1, 4)):
        mutated_row = mutated(changed_row, chance)
        changed_row = mutated_row if isinstance(mutated_row, dict) else {}
    found = read_rows([changed_row])
    assert len(found.incidents) + len(found.quarantined) == 1
    for one in found.incidents.values():
        assert unpack_incident(pack_incident(one)) == one
    return bool(found.incidents)


def settings(chance: Random) -> bool:
    """Mutate the text of the settings, read it; what is read can be written again."""
    text = _damaged(_SETTINGS, chance)
    try:
        found = parse(text)
    except SettingsError as error:
        return not str(error)
    assert parse(rewritten(text, found)) == found
    return True


def stored_items(chance: Random) -> bool:
    """Damage an item of the table in any attribute, and read it."""
    before, after = incident(), incident(severity="error")
    stored: Sequence[Item] = (
        items.head_item(ALICE, head(1, 1)),
        items.state_item(ALICE, before, None),
        items.state_item(ALICE, after, None),
    )
    item = dict(chance.choice(stored))
    read = chance.choice((items.head_of, items.incident_of, items.row_of))
    for _ in range(chance.randint(1, 3)):
        name = chance.choice([*item, "more"])
        item[name] = _attribute(chance)
    try:
        read(item)
    except StoreError:
        return False
    return True


def packed(chance: Random) -> bool:
    """Flip bits of what a store holds packed, and unpack it."""
    body = bytearray(pack_incident(incident()))
    for _ in range(chance.randint(1, 6)):
        body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
    try:
        chance.choice((unpack_incident, unpack_change))(bytes(body))
    except StoreError:
        return False
    return True


def commands(chance: Random) -> bool:
    """Run a command line made of odd words; it ends with a code, one line, no trace."""
    with _home():
        words = [
            chance.choice(_COMMANDS),
            *chance.choices(_WORDS, k=chance.randint(0, 4)),
        ]
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = main(words)
            except SystemExit as end:  # argparse's own
                code = end.code if isinstance(end.code, int) else 2
        assert code in range(4), (words, code)
        assert "Traceback" not in err.getvalue(), words
        return code == 0


TARGETS: Mapping[str, Target] = {
    "rows": rows,
    "settings": settings,
    "items": stored_items,
    "packed": packed,
    "commands": commands,
}

_UNATTENDED = {
    "run",
    "watch",
    "setup",
    "demo",
    "admin",
    "whoami",
    "autostart",
    "desktop",
}
"""Commands that wait for somebody, or change the desktop of whoever fuzzes."""


def _command_names() -> list[str]:
    (actions,) = (
        action.choices
        for action in command_parser()._actions  # noqa: SLF001  # argparse shows its commands nowhere else
        if isinstance(action.choices, Mapping)
    )
    return sorted(set(actions) - _UNATTENDED)


_COMMANDS = _command_names()


@contextlib.contextmanager
def _home() -> Iterator[None]:
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as home:
        os.environ |= {"INCIDENT_TRAY_HOME": home, "XDG_RUNTIME_DIR": home}
        os.environ.pop("DISPLAY", None)
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={home}/none"
        try:
            yield
        finally:
            os.environ.clear()
            os.environ |= before


def _damaged(text: str, chance: Random) -> str:
    for _ in range(chance.randint(1, 4)):
        text = _damaged_once(text, chance.randrange(len(text) + 1), chance)
    return text


def _damaged_once(text: str, place: int, chance: Random) -> str:
    added = f"{chance.choice(_KEYS)} = {_literal(chance)}\n"
    odd = chance.choice("\"'[]{}=\n#.\x00é\u2028")
    return chance.choice(
        (
            text[:place] + odd + text[place:],
            text[:place] + text[place + chance.randint(1, 20) :],
            f"{text}\n{added}",
            text.replace("# ", "", chance.randint(1, 30)),
            added,
            "a = " + "[" * chance.choice((10, 20_000)),
        )
    )


_KEYS = (
    *("mode", "uid", "team", "table", "region", "poll_seconds", "endpoint", "profile"),
    *("coralogix.region", "coralogix.base_url", "rules.notify_from", "rules.nothing"),
    *("rules.quiet_hours.from", "rules.remind_after", "rules.sound_from", "x"),
)


def _literal(chance: Random) -> str:
    odd = chance.choice(ODD)()
    return json.dumps(odd) if isinstance(odd, str | int | list) else "1979-05-27"


def _attribute(chance: Random) -> "AttributeValueTypeDef":
    odd = str(chance.choice(ODD)()).encode(errors="replace").decode()
    number = chance.choice(("0", "-1", "1e400", "NaN", "9" * 40, ""))
    attributes: Sequence[AttributeValueTypeDef] = (
        {"S": odd},
        {"N": number},
        {"B": chance.randbytes(chance.randint(0, 40))},
        {"NULL": True},
        {"M": {}},
        {"L": [{"S": "x"}]},
        {"BOOL": False},
        {},
    )
    return chance.choice(attributes)

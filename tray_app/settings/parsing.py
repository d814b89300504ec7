"""The words a settings file may hold, turned into what the settings are made of."""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import time, timedelta
from difflib import get_close_matches
from typing import get_args, get_type_hints

from incidents.models import Severity
from tray_app.settings import durations

NEVER = "never"
"""Stands for no severity at all: TOML has no word for nothing."""


def prepared(
    table: Mapping[str, object],
    kind: type,
    mistake: Callable[[str], None],
    where: str = "",
) -> dict[str, object]:
    """
    Return *table* with spans and thresholds read, as the dataclass *kind* takes it.

    Keys that *kind* does not have, and words that mean nothing, are told to *mistake*
    and left out.
    """
    types = get_type_hints(kind)
    result: dict[str, object] = {}
    for key, value in table.items():
        path = f"{where}{key}"
        if key not in types:
            mistake(f"{path}: {_unknown(key, kind)}")
        elif is_dataclass(types[key]) and isinstance(value, dict):
            result[key] = prepared(value, types[key], mistake, f"{path}.")
        else:
            try:
                result[key] = _value(key, value, types[key])
            except ValueError as error:
                mistake(f"{path}: {error}")
    return result


def is_threshold(key: str) -> bool:
    """Whether the setting *key* takes a severity: from here on."""
    return key.endswith(("_from", "bypass"))


def _value(key: str, value: object, kind: object) -> object:
    if kind is timedelta:
        return _span(value)
    if timedelta in get_args(kind) and isinstance(value, list):
        return tuple(_span(item) for item in value)
    if kind is time and not isinstance(value, time):
        return durations.clock(f"{value}")
    if is_threshold(key):
        return _threshold(value, may_be_never=type(None) in get_args(kind))
    return value


def _span(value: object) -> timedelta:
    return durations.parse(value if isinstance(value, str) else f"{value}")


def _threshold(value: object, *, may_be_never: bool) -> Severity | None:
    words = [*Severity, *([NEVER] if may_be_never else [])]
    if not isinstance(value, str) or value not in words:
        raise ValueError(f"{value!r} is none of {', '.join(words)}")
    return None if value == NEVER else Severity(value)


def _unknown(key: str, kind: type) -> str:
    near = get_close_matches(key, [f.name for f in fields(kind)], 1)
    return "there is no such setting" + (f"; did you mean {near[0]}?" if near else "")

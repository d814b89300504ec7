"""Read the tables of a settings file into the dataclasses that the program uses."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import time, timedelta
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_type_hints

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    TypeAdapter,
    create_model,
)

from incidents.models import Severity
from tray_app.model.rules import NEVER
from tray_app.settings import durations

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

T = TypeVar("T")


def _duration(value: object) -> timedelta:
    return durations.parse(f"{value}")


def _time(value: object) -> time:
    return value if isinstance(value, time) else durations.clock(f"{value}")


def _severity(value: object) -> Severity:
    if not isinstance(value, str) or value not in set(Severity):
        raise ValueError(f"{value!r} is none of {', '.join(Severity)}")
    return Severity(value)


def _severity_or_never(value: object) -> Severity | None:
    if value == NEVER:
        return None
    try:
        return _severity(value)
    except ValueError as exc:
        raise ValueError(f"{exc}, {NEVER}") from exc


_Duration = Annotated[timedelta, BeforeValidator(_duration)]
_AS_WRITTEN: Mapping[object, object] = {
    timedelta: _Duration,
    tuple[timedelta, ...]: tuple[_Duration, ...],
    time: Annotated[time, BeforeValidator(_time)],
    Severity: Annotated[Severity, BeforeValidator(_severity)],
    Severity | None: Annotated[Severity | None, BeforeValidator(_severity_or_never)],
}
"""How a setting of a type is read from what a person writes; else, as pydantic does."""


def read(table: Mapping[str, object], kind: type[T]) -> T:
    """Read a TOML *table* into the dataclass *kind*. Raises pydantic's error."""
    settings = _adapter(kind).validate_python(table)  # type: ignore[arg-type]  # types are hashable
    if not isinstance(settings, kind):
        raise TypeError(f"{kind.__name__} was not built")
    return settings


@cache
def _adapter(kind: type) -> "TypeAdapter[object]":
    return TypeAdapter(_table(kind))


def _table(kind: type) -> Any:  # noqa: ANN401  # a type with metadata has no type
    settings: dict[str, Any] = {  # as create_model takes them: a type and a default
        name: (_as_written(type_), None) for name, type_ in get_type_hints(kind).items()
    }
    shape = create_model(
        kind.__name__, __config__=ConfigDict(extra="forbid"), **settings
    )

    def build(table: BaseModel) -> object:
        return kind(**{name: getattr(table, name) for name in table.model_fields_set})

    return Annotated[shape, AfterValidator(build)]


def _as_written(type_: type) -> object:
    return _table(type_) if is_dataclass(type_) else _AS_WRITTEN.get(type_, type_)


def mistake(error: "ErrorDetails", kind: type) -> str:
    """Return a pydantic *error* about a *kind* as a line: key, and what is wrong."""
    key = ".".join(f"{part}" for part in error["loc"])
    match error["type"]:
        case "extra_forbidden":
            text = _unknown(error["loc"], kind)
        case "model_type":
            text = f"it should be a table: [{key}]"
        case _:
            text = error["msg"].removeprefix("Value error, ")
            text = text.replace("Input should", "it should")
    return f"{key}: {text}" if key else text


def _unknown(path: tuple[int | str, ...], kind: type) -> str:
    *tables, key = (f"{part}" for part in path)
    for table in tables:
        kind = get_type_hints(kind)[table]
    near = get_close_matches(key, [field.name for field in fields(kind)], 1)
    return "there is no such setting" + (f"; did you mean {near[0]}?" if near else "")

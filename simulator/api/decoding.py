"""Read the fields of a request from a query or a body, as grpc-gateway does."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeAlias
from urllib.parse import parse_qsl

from simulator.api.schema import Field, FieldType, Message, Object, Scalar

Value: TypeAlias = "str | int | bool | datetime | list[Value] | dict[str, Value]"
Values: TypeAlias = dict[str, Value]

_BRACKETS = re.compile(r"(.*)\[(.*)\]", re.DOTALL)


class BadRequestError(Exception):
    """The gateway answers 400 with this text."""


def from_query(query: str, message: Message) -> Values:
    """
    Read *query*: dots between names, keys repeated for lists.

    An unknown name is ignored silently (the runtime's
    `query.go`; coralogix.md §1).

    Raises:
        BadRequestError: Too many values, brackets, objects, or an invalid value.
    """
    grouped: dict[str, list[str]] = {}
    for key, text in parse_qsl(query, keep_blank_values=True):
        grouped.setdefault(key, []).append(text)
    result: Values = {}
    for key, texts in grouped.items():
        match = _BRACKETS.fullmatch(key)
        if match:
            _put(result, message, match[1].split("."), [match[2], *texts])
        else:
            _put(result, message, key.split("."), texts)
    return result


def _put(into: Values, message: Message, path: list[str], texts: list[str]) -> None:
    name = _json_name(path[0], message)
    if name is None:
        return
    field = message[name]
    if len(path) > 1:
        if isinstance(field, Scalar) or field.repeated or field.keyed:
            raise BadRequestError(f'invalid path: "{path[0]}" is not a message')
        inner = into.setdefault(name, {})
        if isinstance(inner, dict):
            _put(inner, field.fields, path[1:], texts)
        return
    if isinstance(field, Scalar) and field.repeated:
        into[name] = [_parsed(text, field, path[0]) for text in texts]
        return
    if len(texts) > 1:
        raise BadRequestError(
            f'too many values for field "{path[0]}": {", ".join(texts)}'
        )
    if isinstance(field, Object):
        raise BadRequestError(
            f'parsing field "{path[0]}": unsupported message type: "{path[0]}"'
        )
    into[name] = _parsed(texts[0], field, path[0])


def _json_name(name: str, message: Message) -> str | None:
    if name in message:
        return name
    first, *rest = name.split("_")
    camel = first + "".join(part.capitalize() for part in rest)
    return camel if camel in message and name == name.lower() else None


def _parsed(text: str, field: Scalar, name: str) -> Value:
    """Read one value from a query."""
    try:
        match field.kind:
            case FieldType.NUMBER:
                return int(text)
            case FieldType.FLAG:
                return {"true": True, "1": True, "false": False, "0": False}[text]
            case FieldType.TIME:
                return _time(text)
            case FieldType.WORD:
                return _enum_word(text, field)
            case FieldType.TEXT:
                return text
    except (ValueError, KeyError) as exc:
        raise BadRequestError(
            f'parsing field "{name}": invalid value "{text}"'
        ) from exc


def _time(text: str) -> datetime:
    # What is finer than a microsecond is cut off.
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError(text)
    return time


def _enum_word(text: str, field: Scalar) -> str:
    if text.lstrip("-").isdigit():
        number = int(text)
        return (
            field.enum_words[number]
            if 0 <= number < len(field.enum_words)
            else str(number)
        )
    if text not in field.enum_words:
        raise ValueError(text)
    return text


def from_body(body: bytes, message: Message) -> Values:
    """
    Read a JSON *body*; an empty one holds no fields, unknown ones are dropped.

    Raises:
        BadRequestError: If it is not JSON, or a field is of the wrong type.
    """
    if not body.strip():
        return {}
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise BadRequestError("proto: syntax error: the body is not JSON") from exc
    return _message(value, message, "request")


def _message(value: object, message: Message, name: str) -> Values:
    if not isinstance(value, dict):
        raise BadRequestError(f"proto: ({name}) unexpected token, not an object")
    return {
        field_name: _read(inner, message[field_name], key)
        for key, inner in value.items()
        if inner is not None and (field_name := _json_name(key, message)) is not None
    }


def _read(value: object, field: Field, name: str) -> Value:
    if field.repeated:
        if not isinstance(value, list):
            raise BadRequestError(f"proto: ({name}) unexpected token, not a list")
        return [_single(item, field, name) for item in value]
    if isinstance(field, Object) and field.keyed:
        if not isinstance(value, dict):
            raise BadRequestError(f"proto: ({name}) unexpected token, not a map")
        return {key: _message(x, field.fields, name) for key, x in value.items()}
    return _single(value, field, name)


def _single(value: object, field: Field, name: str) -> Value:
    """Read one value from JSON: a number may be text, an enum word a number."""
    if isinstance(field, Object):
        return _message(value, field.fields, name)
    wrong = BadRequestError(f"proto: ({name}) invalid value for its type")
    match field.kind:
        case FieldType.FLAG:
            if not isinstance(value, bool):
                raise wrong
            return value
        case FieldType.NUMBER | FieldType.WORD:
            if isinstance(value, bool) or not isinstance(value, str | int):
                raise wrong
        case FieldType.TEXT | FieldType.TIME:
            if not isinstance(value, str):
                raise wrong
    return _parsed(str(value), field, name)


def texts(values: Mapping[str, Value], name: str) -> list[str]:
    """Return a list of texts; empty if it is absent."""
    value = values.get(name, [])
    return [str(item) for item in value] if isinstance(value, list) else []


def text(values: Mapping[str, Value], name: str) -> str:
    """Return a text; empty if it is absent."""
    value = values.get(name, "")
    return value if isinstance(value, str) else ""


def inner(values: Mapping[str, Value], name: str) -> Values | None:
    """Return a message; None if it is absent."""
    value = values.get(name)
    return value if isinstance(value, dict) else None


def rows(values: Mapping[str, Value], name: str) -> Iterable[Values]:
    """Iterate over a list of messages."""
    value = values.get(name, [])
    for item in value if isinstance(value, list) else ():
        if isinstance(item, dict):
            yield item
